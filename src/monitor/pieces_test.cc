// Supervision of work that comes in pieces.
#include "monitor/pieces.h"

#include <gtest/gtest.h>

#include <optional>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

class Bell final : public monitor::Waker {
  public:
    void wake() noexcept override { rung.set(); }
    Event rung;
};

// Pieces, with all that they need beside them.
class Rig {
  public:
    explicit Rig(KillSwitch* kill_switch = nullptr, const Usage& before = {}) : kill_switch_(kill_switch) {
        meter.reset();
        meter.go_on_from(before);
        pieces.emplace(
            SuperviseOptions{.handler = "h", .cpu_clock = &clock, .meter = &meter, .kill_switch = kill_switch_}, before,
            interrupt_, &bell);
    }
    // A piece that waits afterwards.
    template <typename Work>
    bool piece(Work one) {
        return pieces->run(one) && pieces->pause();
    }

    ProcessCpuClock clock{::getpid()};
    UsageMeter meter;
    Interruptible work;
    Bell bell;
    std::optional<monitor::Pieces> pieces;

  private:
    std::function<void()> stop_{work.interrupt()};
    monitor::Prompt<std::function<void()>> prompt_{stop_};
    InterruptRef interrupt_{prompt_};
    KillSwitch* kill_switch_;
};

void do_nothing(const Invocation&) {}

void wait_until_no_timer_is_armed() {
    while (monitor::runtime_stats().timers_armed > 0) std::this_thread::sleep_for(1ms);
}

TEST(Pieces, AreOneInvocation) {
    Rig rig;
    const std::tuple monitors{WallClockMonitor(1h), CpuTimeMonitor(1h)};
    ASSERT_TRUE(rig.pieces->begin(monitors));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(rig.piece([&](const Invocation&) {
            const HostCallScope scope(rig.meter);
            rig.meter.add_bytes_out(10);
        }));
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_TRUE(rig.pieces->run(do_nothing));
    const Verdict verdict = rig.pieces->conclude();
    EXPECT_EQ(verdict.ending, Ending::completed);
    EXPECT_EQ(verdict.usage.host_calls, 3u);
    EXPECT_EQ(verdict.usage.bytes_out, 30u);
    EXPECT_GE(verdict.usage.waiting_time, 6ms);
    EXPECT_GE(verdict.usage.wall_time, verdict.usage.waiting_time);
    EXPECT_FALSE(rig.bell.rung.is_set());
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, CountersAddUpOverThreads) {
    Rig rig;
    const HostCallMonitor limit(2);
    ASSERT_TRUE(rig.pieces->begin(limit));
    bool waits = true;
    for (int i = 0; i < 3 && waits; ++i) {
        std::thread([&] {
            waits = rig.piece([&](const Invocation& call) {
                const HostCallScope scope(rig.meter);
                EXPECT_EQ(call.cancelled(), rig.meter.value(Counter::host_calls) == 3);
            });
        }).join();
    }
    EXPECT_FALSE(waits);
    const Verdict verdict = rig.pieces->conclude();
    EXPECT_EQ(verdict.ending, Ending::cancelled);
    EXPECT_EQ(verdict.error.terminated_by, "host-calls");
    EXPECT_EQ(rig.work.interrupts(), 1);
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, MonitorsOfCpuTimeSleepWhileItWaits) {
    Rig rig;
    const QuotaMonitor quota(1s, 1s);
    const std::tuple monitors{CpuTimeMonitor(30ms), quota};
    ASSERT_TRUE(rig.pieces->begin(monitors));
    EXPECT_TRUE(rig.piece([&](const Invocation&) { rig.work.burn(5ms); }));
    wait_until_no_timer_is_armed();
    EXPECT_FALSE(rig.pieces->ended());
    EXPECT_TRUE(rig.pieces->run([&](const Invocation&) { rig.work.burn(); }));
    EXPECT_FALSE(rig.pieces->pause());
    const Verdict verdict = rig.pieces->conclude();
    EXPECT_EQ(verdict.error.terminated_by, "cpu-time");
    EXPECT_GE(verdict.usage.cpu_time, 30ms);
    EXPECT_LT(verdict.usage.cpu_time, 300ms);
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, WallClockGoesOnWhileItWaits) {
    Rig rig;
    const WallClockMonitor limit(10ms);
    ASSERT_TRUE(rig.pieces->begin(limit));
    EXPECT_TRUE(rig.piece(do_nothing));
    EXPECT_TRUE(rig.bell.rung.wait());
    EXPECT_TRUE(rig.pieces->ended());
    std::this_thread::sleep_for(100ms);  // which is nothing that the invocation used
    EXPECT_FALSE(rig.pieces->run([](const Invocation&) { ADD_FAILURE(); }));
    const Verdict verdict = rig.pieces->conclude();
    EXPECT_EQ(verdict.ending, Ending::cancelled);
    EXPECT_EQ(verdict.error.terminated_by, "wall-clock");
    EXPECT_TRUE(verdict.error.ran);
    EXPECT_GE(verdict.usage.wall_time, 10ms);
    EXPECT_LT(verdict.usage.wall_time, 100ms);
    EXPECT_LE(verdict.usage.waiting_time, verdict.usage.wall_time);
    EXPECT_EQ(rig.work.interrupts(), 0);
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, WallClockWithoutPauses) {
    Rig rig;
    const WallClockMonitor limit = WallClockMonitor(20ms).excluding_pauses();
    EXPECT_EQ(limit.describe(), "20 ms of wall-clock time, pauses excluded");
    ASSERT_TRUE(rig.pieces->begin(limit));
    EXPECT_TRUE(rig.piece(do_nothing));
    wait_until_no_timer_is_armed();  // it has looked, and sleeps
    EXPECT_TRUE(rig.piece(do_nothing));
    wait_until_no_timer_is_armed();
    EXPECT_FALSE(rig.pieces->ended());
    EXPECT_TRUE(rig.pieces->run([&](const Invocation&) { rig.work.wait(); }));
    const Verdict verdict = rig.pieces->conclude();
    EXPECT_EQ(verdict.error.terminated_by, "wall-clock");
    EXPECT_GE(verdict.usage.wall_time - verdict.usage.waiting_time, 20ms);
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, OwnMonitorsGoOnAndEndIt) {
    Rig rig;
    std::stop_source stop;
    const FunctionMonitor own("own", [&](const Invocation&) -> Result<MonitorTask> { return when(stop.get_token()); });
    ASSERT_TRUE(rig.pieces->begin(own));
    EXPECT_TRUE(rig.piece(do_nothing));
    stop.request_stop();
    EXPECT_TRUE(rig.bell.rung.wait());
    EXPECT_EQ(rig.pieces->conclude().error.terminated_by, "own");
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, AreKilledWhileTheyWaitAndWhileTheyRun) {
    KillSwitch kill_switch;
    {
        Rig rig(&kill_switch);
        ASSERT_TRUE(rig.pieces->begin(std::tuple<>()));
        EXPECT_TRUE(rig.piece(do_nothing));
        EXPECT_TRUE(kill_switch.kill());
        EXPECT_FALSE(kill_switch.kill());
        EXPECT_TRUE(rig.bell.rung.is_set());
        EXPECT_EQ(rig.pieces->conclude().error.terminated_by, "kill");
    }
    {
        Rig rig(&kill_switch);
        ASSERT_TRUE(rig.pieces->begin(std::tuple<>()));
        EXPECT_TRUE(rig.piece(do_nothing));
        EXPECT_TRUE(rig.pieces->run([&](const Invocation&) {
            EXPECT_TRUE(kill_switch.kill());
            rig.work.wait();
        }));
        EXPECT_FALSE(rig.pieces->pause());
        EXPECT_EQ(rig.pieces->conclude().error.terminated_by, "kill");
        EXPECT_EQ(rig.work.interrupts(), 1);
    }
    EXPECT_FALSE(kill_switch.kill());
}

TEST(Pieces, AreEndedWhenTheyAreDropped) {
    KillSwitch kill_switch;
    {
        Rig rig(&kill_switch);
        const std::tuple monitors{WallClockMonitor(1h), quiet()};
        ASSERT_TRUE(rig.pieces->begin(monitors));
        EXPECT_TRUE(rig.piece(do_nothing));
    }
    EXPECT_FALSE(kill_switch.kill());
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, WhatOneThrowsComesOutInTheEnd) {
    Rig rig;
    const WallClockMonitor limit(1h);
    ASSERT_TRUE(rig.pieces->begin(limit));
    EXPECT_TRUE(rig.piece(do_nothing));
    EXPECT_TRUE(rig.pieces->run([](const Invocation&) { throw std::runtime_error("thrown"); }));
    EXPECT_THROW(static_cast<void>(rig.pieces->conclude()), std::runtime_error);
    EXPECT_NOTHING_LEFT();
}

TEST(Pieces, GoOnFromWhatWasUsed) {
    const Usage before{.wall_time = 2h,
                       .cpu_time = 1h,
                       .host_cpu_time = 1min,
                       .peak_heap = 7,
                       .host_calls = 4,
                       .bytes_in = 5,
                       .bytes_out = 6,
                       .bytes_printed = 8,
                       .waiting_time = 30min};
    {
        Rig rig(nullptr, before);
        const std::tuple monitors{WallClockMonitor(2h - 30min + 1min).excluding_pauses(), CpuTimeMonitor(1h + 2min),
                                  HostCallMonitor(4), OutputMonitor(14), QuotaMonitor(1s, 1s)};
        ASSERT_TRUE(rig.pieces->begin(monitors));
        EXPECT_TRUE(rig.pieces->run(do_nothing));
        const Verdict verdict = rig.pieces->conclude();
        EXPECT_EQ(verdict.ending, Ending::completed) << verdict.error.message;
        EXPECT_GE(verdict.usage.wall_time, before.wall_time);
        EXPECT_GE(verdict.usage.cpu_time, before.cpu_time);
        EXPECT_GE(verdict.usage.host_cpu_time, before.host_cpu_time);
        EXPECT_EQ(verdict.usage.host_calls, 4u);
        EXPECT_EQ(verdict.usage.bytes_in, 5u);
        EXPECT_EQ(verdict.usage.bytes_out, 6u);
        EXPECT_EQ(verdict.usage.bytes_printed, 8u);
        EXPECT_EQ(verdict.usage.peak_heap, 7u);
        EXPECT_EQ(verdict.usage.waiting_time, 30min);
    }
    const auto ended_by = [&](const auto& monitor) {
        Rig rig(nullptr, before);
        // What is exceeded already is found out by the monitor's task, perhaps before the first piece.
        if (rig.pieces->begin(monitor)) static_cast<void>(rig.pieces->run([&](const Invocation&) { rig.work.wait(); }));
        return rig.pieces->conclude().error.terminated_by;
    };
    EXPECT_EQ(ended_by(WallClockMonitor(2h)), "wall-clock");
    EXPECT_EQ(ended_by(WallClockMonitor(90min).excluding_pauses()), "wall-clock");
    EXPECT_EQ(ended_by(CpuTimeMonitor(1h + 1min)), "cpu-time");
    EXPECT_EQ(ended_by(HostCallMonitor(3)), "host-calls");
    EXPECT_EQ(ended_by(OutputMonitor(13)), "output");
    EXPECT_NOTHING_LEFT();
}

// Many that wait and go on, on changing threads, while their limits come at any time.
TEST(Pieces, LimitsAtAnyTime) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 100; ++i) {
                Rig rig;
                const std::tuple monitors{WallClockMonitor(std::chrono::microseconds(20 * (i % 20) + t + 1)),
                                          CpuTimeMonitor(std::chrono::microseconds(500)), timeout(1ms)};
                bool waits = rig.pieces->begin(monitors);
                while (waits) {
                    waits = rig.piece([&](const Invocation&) { rig.work.burn(5us); });
                    if (waits) std::thread([&] { waits = rig.piece(do_nothing); }).join();
                }
                EXPECT_NE(rig.pieces->conclude().ending, Ending::completed);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_NOTHING_LEFT();
}

}  // namespace
}  // namespace curfew::test
