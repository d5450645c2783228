#include "support/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace curfew::testing_support {
namespace {

constexpr auto kPatience = std::chrono::minutes(1);

void check(int error, const char* what) {
    if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

// A file in memory that holds the text, to be read from its start.
int file_with(std::string_view text) {
    const int file = memfd_create("standard input", MFD_CLOEXEC);
    if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(file, 0, SEEK_SET) != 0) {
        check(errno, "memfd");
    }
    return file;
}

}  // namespace

Subprocess::Subprocess(const std::vector<std::string>& words, std::string_view in, const char* out)
    : deadline_(std::chrono::steady_clock::now() + kPatience) {
    std::array<int, 2> out_pipe{};
    std::array<int, 2> err_pipe{};
    if (::pipe2(out_pipe.data(), O_CLOEXEC) != 0 || ::pipe2(err_pipe.data(), O_CLOEXEC) != 0) check(errno, "pipe2");
    const int input = file_with(in);

    posix_spawn_file_actions_t actions;
    check(posix_spawn_file_actions_init(&actions), "posix_spawn");
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out_pipe[1], STDOUT_FILENO);
    if (out != nullptr) posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, err_pipe[1], STDERR_FILENO);

    std::vector<std::string> copies(words);
    std::vector<char*> arguments;
    arguments.reserve(copies.size() + 1);
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int error = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    for (const int end : {input, out_pipe[1], err_pipe[1]}) ::close(end);
    pipes_ = {out_pipe[0], err_pipe[0]};
    check(error, "posix_spawn");
}

Subprocess::~Subprocess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    for (const int pipe : pipes_) {
        if (pipe >= 0) ::close(pipe);
    }
}

bool Subprocess::read_more() {
    std::array<pollfd, 2> waits{pollfd{pipes_[0], POLLIN, 0}, pollfd{pipes_[1], POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    const int ready = left.count() > 0 ? ::poll(waits.data(), waits.size(), static_cast<int>(left.count())) : 0;
    if (ready == 0) {
        texts_[1] += "\n(killed by the test: it ran for too long)\n";
        signal(SIGKILL);
        deadline_ += kPatience;
    }
    for (std::size_t i = 0; ready > 0 && i < waits.size(); ++i) {
        if (waits[i].revents == 0) continue;
        std::array<char, 4096> chunk{};
        const ssize_t length = ::read(pipes_[i], chunk.data(), chunk.size());
        if (length > 0) {
            texts_[i].append(chunk.data(), static_cast<std::size_t>(length));
        } else {
            ::close(pipes_[i]);
            pipes_[i] = -1;
        }
    }
    return pipes_[0] >= 0 || pipes_[1] >= 0;
}

bool Subprocess::wait_for_err(std::string_view text) {
    while (texts_[1].find(text) == std::string::npos) {
        if (!read_more()) return texts_[1].find(text) != std::string::npos;
    }
    return true;
}

void Subprocess::signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);  // to kill(), other numbers mean groups of processes, or all of them
}

Finished Subprocess::finish() {
    while (read_more()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return {
        .status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), .out = texts_[0], .err = texts_[1]};
}

Finished run_program(const std::vector<std::string>& words, std::string_view in, const char* out) {
    return Subprocess(words, in, out).finish();
}

}  // namespace curfew::testing_support
