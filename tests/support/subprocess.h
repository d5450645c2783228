// Starts a program, talks to it, and tells how it ended. For tests of programs.
#ifndef CURFEW_TESTS_SUPPORT_SUBPROCESS_H
#define CURFEW_TESTS_SUPPORT_SUBPROCESS_H

#include <sys/types.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::testing_support {

struct Finished {
    int status = -1;  // the exit status; 128 plus the signal's number if a signal ended it
    std::string out;  // all of its standard output
    std::string err;  // all of its standard error
};

// One child process. Everything it prints is kept. Nothing waits longer than a minute: a child that takes longer is
// killed, and its status says so.
class Subprocess {
  public:
    // Starts a program (the first word, a path) with these arguments and this text on its standard input. `out`, if it
    // is given, is a file that takes the place of standard output. Throws std::system_error if it does not start.
    explicit Subprocess(const std::vector<std::string>& words, std::string_view in = {}, const char* out = nullptr);
    ~Subprocess();
    Subprocess(const Subprocess&) = delete;
    Subprocess& operator=(const Subprocess&) = delete;

    // Waits until its standard error holds the text; false if it ended before.
    bool wait_for_err(std::string_view text);

    // Does nothing after its end.
    void signal(int number) const;
    pid_t pid() const { return pid_; }

    // Waits for its end.
    Finished finish();

  private:
    bool read_more();

    pid_t pid_ = -1;
    std::array<int, 2> pipes_{-1, -1};  // the read ends of its standard output and standard error
    std::array<std::string, 2> texts_;
    std::chrono::steady_clock::time_point deadline_;
};

// Starts a program and waits for its end.
Finished run_program(const std::vector<std::string>& words, std::string_view in = {}, const char* out = nullptr);

}  // namespace curfew::testing_support

#endif
