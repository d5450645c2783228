// Every public type that can be moved, used after it was: an error that says so, or nothing happens; never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <curfew/curfew.h>

#include "sandbox/testing/load.h"

// NOLINTBEGIN(bugprone-use-after-move): that is what is tested here.

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kCounter = "let count = 0; function handler() { return ++count; }";

template <typename T>
void expect_consumed(const Result<T>& result, const char* type) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::consumed);
    EXPECT_THAT(result.error().message, HasSubstr(type));
    EXPECT_THAT(result.error().message, HasSubstr("moved"));
}

// Moves an object in both ways that there are: into a new one, and into one that is there. Each time what is left is
// handed to `check`, and what came of it stays alive meanwhile.
template <typename Object>
void move_both_ways(const std::function<Object()>& make, const std::function<void(Object&)>& check) {
    Object first = make();
    Object second = std::move(first);
    check(first);
    Object third = make();
    third = std::move(second);
    check(second);
}

ProtoSandbox make_proto() { return std::move(*SandboxBuilder().build()); }

const Snapshot& saved() {
    static const Snapshot snapshot = [] {
        LoadedSandbox sandbox = load_script(kCounter);
        return *sandbox.snapshot();
    }();
    return snapshot;
}

SandboxPool make_pool() { return std::move(*SandboxPool::create(saved(), {.size = 2, .made_at_start = 0})); }

void expect_moved_from(LoadedSandbox& sandbox) {
    expect_consumed(sandbox.handle_event("main", "1"), "LoadedSandbox");
    expect_consumed(sandbox.handle_event("main", "1", WallClockMonitor(1s)), "LoadedSandbox");
    expect_consumed(sandbox.snapshot(), "LoadedSandbox");
    expect_consumed(sandbox.restore(saved()), "LoadedSandbox");
    expect_consumed(std::move(sandbox).unload(), "LoadedSandbox");
    EXPECT_FALSE(sandbox.poisoned());
    EXPECT_THAT(sandbox.handlers(), IsEmpty());
    EXPECT_FALSE(sandbox.interrupt_handle().kill());
}

TEST(MovedFrom, ProtoSandbox) {
    move_both_ways<ProtoSandbox>(make_proto, [](ProtoSandbox& proto) {
        EXPECT_THROW(proto.host_module("m"), std::logic_error);
        expect_consumed(std::move(proto).load_runtime(), "ProtoSandbox");
        expect_consumed(LoadedSandbox::from_snapshot(saved(), proto), "ProtoSandbox");
        expect_consumed(SandboxPool::create(saved(), proto), "ProtoSandbox");
    });
}

TEST(MovedFrom, Sandbox) {
    move_both_ways<Sandbox>([] { return start_sandbox(); },
                            [](Sandbox& sandbox) {
                                expect_consumed(sandbox.add_handler("main", Script::from_content(kCounter)), "Sandbox");
                                expect_consumed(sandbox.remove_handler("main"), "Sandbox");
                                sandbox.clear_handlers();
                                expect_consumed(std::move(sandbox).load(), "Sandbox");
                                EXPECT_FALSE(sandbox.interrupt_handle().kill());
                            });
}

TEST(MovedFrom, LoadedSandbox) {
    move_both_ways<LoadedSandbox>([] { return load_script(kCounter); }, expect_moved_from);
}

TEST(MovedFrom, Snapshot) {
    move_both_ways<Snapshot>([] { return saved(); },
                             [](Snapshot& snapshot) {
                                 const auto path = std::filesystem::temp_directory_path() / "curfew-moved-from.snap";
                                 expect_consumed(snapshot.save(path), "Snapshot");
                                 EXPECT_FALSE(std::filesystem::exists(path));
                                 EXPECT_EQ(snapshot.size(), 0U);
                                 EXPECT_THAT(snapshot.handlers(), IsEmpty());
                                 const ProtoSandbox host = make_proto();
                                 expect_consumed(LoadedSandbox::from_snapshot(snapshot), "Snapshot");
                                 expect_consumed(LoadedSandbox::from_snapshot(snapshot, host), "Snapshot");
                                 // Also a pool that makes no sandbox yet.
                                 expect_consumed(SandboxPool::create(snapshot, {.made_at_start = 0}), "Snapshot");
                                 expect_consumed(SandboxPool::create(snapshot, host, {.made_at_start = 0}), "Snapshot");
                                 LoadedSandbox sandbox = load_script(kCounter);
                                 expect_consumed(sandbox.restore(snapshot), "Snapshot");
                                 EXPECT_TRUE(sandbox.handle_event("main", "1"));
                             });
}

TEST(MovedFrom, SandboxPool) {
    move_both_ways<SandboxPool>(make_pool, [](SandboxPool& pool) {
        expect_consumed(pool.handle_event("main", "1"), "SandboxPool");
        expect_consumed(pool.acquire(), "SandboxPool");
        EXPECT_EQ(pool.report().requests, 0U);
        pool.shut_down();
    });
}

TEST(MovedFrom, LeaseOfAPool) {
    SandboxPool pool = make_pool();
    move_both_ways<SandboxPool::Lease>([&pool] { return std::move(*pool.acquire()); },
                                       [](SandboxPool::Lease& lease) {
                                           expect_moved_from(*lease);
                                           expect_consumed(lease->handle_event("main", "1"), "LoadedSandbox");
                                           lease.note_failure();
                                       });
    EXPECT_EQ(pool.report().ready, 2U);
}

TEST(MovedFrom, LeaseOfAPoolThatWasMoved) {
    SandboxPool pool = make_pool();
    auto lease = pool.acquire();
    ASSERT_TRUE(lease);
    const SandboxPool moved = std::move(pool);
    EXPECT_EQ((*lease)->handle_event("main", "1")->result, "1");
    const SandboxPool::Lease taken = std::move(*lease);
    expect_moved_from(**lease);
    EXPECT_EQ(taken->handle_event("main", "1")->result, "2");
}

TEST(MovedFrom, ALeaseThatIsReplacedComesBackAtOnce) {
    SandboxPool pool = make_pool();
    auto first = pool.acquire();
    auto second = pool.acquire();
    ASSERT_TRUE(first && second);
    *first = std::move(*second);
    EXPECT_EQ(pool.report().ready, 1U);
    EXPECT_TRUE((*first)->handle_event("main", "1"));
}

TEST(MovedFrom, APoolThatIsReplacedIsShutDown) {
    SandboxPool pool = make_pool();
    SandboxPool other = make_pool();
    ASSERT_TRUE(other.handle_event("main", "1"));
    pool = std::move(other);
    EXPECT_EQ(pool.report().requests, 1U);
    EXPECT_TRUE(pool.handle_event("main", "1"));
}

TEST(MovedFrom, InterruptHandle) {
    LoadedSandbox sandbox = load_script(kCounter);
    move_both_ways<InterruptHandle>([&sandbox] { return sandbox.interrupt_handle(); },
                                    [](InterruptHandle& handle) { EXPECT_FALSE(handle.kill()); });
}

// Moving copies the list of files.
TEST(MovedFrom, EmbeddedFileSystem) {
    move_both_ways<EmbeddedFileSystem>([] { return EmbeddedFileSystem{{"/a.js", "export default 1;"}}; },
                                       [](EmbeddedFileSystem& files) {
                                           const auto found = files.find("/a.js");
                                           ASSERT_TRUE(found && found->has_value());
                                           const auto read = files.read("/a.js");
                                           ASSERT_TRUE(read);
                                           EXPECT_EQ(*read, "export default 1;");
                                       });
}

TEST(MovedFrom, AnyMonitor) {
    LoadedSandbox sandbox = load_script(kCounter);
    move_both_ways<AnyMonitor>([] { return AnyMonitor(WallClockMonitor(1s)); },
                               [&sandbox](AnyMonitor& monitor) {
                                   EXPECT_TRUE(monitor.empty());
                                   EXPECT_EQ(monitor.name(), "moved-from");
                                   EXPECT_EQ(monitor.describe(), "");
                                   EXPECT_FALSE(monitor.soft());
                                   const auto done = sandbox.handle_event("main", "1", monitor);
                                   ASSERT_FALSE(done);
                                   EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
                                   EXPECT_THAT(done.error().message, HasSubstr("moved from"));
                               });
    EXPECT_EQ(sandbox.handle_event("main", "1")->result, "1");
}

TEST(MovedFrom, QuotaMonitor) {
    LoadedSandbox sandbox = load_script(kCounter);
    move_both_ways<QuotaMonitor>([] { return QuotaMonitor(1s, 1s); },
                                 [&sandbox](QuotaMonitor& quota) {
                                     EXPECT_EQ(quota.available(), 0ns);
                                     EXPECT_EQ(quota.describe(), "");
                                     const auto done = sandbox.handle_event("main", "1", quota);
                                     ASSERT_FALSE(done);
                                     EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
                                 });
}

// Returns a task that was moved from, by construction or by assignment.
class CarelessMonitor {
  public:
    explicit CarelessMonitor(bool assign) : assign_(assign) {}
    Result<MonitorTask> get_monitor(const Invocation&) const {
        MonitorTask task = wait();
        if (!assign_) {
            const MonitorTask taken = std::move(task);
            return task;
        }
        MonitorTask taken = wait();
        taken = std::move(task);
        EXPECT_FALSE(task.done());
        return task;
    }
    std::string_view name() const noexcept { return "careless"; }

  private:
    static MonitorTask wait() { co_await monitor::forever(); }
    bool assign_;
};

TEST(MovedFrom, MonitorTask) {
    LoadedSandbox sandbox = load_script(kCounter);
    for (const bool assign : {false, true}) {
        const auto done = sandbox.handle_event("main", "1", CarelessMonitor(assign));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
        EXPECT_EQ(done.error().terminated_by, "");
    }
    EXPECT_EQ(sandbox.handle_event("main", "1")->result, "1");
}

TEST(MovedFrom, ScriptIsAnEmptyOne) {
    move_both_ways<Script>([] { return Script::from_content(kCounter); },
                           [](Script& script) {
                               Sandbox sandbox = start_sandbox();
                               const auto added = sandbox.add_handler("main", script);
                               const auto loaded = std::move(sandbox).load();
                               ASSERT_FALSE(added && loaded);
                           });
}

// What refers into its ProtoSandbox, or is shared through pointers, stays where it is.
static_assert(!std::is_move_constructible_v<HostModule> && !std::is_move_assignable_v<HostModule>);
static_assert(!std::is_move_constructible_v<DirectoryFileSystem> && !std::is_move_assignable_v<DirectoryFileSystem>);
static_assert(!std::is_move_constructible_v<MemoryFileSystem> && !std::is_move_assignable_v<MemoryFileSystem>);
static_assert(!std::is_move_constructible_v<UsageMeter> && !std::is_move_assignable_v<UsageMeter>);

}  // namespace
}  // namespace curfew

// NOLINTEND(bugprone-use-after-move)
