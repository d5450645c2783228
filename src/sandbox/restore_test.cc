// Snapshots and restoring: what comes back, how often, and in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>
#include <vector>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "cell/testing/processes.h"
#include "sandbox/runtime_image.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using ::testing::HasSubstr;

constexpr const char* kCounter = "let count = 0; function handler() { return ++count; }";

std::string call(LoadedSandbox& sandbox, std::string_view event = "0") {
    const auto done = sandbox.handle_event("main", event);
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

Snapshot save(LoadedSandbox& sandbox) {
    auto saved = sandbox.snapshot();
    EXPECT_TRUE(saved) << saved.error().message;
    return *saved;
}

TEST(Restore, BringsBackWhatAHandlerCounted) {
    LoadedSandbox sandbox = load_script(kCounter);
    const Snapshot start = save(sandbox);
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(call(sandbox), "1");
        if (i % 3 == 0) {
            ASSERT_EQ(call(sandbox), "2");
        }
        ASSERT_TRUE(sandbox.restore(start));
    }
}

TEST(Restore, GoesToAnySnapshotInAnyOrder) {
    LoadedSandbox sandbox = load_script(kCounter);
    std::vector<Snapshot> saved{save(sandbox)};
    for (int i = 1; i <= 5; ++i) {
        call(sandbox);
        saved.push_back(save(sandbox));
    }
    for (const std::size_t which : {3, 0, 5, 5, 1, 4, 2, 0, 0}) {
        ASSERT_TRUE(sandbox.restore(saved[which]));
        EXPECT_EQ(call(sandbox), std::to_string(which + 1));
        EXPECT_EQ(call(sandbox), std::to_string(which + 2));
    }
}

TEST(Restore, CleansWhatAHandlerPoisoned) {
    LoadedSandbox sandbox = load_script(R"(
        function handler(event) {
            if (event === "check") return [[1].push(2), typeof Object.prototype.polluted, typeof globalThis.leak];
            Array.prototype.push = () => "poisoned";
            Object.prototype.polluted = true;
            globalThis.leak = new Array(100000).fill(event);
            return 0;
        })");
    const Snapshot start = save(sandbox);
    const std::string clean = R"([2,"undefined","undefined"])";
    EXPECT_EQ(call(sandbox, R"("check")"), clean);
    call(sandbox, R"("poison")");
    EXPECT_EQ(call(sandbox, R"("check")"), R"(["poisoned","boolean","object"])");
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(sandbox.restore(start));
        EXPECT_EQ(call(sandbox, R"("check")"), clean);
        call(sandbox, R"("poison")");
    }
}

TEST(Restore, LeadsOutOfACutShortCall) {
    LoadedSandbox sandbox = load_script("let n = 0; function handler(e) { ++n; while (e) {} return n; }");
    const Snapshot start = save(sandbox);
    for (int i = 0; i < 5; ++i) {
        const auto done = sandbox.handle_event("main", "true", WallClockMonitor(30ms));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, done.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
        EXPECT_EQ(sandbox.handle_event("main", "false").error().code, ErrorCode::poisoned);
        ASSERT_TRUE(sandbox.restore(start));
        EXPECT_EQ(call(sandbox, "false"), "1");
    }
}

TEST(Restore, AfterLargeAndSmallCallsByTurns) {
    LoadedSandbox sandbox = load_script(R"(
        let kept = [];
        function handler(size) { kept.push(new Uint8Array(size).fill(7)); return kept.length; })");
    const Snapshot start = save(sandbox);
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(call(sandbox, i % 10 == 0 ? "4000000" : "10"), "1") << i;
        ASSERT_TRUE(sandbox.restore(start));
    }
}

TEST(Restore, GoesOnInANewCellIfItsOwnIsLostBeforeTheNextCall) {
    LoadedSandbox sandbox = load_script(kCounter);
    const Snapshot start = save(sandbox);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(sandbox.restore(start));
        EXPECT_EQ(call(sandbox), "1");
        ASSERT_TRUE(sandbox.restore(start));
        for (const pid_t cell : cell::testing::processes_of_cells()) ::kill(cell, SIGKILL);
        EXPECT_EQ(call(sandbox), "1");
    }
    // One that was in use is lost with its state.
    for (const pid_t cell : cell::testing::processes_of_cells()) ::kill(cell, SIGKILL);
    const auto done = sandbox.handle_event("main", "0");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::guest_abort);
}

// Kills all cells when an invocation begins, and counts how often one does.
class KillsCells {
  public:
    Result<MonitorTask> get_monitor(const Invocation&) const {
        ++*begun_;
        for (const pid_t cell : cell::testing::processes_of_cells()) ::kill(cell, SIGKILL);
        return watch();
    }
    std::string_view name() const noexcept { return "kills-cells"; }
    int begun() const { return *begun_; }

  private:
    static MonitorTask watch() { co_await monitor::forever(); }
    std::shared_ptr<int> begun_ = std::make_shared<int>(0);
};

// What a lost cell has used counts on: its limits do not begin anew with the next one.
TEST(Restore, ALostCellAndTheNextAreOneInvocation) {
    LoadedSandbox sandbox = load_script(kCounter);
    const Snapshot start = save(sandbox);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(sandbox.restore(start));
        EXPECT_EQ(call(sandbox), "1");
        ASSERT_TRUE(sandbox.restore(start));  // which the same cell begins its next turn with
        const KillsCells kills_cells;
        const auto done = sandbox.handle_event("main", "0", kills_cells);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->result, "1");
        EXPECT_EQ(kills_cells.begun(), 1);
        EXPECT_EQ(call(sandbox), "2");
    }
}

TEST(Snapshot, IsUsedByManySandboxesAndThreadsAtOnce) {
    std::optional<Snapshot> saved;
    {
        LoadedSandbox sandbox = load_script(kCounter);
        call(sandbox);
        saved = save(sandbox);
    }
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 10; ++i) {
                auto own = LoadedSandbox::from_snapshot(*saved);
                ASSERT_TRUE(own) << own.error().message;
                ASSERT_EQ(call(*own), "2");
                ASSERT_EQ(call(*own), "3");
                ASSERT_TRUE(own->restore(*saved));
                ASSERT_EQ(call(*own), "2");
            }
        });
    }
}

TEST(Unload, GoesBackToBeforeAnyHandler) {
    LoadedSandbox loaded = load_script("globalThis.mark = 1; let n = 0; function handler() { return ++n; }");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(call(loaded), "1");
        auto sandbox = std::move(loaded).unload();
        ASSERT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_THAT(std::move(*sandbox).load().error().message, HasSubstr("no handler was added"));
        ASSERT_TRUE(sandbox->add_handler(
            "main", Script::from_content("let n = typeof mark === 'undefined' ? 0 : 100; globalThis.mark = 1;"
                                         "function handler() { return ++n; }")));
        auto again = std::move(*sandbox).load();
        ASSERT_TRUE(again) << again.error().message;
        loaded = std::move(*again);
    }
}

}  // namespace
}  // namespace curfew
