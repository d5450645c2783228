#include "table/echo_process.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "table/measure.h"

namespace curfew::bench {

namespace {

constexpr std::uint32_t kOurs = 0;  // what `turn` can be
constexpr std::uint32_t kTheirs = 1;
constexpr std::uint32_t kAsleep = 2;  // of one that spins: it is to block until it is told to go on

// The words are shared between processes, so these futexes are not private. Without a time limit, since
// setting a timer is not part of a bare round trip.
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

void futex_wake(std::atomic<std::uint32_t>& word) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

}  // namespace

struct EchoProcess::Shared {
    std::atomic<std::uint32_t> turn;
};

Result<std::unique_ptr<EchoProcess>> EchoProcess::start(Way way, int cpu) {
    void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return failed_call("mapping memory for two processes");
    auto* const shared = new (memory) Shared{way == Way::spin ? kAsleep : kOurs};
    std::unique_ptr<EchoProcess> process(new EchoProcess(way, shared));

    // Other threads may hold locks at this moment, so the child does nothing but call the kernel.
    const pid_t parent = ::getpid();
    process->pid_ = ::fork();
    if (process->pid_ < 0) return failed_call("starting a process");
    if (process->pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        cpu_set_t only;
        CPU_ZERO(&only);
        CPU_SET(static_cast<unsigned>(cpu), &only);
        ::sched_setaffinity(0, sizeof only, &only);
        serve(way, *shared);
    }
    return process;
}

EchoProcess::~EchoProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    ::munmap(shared_, sizeof(Shared));
}

void EchoProcess::serve(Way way, Shared& shared) noexcept {
    for (;;) {
        const std::uint32_t turn = shared.turn.load(std::memory_order_acquire);
        if (turn == kTheirs) {
            shared.turn.store(kOurs, std::memory_order_release);
            if (way == Way::futex) futex_wake(shared.turn);
        } else if (way == Way::futex || turn == kAsleep) {
            futex_wait(shared.turn, turn);
        } else {
            __builtin_ia32_pause();
        }
    }
}

void EchoProcess::call() noexcept {
    shared_->turn.store(kTheirs, std::memory_order_release);
    if (way_ == Way::futex) futex_wake(shared_->turn);
    while (shared_->turn.load(std::memory_order_acquire) == kTheirs) {
        if (way_ == Way::futex) {
            futex_wait(shared_->turn, kTheirs);
        } else {
            __builtin_ia32_pause();
        }
    }
}

void EchoProcess::wake_up() noexcept {
    shared_->turn.store(kOurs, std::memory_order_release);
    futex_wake(shared_->turn);
    call();  // so that it is on its feet
}

void EchoProcess::sleep() noexcept { shared_->turn.store(kAsleep, std::memory_order_release); }

}  // namespace curfew::bench
