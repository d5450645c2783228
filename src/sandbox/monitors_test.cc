// Execution monitors on handlers: nothing runs that must not, nothing is ended that must not, and what is measured is
// what the kernel measures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "monitor/test_support.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kSlowness = 10;  // so much less is done
#else
constexpr int kSlowness = 1;
#endif

// A sandbox with one handler, "main", that counts what it prints.
class Printing {
  public:
    explicit Printing(std::string source, std::uint64_t heap_size = SandboxBuilder::kDefaultHeapSize)
        : loaded_(load(std::move(source), heap_size)), start_(loaded_.snapshot()) {}

    LoadedSandbox& sandbox() { return loaded_; }
    int printed() const { return printed_; }
    void restore() {
        const auto restored = loaded_.restore(*start_);
        ASSERT_TRUE(restored) << restored.error().message;
    }

  private:
    LoadedSandbox load(std::string source, std::uint64_t heap_size) {
        auto proto = SandboxBuilder()
                         .with_heap_size(heap_size)
                         .with_print([this](PrintLevel, std::string_view) { ++printed_; })
                         .build();
        auto sandbox = std::move(*proto).load_runtime();
        EXPECT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(std::move(source))));
        auto loaded = std::move(*sandbox).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        return std::move(*loaded);
    }

    int printed_ = 0;
    LoadedSandbox loaded_;
    Result<Snapshot> start_;
};

void expect_nothing_left() {
    EXPECT_EQ(monitor::runtime_stats().frames_alive, 0U);
    EXPECT_EQ(monitor::runtime_stats().timers_armed, 0U);
}

// ---- what must not run does not

enum class Failure { error, exception, first_step };

class Sick {
  public:
    Sick(int place, int sick_place, Failure how) : place_(place), sick_(place == sick_place), how_(how) {}
    Result<MonitorTask> get_monitor(const Invocation&) const {
        if (!sick_) return sleep(1h);
        if (how_ == Failure::exception) throw std::runtime_error("no sensor");
        if (how_ == Failure::first_step) return throws();
        return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "no sensor"});
    }
    std::string name() const noexcept { return "place-" + std::to_string(place_); }

  private:
    static MonitorTask sleep(std::chrono::nanoseconds time) { co_await monitor::sleep(time); }
    static MonitorTask throws() {
        throw std::runtime_error("no sensor");
        co_return;
    }
    int place_;
    bool sick_;
    Failure how_;
};

class FailsClosed : public ::testing::TestWithParam<std::tuple<Failure, int>> {};

TEST_P(FailsClosed, TheHandlerDoesNotRunAndTheSandboxIsNotPoisoned) {
    const auto [how, place] = GetParam();
    Printing handler("let n = 0; function handler() { print('ran'); return ++n; }");
    const auto sick = [how = how, place = place](int at) { return Sick(at, place, how); };
    const auto failed =
        handler.sandbox().handle_event("main", "0", std::tuple{sick(0), sick(1), sick(2), sick(3), sick(4)});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::monitor_failed);
    EXPECT_THAT(failed.error().message,
                HasSubstr("execution monitor failed to start: \"place-" + std::to_string(place) + "\": no sensor"));
    EXPECT_EQ(handler.printed(), 0);
    expect_nothing_left();
    EXPECT_FALSE(handler.sandbox().poisoned());
    EXPECT_EQ(handler.sandbox().handle_event("main", "0", WallClockMonitor(1min))->result, "1");
}

INSTANTIATE_TEST_SUITE_P(Monitors, FailsClosed,
                         ::testing::Combine(::testing::Values(Failure::error, Failure::exception, Failure::first_step),
                                            ::testing::Range(0, 5)));

TEST(Monitors, WhenTheirRuntimeCannotStartNothingRunsUnlimited) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            ::setenv("CURFEW_MONITOR_THREADS", "none", 1);
            auto proto = SandboxBuilder().without_default_wall_limit().build();
            Sandbox sandbox = *std::move(*proto).load_runtime();
            static_cast<void>(
                sandbox.add_handler("main", Script::from_content("let n = 0; function handler() { return ++n; }")));
            const auto not_loaded = std::move(sandbox).load(WallClockMonitor(1min));
            auto loaded = std::move(sandbox).load();  // NOLINT(bugprone-use-after-move): it did not succeed
            const auto failed = loaded->handle_event("main", "0", WallClockMonitor(1min));
            const bool closed = !not_loaded && not_loaded.error().code == ErrorCode::monitor_failed && !failed &&
                                failed.error().code == ErrorCode::monitor_failed && !loaded->poisoned() &&
                                failed.error().message.find("CURFEW_MONITOR_THREADS") != std::string::npos;
            std::_Exit(closed && loaded->handle_event("main", "0")->result == "1" ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

// The limit is over while the event is on its way. A handler that ran would print, and go on until the deadline.
void expect_no_effect(std::size_t event_size, std::chrono::nanoseconds limit, int rounds) {
    Printing handler("function handler() { print('ran'); for (;;); }", 8 * event_size + (16 << 20));
    std::string event = "[1";
    while (event.size() + 3 < event_size) event += ",1";
    event += ']';
    int late = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto ended = handler.sandbox().handle_event(
            "main", event, std::tuple{WallClockMonitor(limit), DeadlineMonitor(steady_clock::now() + 1min)});
        ASSERT_FALSE(ended);
        ASSERT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
            << ended.error().message;
        ASSERT_EQ(ended.error().terminated_by, "wall-clock") << "in round " << i;
        // The machine, not the monitor, may be so late that the whole event was there before.
        late += handler.printed() > 0 && ended.error().usage.bytes_in > event.size() ? 1 : 0;
        ASSERT_LE(handler.printed(), late);
        ASSERT_NO_FATAL_FAILURE(handler.restore());
    }
    EXPECT_LE(late, rounds / 20);
}

TEST(Monitors, ThatFireWhileALargeEventIsCopiedKeepTheHandlerFromRunning) { expect_no_effect(64 << 20, 1ms, 10); }
TEST(Monitors, ThatFireWhileAnEventIsCopiedKeepTheHandlerFromRunning) {
    expect_no_effect(2 << 20, 200us, 1000 / kSlowness);
}

// ---- what must be ended is, and nothing else

TEST(Monitors, ThatFireAsTheHandlerEndsLeaveAResultOrAnErrorAndTheNextCallAlone) {
    Printing handler("function handler(e) { let n = 0; for (let i = 0; i < 500; ++i) n += i; return e; }");
    LoadedSandbox& sandbox = handler.sandbox();
    std::vector<std::chrono::nanoseconds> lengths(101);
    for (auto& length : lengths) length = sandbox.handle_event("main", "1", WallClockMonitor(1min))->usage.wall_time;
    std::ranges::nth_element(lengths, lengths.begin() + 50);
    const auto usual = lengths[50];

    const int rounds = 10000 / kSlowness;
    int completed = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto limit = usual * (1 + i % 200) / 80;  // from next to nothing to two and a half times the usual
        const std::string event = std::to_string(i);
        const auto done = sandbox.handle_event("main", event, WallClockMonitor(limit));
        if (done) {
            ASSERT_EQ(done->result, event);
            ASSERT_FALSE(sandbox.poisoned());
            ++completed;
        } else {
            ASSERT_EQ(done.error().code, done.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
                << done.error().message;
            ASSERT_EQ(done.error().terminated_by, "wall-clock");
            ASSERT_EQ(sandbox.poisoned(), done.error().ran);
            if (sandbox.poisoned()) {
                ASSERT_NO_FATAL_FAILURE(handler.restore());
            }
        }
        const auto next = sandbox.handle_event("main", "7");
        ASSERT_TRUE(next) << "a stray interrupt in round " << i << ": " << next.error().message;
        ASSERT_EQ(next->result, "7");
    }
    RecordProperty("completed", completed);
    EXPECT_GT(completed, 0);
    EXPECT_LT(completed, rounds);
    expect_nothing_left();
}

// A custom monitor whose task does as it is told one millisecond after the start.
class Later {
  public:
    explicit Later(std::function<void()> act) : act_(std::move(act)) {}
    Result<MonitorTask> get_monitor(const Invocation&) const { return watch(act_); }
    std::string_view name() const noexcept { return "later"; }

  private:
    static MonitorTask watch(const std::function<void()>& act) {
        co_await monitor::sleep(1ms);
        act();
    }
    std::function<void()> act_;
};

TEST(Monitors, ThatBlockOrThrowEndOnlyTheirOwnHandlers) {
    std::binary_semaphore blocked(0);
    std::binary_semaphore release(0);
    std::atomic<bool> released{false};
    std::jthread blocking([&] {
        auto loaded = load_script("function handler() { for (;;); }");
        const auto ended = loaded.handle_event("main", "0", Later([&] {
                                                   blocked.release();
                                                   release.acquire();
                                               }));
        EXPECT_EQ(ended.error().terminated_by, "later");
        EXPECT_TRUE(released);
    });
    blocked.acquire();

    std::vector<std::jthread> others;
    for (int i = 0; i < 6; ++i) {
        others.emplace_back([i] {
            auto loaded = load_script("function handler() { for (;;); }");
            const auto saved = loaded.snapshot();
            for (int round = 0; round < 5; ++round) {
                const auto ended = [&]() -> Result<EventResult> {
                    switch (i % 3) {
                        case 0: return loaded.handle_event("main", "0", WallClockMonitor(5ms));
                        case 1: return loaded.handle_event("main", "0", Later([] {}));
                        default:
                            return loaded.handle_event("main", "0", Later([] { throw std::runtime_error("lost it"); }));
                    }
                }();
                ASSERT_FALSE(ended);
                EXPECT_EQ(ended.error().terminated_by, i % 3 == 0 ? "wall-clock" : "later");
                if (i % 3 == 2) {
                    EXPECT_THAT(ended.error().message, HasSubstr("lost it"));
                }
                ASSERT_TRUE(loaded.restore(*saved));
            }
        });
    }
    for (std::jthread& other : others) other.join();  // all of them ended while that one still blocks
    released = true;
    release.release();
    blocking.join();
    expect_nothing_left();
}

// ---- what is measured is right

// CPU time of every cell of this machine, by the kernel's scheduler: what /proc/PID/schedstat says.
std::map<pid_t, std::chrono::nanoseconds> cpu_time_of_cells() {
    std::map<pid_t, std::chrono::nanoseconds> times;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::string name;
        std::int64_t time = 0;
        if (!(std::ifstream(entry.path() / "comm") >> name) || name != "curfew-cell") continue;
        if (!(std::ifstream(entry.path() / "schedstat") >> time)) continue;
        times[std::atoi(entry.path().filename().c_str())] = std::chrono::nanoseconds(time);
    }
    return times;
}

TEST(Monitors, CpuTimeAgreesWithTheKernelsAccountOfTheCell) {
    auto loaded = load_script("function handler(n) { let x = 0; for (let i = 0; i < n; ++i) x += i % 7; return x; }");
    if (cpu_time_of_cells().empty()) GTEST_SKIP() << "this kernel has no /proc/PID/schedstat";
    for (const char* const length : {"5000000", "10000000", "20000000"}) {
        const auto before = cpu_time_of_cells();
        const auto done = loaded.handle_event("main", length, CpuTimeMonitor(1min));
        ASSERT_TRUE(done) << done.error().message;
        const auto ours = done->usage.cpu_time;
        // Which one is ours is not to be seen from outside: it is the one that fits best.
        std::chrono::nanoseconds kernel{};
        for (const auto& [process, time] : cpu_time_of_cells()) {
            const auto at_first = before.find(process);
            if (at_first == before.end()) continue;
            const auto used = time - at_first->second;
            if (std::chrono::abs(used - ours) < std::chrono::abs(kernel - ours)) kernel = used;
        }
        EXPECT_LE(std::chrono::abs(kernel - ours), 1ms + kernel / 50)
            << kernel / 1us << " us and " << ours / 1us << " us";
        EXPECT_GT(ours, 2ms);  // or anything would fit
    }
}

TEST(Monitors, WaitingAndOtherThreadsAreNotTheHandlersCpuTime) {
    std::atomic<bool> stop{false};
    const std::jthread spinning([&] {
        while (!stop) {
        }
    });
    // What a print function computes is charged to whoever prints; what it waits for is not, nor what other threads compute.
    const auto wait = [](PrintLevel, std::string_view) { std::this_thread::sleep_for(100ms); };
    auto proto = SandboxBuilder().with_print(wait).with_wait_mode(WaitMode::spin).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() { print('x'); return 1; }")));
    auto loaded = std::move(*sandbox).load();
    const auto done = loaded->handle_event("main", "0", CpuTimeMonitor(90ms));
    stop = true;
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_GE(done->usage.wall_time, 100ms);
    EXPECT_LT(done->usage.cpu_time, 90ms);
}

// A limit does not depend on when a timer thread gets the CPU: the thread that waits for the guest has an alarm of its own.
TEST(Monitors, ALimitOfTimeIsKeptWhileNoTimerThreadRuns) {
    Printing endless("function handler() { for (;;) {} }");
    for (const auto limit : {3ms, 30ms}) {
        const test::StuckTimerThread stuck;
        test::Event over;
        std::jthread rescuer([&, handle = endless.sandbox().interrupt_handle()] {
            if (!over.wait(30s)) handle.kill();
        });
        const auto done = endless.sandbox().handle_event("main", "null", WallClockMonitor(limit));
        over.set();
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().terminated_by, "wall-clock");
        EXPECT_GE(done.error().usage.wall_time, limit);
        endless.restore();
    }
}

}  // namespace
}  // namespace curfew
