// Makes system calls in the name of another process, to see what the kernel says to it.
#ifndef CURFEW_CELL_TESTING_BORROWED_PROCESS_H
#define CURFEW_CELL_TESTING_BORROWED_PROCESS_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>

namespace curfew::cell::testing {

// A process that waits in a system call most of the time. It goes on waiting when this ends.
class BorrowedProcess {
  public:
    explicit BorrowedProcess(pid_t pid) : pid_(pid) {
        while (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) {
            if (::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) != 0 || !stops()) return;
            if (::ptrace(PTRACE_GETREGS, pid, nullptr, &before_) != 0) return;
            held_ = is_behind_a_call();
            if (held_) return;
            ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
            std::this_thread::yield();
        }
    }
    BorrowedProcess(const BorrowedProcess&) = delete;
    BorrowedProcess& operator=(const BorrowedProcess&) = delete;
    ~BorrowedProcess() {
        if (!held_) return;
        ::ptrace(PTRACE_SETREGS, pid_, nullptr, &before_);
        ::ptrace(PTRACE_DETACH, pid_, nullptr, nullptr);
    }

    // False if this process may not, as systems may have it.
    explicit operator bool() const noexcept { return held_; }

    // Where the process finds a copy of these bytes, in place of the one before.
    template <typename T>
    std::uint64_t put(const T& value) {
        constexpr std::uint64_t kBelowTheStack = 1024;
        std::array<long, (sizeof value + sizeof(long) - 1) / sizeof(long)> words{};
        std::memcpy(words.data(), &value, sizeof value);
        const std::uint64_t address = (before_.rsp - kBelowTheStack) / 16 * 16;
        for (std::size_t i = 0; i < words.size(); ++i) {
            ::ptrace(PTRACE_POKEDATA, pid_, address + i * sizeof(long), words[i]);
        }
        return address;
    }

    // The kernel's answer. A call that a filter refuses by a signal is the last one: the process goes on with that.
    long call(long number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0) {
        user_regs_struct registers = before_;
        registers.rip -= kLengthOfSyscall;
        registers.orig_rax = ~0ULL;  // nothing is to be restarted
        registers.rax = static_cast<unsigned long long>(number);
        registers.rdi = a;
        registers.rsi = b;
        registers.rdx = c;
        registers.r10 = d;
        ::ptrace(PTRACE_SETREGS, pid_, nullptr, &registers);
        for (int stop = 0; stop < 2; ++stop) {  // before the call and after it
            ::ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
            if (!stops()) return 0;
        }
        if (is_refused()) {
            ::ptrace(PTRACE_DETACH, pid_, nullptr, nullptr);
            held_ = false;
            return 0;
        }
        ::ptrace(PTRACE_GETREGS, pid_, nullptr, &registers);
        return static_cast<long>(registers.rax);
    }

  private:
    static constexpr unsigned kLengthOfSyscall = 2;

    bool is_behind_a_call() const {
        constexpr long kSyscall = 0x050f;
        return (::ptrace(PTRACE_PEEKTEXT, pid_, before_.rip - kLengthOfSyscall, nullptr) & 0xffff) == kSyscall;
    }

    bool is_refused() const {
        __ptrace_peeksiginfo_args first{.off = 0, .flags = 0, .nr = 1};
        siginfo_t pending{};
        return ::ptrace(PTRACE_PEEKSIGINFO, pid_, &first, &pending) == 1 && pending.si_signo == SIGSYS;
    }

    bool stops() const {
        int status = 0;
        return ::waitpid(pid_, &status, __WALL) == pid_ && WIFSTOPPED(status);
    }

    pid_t pid_;
    bool held_ = false;
    user_regs_struct before_{};
};

}  // namespace curfew::cell::testing

#endif
