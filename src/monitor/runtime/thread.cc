#include "monitor/runtime/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>

#include "base/thread.h"

namespace curfew::monitor::detail {

namespace {

constinit thread_local ThreadRole t_role = ThreadRole::none;
constinit std::atomic<ThreadRole> g_failing{ThreadRole::none};
constinit std::atomic<std::size_t> g_failed{0};

struct Start {
    ThreadRole role;
    void (*body)(void*);
    void* argument;
};

// A thread that runs in short pieces is let run soon after it wakes, also where another one computes on its CPU; else it
// may have to wait until that one has had its own piece, some milliseconds. Linux 6.12 or newer; nothing is lost without.
void ask_for_short_slices() noexcept {
    struct {
        std::uint32_t size;
        std::uint32_t policy;
        std::uint64_t flags;
        std::int32_t nice;
        std::uint32_t priority;
        std::uint64_t runtime;  // nanoseconds
        std::uint64_t deadline;
        std::uint64_t period;
    } attributes{};
    constexpr std::uint64_t kShortest = 100'000;
    // All but the slice stays as the host has it.
    if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
    if (attributes.policy != SCHED_OTHER) return;
    attributes.runtime = kShortest;
    ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

void* thread_main(void* argument) {
    const std::unique_ptr<Start> start(static_cast<Start*>(argument));
    t_role = start->role;
    ::pthread_setname_np(::pthread_self(), "curfew-monitor");
    // Timed waits end when they are due, not up to 50 us later. Cannot fail on Linux, and would only cost
    // accuracy.
    ::prctl(PR_SET_TIMERSLACK, 1);
    if (start->role == ThreadRole::timer) ask_for_short_slices();
    start->body(start->argument);
    return nullptr;
}

}  // namespace

ThreadRole thread_role() noexcept { return t_role; }

std::error_code start_thread(ThreadRole role, void (*body)(void*), void* argument) noexcept {
    if (g_failing.load(std::memory_order_relaxed) == role) {
        g_failed.fetch_add(1, std::memory_order_relaxed);
        return std::make_error_code(std::errc(EAGAIN));
    }
    std::unique_ptr<Start> start;
    try {
        start = std::make_unique<Start>(role, body, argument);
    } catch (const std::bad_alloc&) {
        return std::make_error_code(std::errc::not_enough_memory);
    }
    if (const std::error_code error = base::start_detached_thread(&thread_main, start.get())) return error;
    static_cast<void>(start.release());  // the thread's now
    return {};
}

void fail_thread_starts(ThreadRole role) noexcept { g_failing.store(role, std::memory_order_relaxed); }

std::size_t thread_starts_failed() noexcept { return g_failed.load(std::memory_order_relaxed); }

}  // namespace curfew::monitor::detail
