// Soft monitors: they warn, and let go on.
#include <gtest/gtest.h>

#include <vector>

#include "monitor/report.h"
#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

class Recorder final : public MonitorObserver {
  public:
    struct Entry {
        std::string monitor, handler, message, limit = {};
    };
    Recorder() { reporting::set_reporter(this); }
    ~Recorder() override { reporting::set_reporter(nullptr); }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    void terminated(const monitor::Termination& t) noexcept override {
        const std::lock_guard lock(mutex_);
        terminations.push_back({std::string(t.monitor), std::string(t.handler), t.error.message});
    }
    void warned(const monitor::Warning& w) noexcept override {
        const std::lock_guard lock(mutex_);
        warnings.push_back(
            {std::string(w.monitor), std::string(w.handler), std::string(w.message), std::string(w.limit)});
    }
    std::vector<Entry> terminations, warnings;

  private:
    std::mutex mutex_;
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
    std::stop_source stop;
    const auto done =
        supervise(std::tuple{notice, StopTokenMonitor(stop.get_token())}, {.handler = "greet"}, work.interrupt(), [&] {
            EXPECT_TRUE(warned.wait());
            EXPECT_EQ(work.interrupts(), 0);
            stop.request_stop();
            work.wait();
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "stop-token");
    EXPECT_EQ(thread, "curfew-monitor");
    ASSERT_EQ(recorder.warnings.size(), 1u);
    EXPECT_NE(recorder.warnings[0].message.find("2 ms of wall-clock time"), std::string::npos)
        << recorder.warnings[0].message;
    ASSERT_EQ(recorder.terminations.size(), 1u);
    EXPECT_EQ(recorder.terminations[0].monitor, "stop-token");
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
    auto done = supervise(SoftMonitor(CpuTimeMonitor(1s)), {.cpu_clock = &none}, kNoInterrupt, [&] { ran = true; });
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
    const auto done =
        supervise(SoftMonitor(timeout(1h, "t")), {.defaults = defaults}, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "t");
    EXPECT_TRUE(AnyMonitor(SoftMonitor(timeout(1h, "t"))).soft());
}

}  // namespace
}  // namespace curfew::test
