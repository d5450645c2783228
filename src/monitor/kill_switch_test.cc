// Kill switches: they end what runs, once, and nothing else.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

TEST(Kill, EndsWhatRunsAndNothingElse) {
    const KillSwitch kill_switch;
    EXPECT_FALSE(kill_switch.kill());
    for (const bool monitored : {false, true}) {
        KillSwitch copy = kill_switch;
        Interruptible work;
        Event running;
        std::thread killer([&] {
            running.wait();
            EXPECT_TRUE(kill_switch.kill());
            EXPECT_FALSE(kill_switch.kill());
        });
        const std::vector<AnyMonitor> monitors =
            monitored ? std::vector<AnyMonitor>{WallClockMonitor(1h)} : std::vector<AnyMonitor>{};
        const auto done = supervise(monitors, {.handler = "greet", .kill_switch = &copy}, work.interrupt(), [&] {
            running.set();
            work.wait();
            killer.join();
        });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::cancelled);
        EXPECT_EQ(done.error().terminated_by, "kill");
        EXPECT_EQ(work.interrupts(), 1);
        EXPECT_FALSE(kill_switch.kill());
    }
}

TEST(Kill, ByTheWorkItself) {
    KillSwitch kill_switch;
    Interruptible work;
    const auto done =
        supervise(std::tuple<>{}, {.kill_switch = &kill_switch}, work.interrupt(), [&](const Invocation& call) {
            EXPECT_TRUE(kill_switch.kill());
            EXPECT_TRUE(call.cancelled());
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "kill");
}

TEST(Kill, MovedFromSwitchKillsNothing) {
    KillSwitch kill_switch;
    const KillSwitch other = std::move(kill_switch);
    EXPECT_FALSE(kill_switch.kill());  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(other.kill());
}

TEST(Kill, RacesWithTheEndAndWithMonitors) {
    KillSwitch kill_switch;
    std::atomic<bool> stop{false};
    std::atomic<int> killed{0};
    std::thread killer([&] {
        while (!stop) {
            killed += kill_switch.kill() ? 1 : 0;
            std::this_thread::sleep_for(std::chrono::microseconds(rand() % 60));
        }
    });
    int by_kill = 0;
    int by_clock = 0;
    for (int i = 0; i < 5000; ++i) {
        std::atomic<int> interrupts{0};
        const auto done =
            supervise(WallClockMonitor(60us), {.kill_switch = &kill_switch}, monitor::prompt([&] { ++interrupts; }),
                      [&](const Invocation& call) {
                          while (interrupts == 0 &&
                                 std::chrono::steady_clock::now() < call.start() + std::chrono::microseconds(i % 120)) {
                          }
                          return i;
                      });
        if (done) {
            ASSERT_EQ(interrupts, 0);
        } else if (done.error().terminated_by == "kill") {
            ++by_kill;
        } else {
            ASSERT_EQ(done.error().terminated_by, "wall-clock");
            ++by_clock;
        }
        ASSERT_LE(interrupts, 1);
    }
    stop = true;
    killer.join();
    EXPECT_EQ(by_kill, killed);
    EXPECT_GT(by_kill + by_clock, 0);
    EXPECT_NOTHING_LEFT();
}

}  // namespace
}  // namespace curfew::test
