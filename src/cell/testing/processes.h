// What the tests need of the system: children, and what /proc shows of a process.
#ifndef CURFEW_CELL_TESTING_PROCESSES_H
#define CURFEW_CELL_TESTING_PROCESSES_H

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cell/descriptor.h"

namespace curfew::cell::testing {

// Long enough for whatever happens at once on an idle machine.
inline constexpr std::chrono::seconds kPatience{60};

// Forking a process with several threads is no use under these sanitizers, whose own locks stay locked in the child.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kForksAmongThreads = false;
#else
inline constexpr bool kForksAmongThreads = true;
#endif

// A child of the test, killed and reaped when this ends.
class Child {
  public:
    // Runs `work` in a fork of this process, which then exits with status 0, or 1 if an expectation failed in it.
    explicit Child(const std::function<void()>& work);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    pid_t pid() const noexcept { return pid_; }
    void kill() const noexcept;

    // As waitpid(2); 0 is success.
    int wait();

  private:
    pid_t pid_;
    bool waited_ = false;
};

// Runs `work` in a fork of this process, and expects all its expectations to hold there.
void run_in_child(const std::function<void()>& work);

// A way for a child to tell its parent a few numbers.
class NumberPipe {
  public:
    NumberPipe();
    void send(std::int64_t number) const;
    std::int64_t receive() const;  // -1 if there are no more; waits otherwise

    // In the parent, after the child was made: so that the end of the child is the end of the numbers.
    void close_sender() { write_ = Descriptor(); }

  private:
    Descriptor read_, write_;
};

// Waits for the end of processes that are no children of this one.
class ProcessWatch {
  public:
    explicit ProcessWatch(pid_t pid);
    bool ends() const;  // waits kPatience for it
    bool has_ended() const;

  private:
    Descriptor handle_;
};

struct MappingLine {
    std::uint64_t start, end;
    std::string permissions;
    std::string name;  // without "(deleted)"

    friend bool operator==(const MappingLine&, const MappingLine&) = default;
};

std::vector<MappingLine> mappings_of(pid_t pid);
std::string status_of(pid_t pid, const std::string& field);  // a line of /proc/PID/status, without name and blanks
pid_t parent_of(pid_t pid);
std::vector<pid_t> children_of(pid_t pid);  // not those that have ended, nor the one that keeps cells' pids
std::vector<pid_t> processes_of_cells();    // of this process; one that stands ready to become a cell is among them
std::size_t descriptors_of(pid_t pid);
std::string content_of(const std::string& path);
std::uint64_t resident_bytes();  // of this process

}  // namespace curfew::cell::testing

#endif
