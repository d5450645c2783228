// Observers: which events there are for every path, in which order, to whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <curfew/curfew.h>

#include "cell/testing/processes.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const char* name_of(SandboxStage stage) {
    constexpr std::array kNames{"proto", "runtime", "loaded"};
    return kNames[static_cast<std::size_t>(stage)];
}

std::string joined(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) text += " " + name;
    return text;
}

// Writes each event down as a word or a few. Of one sandbox, unless the sandboxes' numbers do not matter.
class Recorder : public Observer {
  public:
    std::vector<std::string> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(events_, {});
    }
    std::uint64_t last_sandbox() const { return last_sandbox_; }

    void sandbox_made(const observed::SandboxMade& e) noexcept override {
        note(e.sandbox, std::string("made ") + name_of(e.stage) + joined(e.handlers));
    }
    void sandbox_loaded(const observed::SandboxLoaded& e) noexcept override {
        note(e.sandbox, "loaded" + joined(e.handlers));
    }
    void sandbox_restored(const observed::SandboxRestored& e) noexcept override { note(e.sandbox, "restored"); }
    void sandbox_unloaded(const observed::SandboxUnloaded& e) noexcept override { note(e.sandbox, "unloaded"); }
    void sandbox_dropped(const observed::SandboxDropped& e) noexcept override {
        note(e.sandbox, std::string("dropped ") + name_of(e.stage));
    }
    void invocation_begun(const observed::InvocationBegun& e) noexcept override {
        note(e.sandbox, "begun " + std::string(e.handler) + (e.collects_garbage ? " gc" : ""));
    }
    void invocation_ended(const observed::InvocationEnded& e) noexcept override {
        constexpr std::array kOutcomes{"completed", "failed", "terminated", "not started"};
        const std::string error =
            e.error == nullptr ? "" : " " + std::string(to_string(e.error->code)) + " " + e.error->terminated_by;
        EXPECT_EQ(e.error == nullptr, e.outcome == observed::InvocationOutcome::completed);
        EXPECT_GE(e.usage.wall_time, 0ns);
        note(e.sandbox, std::string(kOutcomes[static_cast<std::size_t>(e.outcome)]) + error);
    }
    void host_call_begun(const observed::HostCallBegun& e) noexcept override {
        note(e.sandbox, "call of " + std::string(e.module) + "." + std::string(e.function));
    }
    void host_call_ended(const observed::HostCallEnded& e) noexcept override {
        EXPECT_GE(e.time, 0ns);
        const bool returned = e.outcome == observed::HostCallOutcome::returned;
        EXPECT_EQ(e.error.empty(), returned);
        note(e.sandbox, returned ? "returned" : "failed: " + std::string(e.error));
    }
    void printed(const observed::Printed& e) noexcept override {
        note(e.sandbox, "printed " + std::to_string(static_cast<int>(e.level)) + " " + std::string(e.text) +
                            (e.taken ? " (taken)" : ""));
    }
    void terminated(const monitor::Termination& e) noexcept override {
        note("terminated by " + std::string(e.monitor) + ": " + std::string(e.limit));
    }
    void warned(const monitor::Warning& e) noexcept override {
        note("warned by " + std::string(e.monitor) + ": " + std::string(e.limit));
    }

  private:
    void note(std::uint64_t sandbox, std::string event) {
        last_sandbox_ = sandbox;
        note(std::move(event));
    }
    void note(std::string event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }

    std::mutex mutex_;
    std::vector<std::string> events_;
    std::atomic<std::uint64_t> last_sandbox_{0};
};

class Observers : public ::testing::Test {
  protected:
    // A sandbox with the handler "main" and the module "host", of which the recorder has heard nothing yet.
    LoadedSandbox load(std::string source) {
        auto proto = SandboxBuilder().with_observer(recorder_).build();
        proto->host_module("host").add("add", [](int a, int b) { return a + b; });
        proto->host_module("host").add("fail", [](int) -> int { throw std::runtime_error("no luck"); });
        auto sandbox = std::move(*proto).load_runtime();
        EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(std::move(source))));
        auto loaded = std::move(*sandbox).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        recorder_->take();
        return std::move(*loaded);
    }
    std::vector<std::string> events() { return recorder_->take(); }

    std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
};

constexpr const char* kEcho = "function handler(event) { while (event === 'spin') {} return event; }";

// Fires at once, or does not start.
class Immediate {
  public:
    Result<MonitorTask> get_monitor(const Invocation&) const { return end(); }
    std::string_view name() const noexcept { return "immediate"; }

  private:
    static MonitorTask end() { co_return; }
};
class Broken {
  public:
    Result<MonitorTask> get_monitor(const Invocation&) const {
        return std::unexpected(Error{.code = ErrorCode::internal, .message = "broken"});
    }
    std::string_view name() const noexcept { return "broken"; }
};

TEST_F(Observers, FollowASandboxThroughItsLife) {
    auto proto = SandboxBuilder().with_observer(recorder_).build();
    EXPECT_THAT(events(), ElementsAre("made proto"));
    const std::uint64_t of_proto = recorder_->last_sandbox();
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_THAT(events(), ElementsAre("made runtime", "dropped proto"));
    EXPECT_EQ(recorder_->last_sandbox(), of_proto);
    ASSERT_TRUE(sandbox->add_handler("a", Script::from_content(kEcho)));
    ASSERT_TRUE(sandbox->add_handler("b", Script::from_content(kEcho)));
    EXPECT_THAT(events(), IsEmpty());
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    EXPECT_THAT(events(), ElementsAre("begun ", "completed", "loaded a b"));
    const std::uint64_t number = recorder_->last_sandbox();
    EXPECT_NE(number, of_proto);

    const auto saved = loaded->snapshot();
    LoadedSandbox moved = std::move(*loaded);
    EXPECT_THAT(events(), IsEmpty());
    ASSERT_TRUE(moved.restore(*saved));
    EXPECT_THAT(events(), ElementsAre("restored"));
    auto empty = std::move(moved).unload();
    ASSERT_TRUE(empty);
    EXPECT_THAT(events(), ElementsAre("unloaded"));
    EXPECT_EQ(recorder_->last_sandbox(), number);
    empty = std::unexpected(Error{});
    EXPECT_THAT(events(), ElementsAre("dropped runtime"));

    // What starts from a snapshot has the observers of the sandbox that was saved.
    ASSERT_TRUE(LoadedSandbox::from_snapshot(*saved));
    EXPECT_THAT(events(), ElementsAre("made loaded a b", "dropped loaded"));
    EXPECT_NE(recorder_->last_sandbox(), number);
}

TEST_F(Observers, FailedStepsAndRefusedCallsAreNoEvents) {
    EXPECT_FALSE(SandboxBuilder().with_observer(recorder_).with_heap_size(1).build());
    EXPECT_THAT(events(), IsEmpty());
    auto loaded = load(kEcho);
    EXPECT_FALSE(loaded.handle_event("none", "1"));
    EXPECT_FALSE(loaded.handle_event("main", "\xff"));
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(Observers, HearOfLoadsThatFail) {
    auto proto = SandboxBuilder().with_observer(recorder_).build();
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_FALSE(std::move(*sandbox).load());  // nothing to load
    recorder_->take();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("throw new Error('no');")));
    EXPECT_FALSE(std::move(*sandbox).load());
    EXPECT_THAT(events(), ElementsAre("begun ", "failed handler_error "));
    EXPECT_FALSE(std::move(*sandbox).load(Broken()));
    EXPECT_THAT(events(), ElementsAre("begun ", "not started monitor_failed "));
    sandbox->clear_handlers();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("for (;;);")));
    EXPECT_FALSE(std::move(*sandbox).load(WallClockMonitor(30ms)));
    EXPECT_THAT(events(), ElementsAre("begun ", "terminated by wall-clock: 30 ms of wall-clock time",
                                      "terminated cancelled wall-clock"));
}

TEST_F(Observers, HearHowEveryCallEnds) {
    auto loaded =
        load("function handler(event) { if (event === 'throw') throw 1; while (event === 'spin') {} return 1; }");
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "completed"));
    ASSERT_TRUE(loaded.handle_event("main", "1", std::tuple<>(), {.collect_garbage = false}));
    EXPECT_THAT(events(), ElementsAre("begun main", "completed"));
    ASSERT_FALSE(loaded.handle_event("main", "no JSON"));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "failed invalid_argument "));
    ASSERT_FALSE(loaded.handle_event("main", "\"throw\""));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "failed handler_error "));
    ASSERT_FALSE(loaded.handle_event("main", "1", Broken()));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "not started monitor_failed "));
    ASSERT_FALSE(loaded.handle_event("main", "\"spin\"", CpuTimeMonitor(2ms)));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "terminated by cpu-time: 2 ms of CPU time",
                                      "terminated cancelled cpu-time"));
    ASSERT_FALSE(loaded.handle_event("main", "1"));  // poisoned
    EXPECT_THAT(events(), IsEmpty());
    ASSERT_TRUE(loaded.restore(*saved));
    ASSERT_FALSE(loaded.handle_event("main", "1", Immediate()));  // before it has begun
    EXPECT_THAT(events(),
                ElementsAre("restored", "begun main gc", "terminated by immediate: ", "not started not_run immediate"));
}

// kill() is no monitor.
TEST_F(Observers, HearOfKillsWhenTheInvocationEnds) {
    LoadedSandbox* running = nullptr;
    auto proto = SandboxBuilder().with_observer(recorder_).build();
    proto->host_module("host").add("kill", [&] { running->interrupt_handle().kill(); });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler(
        "main",
        Script::from_content("import * as host from 'host'; export function handler() { host.kill(); for (;;); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    running = &*loaded;
    recorder_->take();
    ASSERT_FALSE(loaded->handle_event("main", "1"));
    // The function may be faster than the end that it asks for.
    EXPECT_THAT(events(),
                ElementsAre("begun main gc", "call of host.kill",
                            AnyOf("returned", "failed: the invocation has been ended"), "terminated cancelled kill"));
}

TEST_F(Observers, HearOfHostCalls) {
    auto loaded = load(R"(
        import * as host from 'host';
        export function handler(event) {
            if (event === 'add') return host.add(1, 2);
            if (event === 'wrong') return host.add('a');
            return host.fail(1);
        })");
    ASSERT_TRUE(loaded.handle_event("main", "\"add\""));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "call of host.add", "returned", "completed"));
    ASSERT_FALSE(loaded.handle_event("main", "\"fail\""));
    EXPECT_THAT(events(),
                ElementsAre("begun main gc", "call of host.fail", "failed: no luck", "failed handler_error "));
    ASSERT_FALSE(loaded.handle_event("main", "\"wrong\""));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "call of host.add", HasSubstr("failed: host.add takes"),
                                      "failed handler_error "));
}

TEST_F(Observers, ACallTooManyCallsNothing) {
    auto loaded = load("import * as host from 'host'; export function handler() { for (;;) host.add(1, 2); }");
    ASSERT_FALSE(loaded.handle_event("main", "1", HostCallMonitor(1)));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "call of host.add", "returned",
                                      "terminated by host-calls: 1 host call", "terminated cancelled host-calls"));
}

TEST_F(Observers, HearWhatIsPrinted) {
    auto loaded = load("function handler() { print('a'); console.error('b\\nc'); return 1; }");
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "printed 0 a", "printed 4 b\nc", "completed"));

    std::string printed;
    auto proto = SandboxBuilder()
                     .with_observer(recorder_)
                     .with_print([&](PrintLevel, std::string_view text) { printed += text; })
                     .build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("console.log('x'); function handler() {}")));
    recorder_->take();
    auto loaded_too = std::move(*sandbox).load();
    EXPECT_THAT(events(), ElementsAre("begun ", "printed 1 x (taken)", "completed", "loaded main"));
    EXPECT_EQ(printed, "x\n");
}

TEST_F(Observers, HearOfWarningsBeforeTheCallReturns) {
    auto loaded = load(kEcho);
    ASSERT_TRUE(loaded.handle_event("main", "1", SoftMonitor(Immediate())));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "warned by immediate: ", "completed"));
}

TEST_F(Observers, HearOfACellsDeath) {
    auto proto = SandboxBuilder().with_observer(recorder_).build();
    proto->host_module("host").add("kill_the_cell", [] {
        for (const pid_t cell : cell::testing::processes_of_cells()) ::kill(cell, SIGKILL);
    });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler(
        "main", Script::from_content(
                    "import * as host from 'host'; export function handler() { host.kill_the_cell(); for (;;); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    recorder_->take();
    ASSERT_FALSE(loaded->handle_event("main", "1", WallClockMonitor(60s)));
    EXPECT_THAT(events(),
                ElementsAre("begun main gc", "call of host.kill_the_cell", "returned", "failed guest_abort "));
}

TEST_F(Observers, OfASandboxAndOfTheProcessAreToldInTurn) {
    static std::vector<std::string>* order = nullptr;
    struct Named final : Observer {
        explicit Named(std::string n) : name(std::move(n)) {}
        void sandbox_restored(const observed::SandboxRestored&) noexcept override { order->push_back(name); }
        std::string name;
    };
    std::vector<std::string> told;
    order = &told;
    auto first = add_observer(std::make_shared<Named>("process 1"));
    auto second = add_observer(std::make_shared<Named>("process 2"));
    auto proto = SandboxBuilder()
                     .with_observer(std::make_shared<Named>("own 1"))
                     .with_observer(std::make_shared<Named>("own 2"))
                     .build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(kEcho)));
    auto loaded = std::move(*sandbox).load();
    const auto saved = loaded->snapshot();
    ASSERT_TRUE(loaded->restore(*saved));
    EXPECT_THAT(std::exchange(told, {}), ElementsAre("own 1", "own 2", "process 1", "process 2"));
    first.remove();
    ASSERT_TRUE(loaded->restore(*saved));
    EXPECT_THAT(std::exchange(told, {}), ElementsAre("own 1", "own 2", "process 2"));
    second.replace(std::make_shared<Named>("process 3"));
    ASSERT_TRUE(loaded->restore(*saved));
    EXPECT_THAT(std::exchange(told, {}), ElementsAre("own 1", "own 2", "process 3"));
    second.replace(nullptr);
    EXPECT_FALSE(second);
    ASSERT_TRUE(loaded->restore(*saved));
    EXPECT_THAT(std::exchange(told, {}), ElementsAre("own 1", "own 2"));
}

TEST_F(Observers, OfTheProcessHearOfMonitorsElsewhere) {
    const auto listening = add_observer(recorder_);
    std::binary_semaphore ended(0);  // the work lasts until it is interrupted
    EXPECT_FALSE(supervise(WallClockMonitor(1ns), [&] { ended.release(); }, [&] { ended.acquire(); }));
    EXPECT_TRUE(supervise(SoftMonitor(Immediate()), [] {}, [] {}));
    EXPECT_THAT(events(), ElementsAre("terminated by wall-clock: 1 ns of wall-clock time", "warned by immediate: "));
}

TEST_F(Observers, MayBeAddedLateAndLookAtTheCounts) {
    const SandboxCounts before = sandbox_counts();
    auto proto = SandboxBuilder().build();
    auto loaded = load_script(kEcho);
    const SandboxCounts now = sandbox_counts();
    EXPECT_EQ(now, (SandboxCounts{before.proto + 1, before.runtime, before.loaded + 1}));
    const auto listening = add_observer(recorder_);
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(events(), ElementsAre("begun main gc", "completed"));
    auto empty = std::move(loaded).unload();
    EXPECT_EQ(sandbox_counts(), (SandboxCounts{before.proto + 1, before.runtime + 1, before.loaded}));
}

TEST_F(Observers, OfAPoolHearOfEveryRestore) {
    auto loaded = load(kEcho);
    {
        auto pool = SandboxPool::create(*loaded.snapshot(),
                                        {.size = 1, .made_at_start = 1, .restore = RestorePolicy::after_every_request});
        ASSERT_TRUE(pool);
        ASSERT_TRUE(pool->handle_event("main", "1"));
        EXPECT_FALSE(pool->handle_event("main", "\"spin\"", WallClockMonitor(30ms)));
    }
    EXPECT_THAT(events(), ElementsAre("made loaded main", "begun main", "completed", "restored", "begun main",
                                      "terminated by wall-clock: 30 ms of wall-clock time",
                                      "terminated cancelled wall-clock", "restored", "dropped loaded"));
}

TEST_F(Observers, NobodyIsAProgrammingError) {
    EXPECT_THROW(static_cast<void>(add_observer(nullptr)), std::invalid_argument);
    EXPECT_THROW(SandboxBuilder().with_observer(nullptr), std::invalid_argument);
}

// Removes itself while it is told something, as any observer may.
TEST_F(Observers, MayRemoveThemselves) {
    struct Once final : Observer {
        void invocation_begun(const observed::InvocationBegun&) noexcept override {
            ++told;
            registration.remove();
        }
        void invocation_ended(const observed::InvocationEnded&) noexcept override { ++told; }
        ObserverRegistration registration;
        int told = 0;
    };
    auto loaded = load(kEcho);
    auto once = std::make_shared<Once>();
    const std::weak_ptr<Once> watched = once;
    once->registration = add_observer(once);
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_EQ(once->told, 1);
    once.reset();
    EXPECT_TRUE(watched.expired());
}

// Every sandbox's events come whole and in order, whoever else is added and removed meanwhile.
TEST_F(Observers, LoseNothingWhileOthersComeAndGo) {
    class Pairs final : public Observer {
      public:
        void invocation_begun(const observed::InvocationBegun& e) noexcept override { change(e.sandbox, 1); }
        void invocation_ended(const observed::InvocationEnded& e) noexcept override {
            change(e.sandbox, -1);
            ++ended;
        }
        std::atomic<int> ended{0};
        std::atomic<int> wrong{0};

      private:
        void change(std::uint64_t sandbox, int by) {
            const std::lock_guard lock(mutex_);
            int& open = open_[sandbox];
            open += by;
            if (open != (by > 0 ? 1 : 0)) ++wrong;
        }
        std::mutex mutex_;
        std::map<std::uint64_t, int> open_;
    };
    constexpr int kThreads = 4, kCalls = 100;
    const auto steady = std::make_shared<Pairs>();
    const auto moving = std::make_shared<std::array<Pairs, 2>>();
    const auto part = [&](std::size_t i) { return std::shared_ptr<Pairs>(moving, &(*moving)[i]); };
    const auto kept = add_observer(steady);
    auto replaced = add_observer(part(0));
    std::atomic<int> running{kThreads};
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&running] {
            auto loaded = load_script(kEcho);
            for (int call = 0; call < kCalls; ++call) EXPECT_TRUE(loaded.handle_event("main", "1"));
            --running;
        });
    }
    for (std::size_t i = 1; running > 0; ++i) {
        replaced.replace(part(i % 2));
        const auto brief = add_observer(recorder_);
    }
    threads.clear();
    EXPECT_EQ(steady->ended, kThreads * (kCalls + 1));  // and a load each
    EXPECT_EQ(steady->wrong, 0);
    EXPECT_EQ((*moving)[0].ended + (*moving)[1].ended, kThreads * (kCalls + 1));
}

}  // namespace
}  // namespace curfew
