// The built-in monitors, one by one, and soft monitors.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};
constexpr auto kMaxCount = std::numeric_limits<std::uint64_t>::max();

// ---- limits that no monitor accepts, and limits that are none

template <typename Make>
void expect_refused(Make make, const char* name) {
    try {
        static_cast<void>(make());
        ADD_FAILURE() << name << " accepted the limit";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find("give a"), std::string::npos) << e.what();
    }
}

TEST(Limits, ZeroAndLessAreRefused) {
    for (const auto limit : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
        expect_refused([&] { return WallClockMonitor(limit); }, "WallClockMonitor");
        expect_refused([&] { return CpuTimeMonitor(limit); }, "CpuTimeMonitor");
        expect_refused([&] { return QuotaMonitor(limit, 1s); }, "QuotaMonitor");
        expect_refused([&] { return QuotaMonitor(1s, limit); }, "QuotaMonitor");
    }
    expect_refused([&] { return WallClockMonitor(std::chrono::hours::min()); }, "WallClockMonitor");
    expect_refused([&] { return WallClockMonitor(std::chrono::duration<double>(std::nan(""))); },
                   "WallClockMonitor");
    for (const int limit : {0, -1, std::numeric_limits<int>::min()}) {
        expect_refused([&] { return MemoryMonitor(limit); }, "MemoryMonitor");
        expect_refused([&] { return HostCallMonitor(limit); }, "HostCallMonitor");
        expect_refused([&] { return OutputMonitor(limit); }, "OutputMonitor");
    }
    expect_refused([&] { return DeadlineMonitor(std::chrono::steady_clock::time_point()); },
                   "DeadlineMonitor");
    expect_refused([&] { return DeadlineMonitor(std::chrono::system_clock::time_point()); },
                   "DeadlineMonitor");
}

TEST(Limits, LongestIsNoLimitAndNothingWrapsAround) {
    EXPECT_EQ(WallClockMonitor(std::chrono::hours::max()).limit(), std::chrono::nanoseconds::max());
    EXPECT_EQ(WallClockMonitor(std::chrono::duration<double>(1e300)).limit(),
              std::chrono::nanoseconds::max());
    const std::vector<AnyMonitor> all{
        WallClockMonitor(std::chrono::nanoseconds::max()),
        WallClockMonitor(std::chrono::nanoseconds::max() - 1ns),  // start + limit would overflow
        WallClockMonitor(std::chrono::hours::max()),
        WallClockMonitor(std::chrono::nanoseconds::max()).excluding_host_calls(),
        CpuTimeMonitor(std::chrono::nanoseconds::max()),
        CpuTimeMonitor(std::chrono::hours::max()),
        DeadlineMonitor(std::chrono::steady_clock::time_point::max()),
        DeadlineMonitor(std::chrono::system_clock::time_point::max()),
        QuotaMonitor(std::chrono::nanoseconds::max(), 1s),
        QuotaMonitor(1s, std::chrono::nanoseconds::max()),
        MemoryMonitor(kMaxCount),
        HostCallMonitor(kMaxCount),
        OutputMonitor(kMaxCount),
        StopTokenMonitor(std::stop_token()),
        timeout(std::chrono::nanoseconds::max()),
    };
    UsageMeter meter;
    const auto done = supervise(all, {.meter = &meter}, kNoInterrupt, [&] {
        meter.set_heap(kMaxCount);
        meter.add_bytes_printed(kMaxCount);
        meter.add_bytes_printed(kMaxCount);  // stays at the end
        const HostCallScope call(meter);
        std::this_thread::sleep_for(5ms);
        return meter.value(Counter::output);
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(*done, kMaxCount);
}

TEST(Limits, SleepOfOddLengths) {
    const auto sleeps = [](std::chrono::nanoseconds length) {
        Interruptible work;
        const auto done = supervise(timeout(length), work.interrupt(), [&] { work.wait(); });
        return !done && done.error().terminated_by == "timeout";
    };
    EXPECT_TRUE(sleeps(0ns));
    EXPECT_TRUE(sleeps(-1s));
    EXPECT_TRUE(sleeps(std::chrono::nanoseconds::min()));
}

// ---- wall clock

TEST(WallClock, ExcludingHostCallsCountsOnlyTheRest) {
    UsageMeter meter;
    Interruptible work;
    std::chrono::nanoseconds outside{};
    const auto start = std::chrono::steady_clock::now();
    const auto done =
        supervise(WallClockMonitor(30ms).excluding_host_calls(), {.meter = &meter}, work.interrupt(), [&] {
            for (int i = 0; i < 4; ++i) {
                const HostCallScope call(meter);
                std::this_thread::sleep_for(20ms);
            }
            EXPECT_EQ(work.interrupts(), 0) << "80 ms in host calls were charged to a limit of 30 ms";
            const auto left = std::chrono::steady_clock::now();
            work.wait();
            outside = std::chrono::steady_clock::now() - left;
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    EXPECT_GE(std::chrono::steady_clock::now() - start, 110ms);
    EXPECT_GT(outside, 15ms);
    EXPECT_NE(done.error().message.find("host calls excluded"), std::string::npos) << done.error().message;
}

TEST(WallClock, ExcludingHostCallsSleepsWhileOneLasts) {
    UsageMeter meter;
    const auto before = monitor::runtime_stats().timer_wake_ups;
    const auto done =
        supervise(WallClockMonitor(5ms).excluding_host_calls(), {.meter = &meter}, kNoInterrupt, [&] {
            const HostCallScope call(meter);
            std::this_thread::sleep_for(200ms);
        });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 4u);
}

// ---- deadline

TEST(Deadline, EndsAtItAndKeepsLaterCallsFromRunning) {
    const auto deadline = std::chrono::steady_clock::now() + 20ms;
    const DeadlineMonitor monitor(deadline);
    Interruptible work;
    const auto done = supervise(monitor, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "deadline");
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);

    bool ran = false;
    const auto late = supervise(monitor, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::cancelled);
    EXPECT_EQ(late.error().terminated_by, "deadline");
    EXPECT_NE(late.error().message.find("was not run"), std::string::npos) << late.error().message;
    EXPECT_FALSE(ran);
}

TEST(Deadline, OfTheSystemClock) {
    const auto deadline = std::chrono::system_clock::now() + 10ms;
    Interruptible work;
    const auto done = supervise(DeadlineMonitor(deadline), work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "deadline");
    EXPECT_GE(std::chrono::system_clock::now(), deadline);
    EXPECT_FALSE(supervise(DeadlineMonitor(std::chrono::system_clock::now() - 1h), kNoInterrupt, [] {}));
}

// ---- counters

TEST(HostCalls, OneOverTheLimitIsDecidedBeforeItRuns) {
    UsageMeter meter;
    Interruptible work;
    int host_function_ran = 0;
    const auto done =
        supervise(HostCallMonitor(3), {.meter = &meter}, work.interrupt(), [&](const Invocation& call) {
            for (int i = 0; i < 10; ++i) {
                const HostCallScope scope(meter);
                if (call.cancelled()) return;
                ++host_function_ran;
            }
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "host-calls");
    EXPECT_EQ(host_function_ran, 3);
    EXPECT_EQ(done.error().usage.host_calls, 4u);
    EXPECT_EQ(work.interrupts(), 1);
    EXPECT_NE(done.error().message.find("limit: 3 host calls"), std::string::npos) << done.error().message;
}

TEST(HostCalls, ExactlyTheLimitIsAllowed) {
    UsageMeter meter;
    Usage usage;
    const auto done = supervise(HostCallMonitor(3), {.meter = &meter, .usage = &usage}, kNoInterrupt, [&] {
        for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
    });
    EXPECT_TRUE(done);
    EXPECT_EQ(usage.host_calls, 3u);
}

TEST(Output, CountsPrintedAndPassedOut) {
    UsageMeter meter;
    Interruptible work;
    Usage usage;
    const auto done = supervise(OutputMonitor(100), {.meter = &meter, .usage = &usage}, work.interrupt(),
                                [&](const Invocation& call) {
                                    meter.add_bytes_in(5000);  // does not count
                                    meter.add_bytes_printed(60);
                                    EXPECT_FALSE(call.cancelled());
                                    meter.add_bytes_out(40);
                                    EXPECT_FALSE(call.cancelled());
                                    meter.add_bytes_out(1);
                                    EXPECT_TRUE(call.cancelled());
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "output");
    EXPECT_EQ(usage.bytes_in, 5000u);
    EXPECT_EQ(usage.bytes_printed, 60u);
    EXPECT_EQ(usage.bytes_out, 41u);
}

TEST(Memory, CountsWhatIsAllocatedNow) {
    UsageMeter meter;
    Interruptible work;
    Usage usage;
    const auto done = supervise(MemoryMonitor(1 << 20), {.meter = &meter, .usage = &usage}, work.interrupt(),
                                [&](const Invocation& call) {
                                    EXPECT_EQ(meter.next_threshold(Counter::heap), 1u << 20);
                                    for (int i = 0; i < 10; ++i) {
                                        meter.set_heap(1 << 20);
                                        meter.set_heap(1000);
                                    }
                                    EXPECT_FALSE(call.cancelled());
                                    meter.set_heap((1 << 20) + 1);
                                    EXPECT_TRUE(call.cancelled());
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "memory");
    EXPECT_EQ(usage.peak_heap, (1u << 20) + 1);
    EXPECT_NE(done.error().message.find("limit: 1 MiB of heap"), std::string::npos) << done.error().message;
    EXPECT_EQ(meter.next_threshold(Counter::heap), UsageMeter::kNoThreshold);
}

TEST(Counters, LowestOfManyThresholdsIsKept) {
    UsageMeter meter;
    Interruptible work;
    const auto done =
        supervise(std::tuple{HostCallMonitor(9), SoftMonitor(HostCallMonitor(2)), HostCallMonitor(5)},
                  {.meter = &meter}, work.interrupt(), [&](const Invocation& call) {
                      EXPECT_EQ(meter.next_threshold(Counter::host_calls), 2u);
                      for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
                      EXPECT_EQ(meter.next_threshold(Counter::host_calls), 5u);
                      EXPECT_FALSE(call.cancelled());
                      for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
                      EXPECT_TRUE(call.cancelled());
                  });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "host-calls");
    EXPECT_EQ(meter.next_threshold(Counter::host_calls), UsageMeter::kNoThreshold);
    meter.reset();
    EXPECT_EQ(meter.snapshot(), Usage{});
}

TEST(Counters, ExceededBeforeTheStart) {
    UsageMeter meter;
    meter.add_bytes_printed(10);
    bool ran = false;
    const auto done = supervise(OutputMonitor(9), {.meter = &meter}, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "output");
    EXPECT_FALSE(ran);
}

// A custom monitor that waits for a counter goes on on the runtime, not on the thread that counts.
TEST(Counters, CustomMonitorsMayWaitForThem) {
    UsageMeter meter;
    Interruptible work;
    std::string where;
    const FunctionMonitor chatty("chatty", [&where](const Invocation& call) -> Result<MonitorTask> {
        return [](const Invocation& c, std::string& w) -> MonitorTask {
            co_await c.usage().exceeds(Counter::bytes_printed, 3);
            w = thread_name();
        }(call, where);
    });
    const auto done = supervise(chatty, {.meter = &meter}, work.interrupt(), [&] {
        meter.add_bytes_printed(4);
        work.wait();
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "chatty");
    EXPECT_EQ(where, "curfew-monitor");
}

// ---- stop token

TEST(StopToken, EndsWhenAStopIsRequested) {
    std::stop_source source;
    Interruptible work;
    Event running;
    std::thread stopper([&] {
        running.wait();
        source.request_stop();
    });
    const auto done = supervise(StopTokenMonitor(source.get_token()), work.interrupt(), [&] {
        running.set();
        work.wait();
    });
    stopper.join();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "stop-token");
    EXPECT_EQ(work.interrupts(), 1);

    bool ran = false;
    EXPECT_FALSE(supervise(StopTokenMonitor(source.get_token()), kNoInterrupt, [&] { ran = true; }));
    EXPECT_FALSE(ran);
}

TEST(StopToken, RequestedByTheWorkItself) {
    std::stop_source source;
    Interruptible work;
    std::thread::id interrupter;
    const auto done = supervise(
        StopTokenMonitor(source.get_token()),
        [&] {
            interrupter = std::this_thread::get_id();
            work.interrupt()();
        },
        [&](const Invocation& call) {
            source.request_stop();
            EXPECT_TRUE(call.cancelled());
            work.wait();
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "stop-token");
    EXPECT_NE(interrupter, std::this_thread::get_id());
}

// ---- soft monitors

class Recorder final : public monitor::Observer {
  public:
    struct Entry {
        std::string monitor, handler, message;
    };
    Recorder() {
        before_ = monitor::set_observer(std::shared_ptr<Observer>(this, [](Observer*) {}));
    }
    ~Recorder() override { monitor::set_observer(before_); }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    void terminated(const monitor::Termination& t) noexcept override {
        const std::lock_guard lock(mutex_);
        terminations.push_back({std::string(t.monitor), std::string(t.handler), t.error.message});
    }
    void warned(const monitor::Warning& w) noexcept override {
        const std::lock_guard lock(mutex_);
        warnings.push_back({std::string(w.monitor), std::string(w.handler), std::string(w.message)});
    }
    std::vector<Entry> terminations, warnings;

  private:
    std::mutex mutex_;
    std::shared_ptr<Observer> before_;
};

TEST(Soft, WarnsOnceAndLetsGoOnUntilTheHardOneEndsIt) {
    Recorder recorder;
    Interruptible work;
    Event warned;
    std::string thread;
    const SoftMonitor notice(WallClockMonitor(2ms), [&](const monitor::Warning& warning) {
        EXPECT_EQ(warning.monitor, "wall-clock");
        EXPECT_EQ(warning.handler, "greet");
        thread = thread_name();
        warned.set();
    });
    static_assert(ExecutionMonitor<decltype(notice)>);
    const auto done =
        supervise(std::tuple{notice, WallClockMonitor(20ms)}, {.handler = "greet"}, work.interrupt(), [&] {
            EXPECT_TRUE(warned.wait());
            EXPECT_EQ(work.interrupts(), 0);
            work.wait();
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    EXPECT_EQ(thread, "curfew-monitor");
    ASSERT_EQ(recorder.warnings.size(), 1u);
    EXPECT_NE(recorder.warnings[0].message.find("2 ms of wall-clock time"), std::string::npos)
        << recorder.warnings[0].message;
    ASSERT_EQ(recorder.terminations.size(), 1u);
    EXPECT_EQ(recorder.terminations[0].monitor, "wall-clock");
    EXPECT_EQ(recorder.terminations[0].handler, "greet");
    EXPECT_EQ(recorder.terminations[0].message, done.error().message);
}

TEST(Soft, WithinItsLimitItSaysNothing) {
    Recorder recorder;
    EXPECT_TRUE(supervise(SoftMonitor(WallClockMonitor(1h)), kNoInterrupt, [] {}));
    EXPECT_TRUE(recorder.warnings.empty());
    EXPECT_TRUE(recorder.terminations.empty());
}

TEST(Soft, ExceededAtTheStartWarnsAndRuns) {
    Recorder recorder;
    bool ran = false;
    EXPECT_TRUE(supervise(SoftMonitor(immediate()), kNoInterrupt, [&] { ran = true; }));
    EXPECT_TRUE(ran);
    EXPECT_EQ(recorder.warnings.size(), 1u);
}

TEST(Soft, CallbackThatThrowsAndMonitorThatFailsLater) {
    Recorder recorder;
    {
        Event warned;
        const SoftMonitor careless(timeout(1ms), [&](const monitor::Warning&) {
            warned.set();
            throw std::runtime_error("bad callback");
        });
        EXPECT_TRUE(supervise(careless, kNoInterrupt, [&] { EXPECT_TRUE(warned.wait()); }));
        ASSERT_EQ(recorder.warnings.size(), 1u);
        EXPECT_NE(recorder.warnings[0].message.find("bad callback"), std::string::npos);
    }
    {
        Event warned;
        const FunctionMonitor failing("failing", [](const Invocation&) -> Result<MonitorTask> {
            return [](Counted) -> MonitorTask {
                co_await monitor::sleep(1ms);
                throw std::runtime_error("lost sight");
            }(Counted());
        });
        const SoftMonitor soft(failing, [&](const monitor::Warning& w) {
            EXPECT_NE(w.message.find("lost sight"), std::string_view::npos) << w.message;
            warned.set();
        });
        EXPECT_TRUE(supervise(soft, kNoInterrupt, [&] { EXPECT_TRUE(warned.wait()); }));
    }
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Soft, FailsClosedLikeAnyOther) {
    const NoCpuClock none;
    bool ran = false;
    auto done =
        supervise(SoftMonitor(CpuTimeMonitor(1s)), {.cpu_clock = &none}, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);

    const FunctionMonitor throws("throws", [](const Invocation&) -> Result<MonitorTask> {
        return [](Counted) -> MonitorTask {
            throw std::runtime_error("no luck");
            co_return;
        }(Counted());
    });
    done = supervise(SoftMonitor(throws), kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
    EXPECT_FALSE(ran);
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Soft, DoesNotReplaceAHardDefault) {
    Interruptible work;
    const std::tuple defaults{timeout(2ms, "t")};
    const auto done = supervise(SoftMonitor(timeout(1h, "t")), {.defaults = defaults}, work.interrupt(),
                                [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "t");
    EXPECT_TRUE(AnyMonitor(SoftMonitor(timeout(1h, "t"))).soft());
}

}  // namespace
}  // namespace curfew::test
