// CPU time: what counts, what does not, and how seldom it is read.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

TEST(CpuTime, BusyWorkIsEndedAfterItsLimitAndNotBefore) {
    Interruptible work;
    std::chrono::nanoseconds burnt{};
    const auto done = supervise(CpuTimeMonitor(20ms), work.interrupt(), [&] {
        const auto start = base::thread_cpu_time();
        work.burn();
        burnt = base::thread_cpu_time() - start;
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "cpu-time");
    EXPECT_GE(done.error().usage.cpu_time, 20ms);
    EXPECT_GE(burnt, 10ms);  // less than the limit by what supervise itself used
    EXPECT_NE(done.error().message.find("limit: 20 ms of CPU time"), std::string::npos) << done.error().message;
}

TEST(CpuTime, SleepingDoesNotCount) {
    Usage usage;
    const auto done =
        supervise(CpuTimeMonitor(50ms), {.usage = &usage}, kNoInterrupt, [] { std::this_thread::sleep_for(200ms); });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_GE(usage.wall_time, 200ms);
    EXPECT_LT(usage.cpu_time, 50ms);
}

// A guest's clock that stands still, so that only its host burns.
class StillClock final : public CpuClock {
    std::optional<std::chrono::nanoseconds> now() const noexcept override { return 1s; }
};

TEST(CpuTime, HostCallsCountWithTheirOwnClock) {
    const StillClock clock;
    UsageMeter meter;
    Usage usage;
    Interruptible work;
    const auto done =
        supervise(CpuTimeMonitor(30ms), {.cpu_clock = &clock, .meter = &meter, .usage = &usage}, work.interrupt(), [&] {
            work.burn(60ms);  // the caller's own: not charged
            {
                const HostCallScope call(meter);
                std::this_thread::sleep_for(60ms);  // waiting in a host call: not charged
            }
            EXPECT_EQ(work.interrupts(), 0);
            const HostCallScope call(meter);
            work.burn();
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "cpu-time");
    EXPECT_EQ(usage.cpu_time, 0ns);
    EXPECT_GE(usage.host_cpu_time, 30ms);
    EXPECT_EQ(usage.host_calls, 2u);
}

TEST(CpuTime, OtherWorkOfTheHostCountsWithoutBeingAHostCall) {
    const StillClock clock;
    UsageMeter meter;
    Usage usage;
    Interruptible work;
    const auto done = supervise(std::tuple{CpuTimeMonitor(30ms), HostCallMonitor(1)},
                                {.cpu_clock = &clock, .meter = &meter, .usage = &usage}, work.interrupt(), [&] {
                                    for (int i = 0; i < 10; ++i) const HostWorkScope scope(meter);
                                    const HostCallScope call(meter);
                                    const HostWorkScope inside(meter);
                                    work.burn();
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "cpu-time");
    EXPECT_GE(usage.host_cpu_time, 30ms);
    EXPECT_EQ(usage.host_calls, 1u);
}

TEST(CpuTime, OtherThreadsOfTheProcessDoNotCount) {
    std::atomic<bool> stop{false};
    std::thread noise([&] {
        while (!stop) {
        }
    });
    Usage usage;
    const auto done =
        supervise(CpuTimeMonitor(80ms), {.usage = &usage}, kNoInterrupt, [] { std::this_thread::sleep_for(150ms); });
    stop = true;
    noise.join();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LT(usage.cpu_time, 80ms);
}

TEST(CpuTime, WithoutAClockItFailsToStart) {
    const NoCpuClock none;
    bool ran = false;
    const auto done = supervise(CpuTimeMonitor(1s), {.cpu_clock = &none}, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
    EXPECT_NE(done.error().message.find("cannot be measured"), std::string::npos) << done.error().message;
    EXPECT_FALSE(ran);

    const ProcessCpuClock no_process(-1);
    EXPECT_EQ(no_process.now(), std::nullopt);
}

// A process that burns CPU time until it is killed.
pid_t start_burning_child() {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever becomes of the test
        for (std::atomic<unsigned> i = 0;; ++i) {
        }
    }
    return child;
}

std::chrono::nanoseconds time_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// Now and then the kernel charges a process a whole tick more as it exits, on a busy machine in one of ten: so there is
// more than one try.
TEST(CpuTime, OfAChildAgreesWithTheKernelsAccount) {
    constexpr int kTries = 20;
    bool agrees = false;
    for (int i = 0; i < kTries && !agrees; ++i) {
        const pid_t child = start_burning_child();
        const ProcessCpuClock clock(child);
        const auto done = supervise(CpuTimeMonitor(100ms), {.cpu_clock = &clock},
                                    monitor::prompt([child] { ::kill(child, SIGKILL); }), [child] {
                                        siginfo_t info{};
                                        ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
                                    });
        rusage account{};
        int status = 0;
        ASSERT_EQ(::wait4(child, &status, 0, &account), child);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().terminated_by, "cpu-time");
        const auto kernel = time_of(account.ru_utime) + time_of(account.ru_stime);
        const auto ours = done.error().usage.cpu_time;
        EXPECT_GE(ours, 100ms);
        agrees = std::chrono::abs(kernel - ours) <= 1ms + kernel / 50;
    }
    EXPECT_TRUE(agrees);
}

TEST(CpuTime, OfManyThreadsAtOnceIsReadInTime) {
    class FourThreads final : public CpuClock {
      public:
        std::optional<std::chrono::nanoseconds> now() const noexcept override {
            return 4 * (std::chrono::steady_clock::now() - start_);
        }
        unsigned parallelism() const noexcept override { return 4; }

      private:
        std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    };
    const FourThreads clock;
    Interruptible work;
    const auto done = supervise(CpuTimeMonitor(200ms), {.cpu_clock = &clock}, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_GE(done.error().usage.cpu_time, 200ms);
    EXPECT_LT(done.error().usage.wall_time, 190ms) << "as late as for one thread";
}

TEST(CpuTime, ClockThatFailsLaterEndsTheInvocation) {
    class FailingClock final : public CpuClock {
      public:
        std::optional<std::chrono::nanoseconds> now() const noexcept override {
            if (readings_.fetch_add(1) > 0) return std::nullopt;
            return 5ms;
        }

      private:
        mutable std::atomic<int> readings_{0};
    };
    const FailingClock clock;
    Interruptible work;
    const auto done = supervise(CpuTimeMonitor(5ms), {.cpu_clock = &clock}, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::cancelled);
    EXPECT_EQ(done.error().terminated_by, "cpu-time");
    EXPECT_NE(done.error().message.find("can no longer be read"), std::string::npos) << done.error().message;
}

// Some kernels write the time of a running process down at its CPU's tick only, so that two readings show nothing or
// some milliseconds between them, never less.
TEST(CpuTime, OfARunningProcessIsReadExactly) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (volatile unsigned turns = 0;;) turns = turns + 1;
    }
    const ProcessCpuClock clock(child);
    const int policy = ::sched_getscheduler(child);
    std::chrono::nanoseconds smallest = 1h;
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (smallest >= 500us && std::chrono::steady_clock::now() < give_up) {
        const auto before = clock.now_while_running();
        for (const auto start = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - start < 100us;) {
        }
        const auto after = clock.now_while_running();
        ASSERT_TRUE(before && after);
        if (*after > *before) smallest = std::min(smallest, *after - *before);
    }
    EXPECT_LT(smallest, 500us);
    EXPECT_EQ(::sched_getscheduler(child), policy);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(clock.now_while_running());
}

}  // namespace
}  // namespace curfew::test
