// Sandboxes in cgroups: where their leaves come from, who shares one, and how the kernel ends a call. The files that a machine
// without the controllers lacks are those of a folder that looks like a cgroup.
#include "cell/cgroup.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <curfew/curfew.h>

#include "cell/testing/processes.h"
#include "cell/testing/test_cgroup.h"
#include "sandbox/config.h"
#include "sandbox/core.h"

namespace curfew {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using namespace std::chrono_literals;

constexpr const char* kSource = "let calls = 0; function handler(event) { while (event.forever); return ++calls; }";

Result<LoadedSandbox> load(const SandboxBuilder& builder) {
    auto proto = builder.build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    EXPECT_TRUE(sandbox->add_handler("handler", Script::from_content(kSource)));
    return std::move(*sandbox).load();
}

std::string call(LoadedSandbox& sandbox) {
    auto done = sandbox.handle_event("handler", "{}");
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

class InCgroups : public ::testing::Test {
  protected:
    void SetUp() override {
        auto folder = cell::testing::RealGroup::make_folder();
        if (!folder) GTEST_SKIP() << "cgroup v2 is not mounted here, or this process may not make a group";
        group_.emplace(std::move(*folder));
    }

    std::size_t leaves() const { return group_->leaves().size(); }

    // Of the one leaf.
    std::size_t cells() const {
        const std::string pids =
            cell::testing::text_of(group_->path() + "/" + group_->leaves().at(0) + "/cgroup.procs");
        return static_cast<std::size_t>(std::ranges::count(pids, '\n'));
    }

    std::optional<cell::testing::RealGroup> group_;
};

TEST_F(InCgroups, EachSandboxHasALeafAndKeepsItWhenItIsRestored) {
    const auto builder = SandboxBuilder().with_cgroup({.parent = group_->path()});
    {
        auto sandbox = load(builder);
        ASSERT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_EQ(leaves(), 1U);
        EXPECT_EQ(cells(), 1U);
        EXPECT_EQ(call(*sandbox), "1");
        const auto saved = sandbox->snapshot();
        ASSERT_TRUE(saved);
        EXPECT_EQ(call(*sandbox), "2");
        ASSERT_TRUE(sandbox->restore(*saved));  // in a new cell
        EXPECT_EQ(call(*sandbox), "2");
        EXPECT_EQ(leaves(), 1U);
        auto other = LoadedSandbox::from_snapshot(*saved);
        ASSERT_TRUE(other) << other.error().message;
        EXPECT_EQ(call(*other), "2");
        EXPECT_EQ(leaves(), 2U);
        const auto host = SandboxBuilder().build();
        auto outside = LoadedSandbox::from_snapshot(*saved, *host);
        ASSERT_TRUE(outside);
        EXPECT_EQ(leaves(), 2U);
    }
    EXPECT_THAT(group_->leaves(), IsEmpty());
}

TEST_F(InCgroups, APoolsSandboxesShareOne) {
    const auto builder = SandboxBuilder().with_cgroup({.parent = group_->path()});
    std::optional<Snapshot> saved;
    {
        auto original = load(builder);
        ASSERT_TRUE(original);
        saved = *original->snapshot();
    }
    EXPECT_EQ(leaves(), 0U);
    {
        auto pool = SandboxPool::create(*saved, {.size = 3});
        ASSERT_TRUE(pool) << pool.error().message;
        EXPECT_EQ(leaves(), 1U);
        EXPECT_EQ(cells(), 3U);
        EXPECT_TRUE(pool->handle_event("handler", "{}"));
        const auto lease = pool->acquire();
        ASSERT_TRUE(lease);
        const auto of_one = (*lease)->snapshot();
        ASSERT_TRUE(of_one);
        const auto apart = LoadedSandbox::from_snapshot(*of_one);
        ASSERT_TRUE(apart);
        EXPECT_EQ(leaves(), 2U);
    }
    const auto host = builder.build();
    ASSERT_TRUE(host);
    {
        auto pool = SandboxPool::create(*saved, *host, {.size = 2});
        ASSERT_TRUE(pool);
        EXPECT_EQ(leaves(), 1U);
        EXPECT_EQ(cells(), 2U);
    }
    EXPECT_THAT(group_->leaves(), IsEmpty());
}

// As an operator does it, for a sandbox that has nothing to do.
TEST_F(InCgroups, OneThatIsFrozenStandsStillUnderItsLimits) {
    auto sandbox = load(SandboxBuilder().with_cgroup({.parent = group_->path()}));
    ASSERT_TRUE(sandbox);
    const auto saved = sandbox->snapshot();
    ASSERT_TRUE(saved);
    EXPECT_EQ(call(*sandbox), "1");
    const std::string freeze = group_->path() + "/" + group_->leaves().at(0) + "/cgroup.freeze";
    std::ofstream(freeze) << "1";
    const auto held_up = sandbox->handle_event("handler", "{}", WallClockMonitor(20ms));
    ASSERT_FALSE(held_up);
    EXPECT_EQ(held_up.error().terminated_by, "wall-clock");
    std::ofstream(freeze) << "0";
    ASSERT_TRUE(sandbox->restore(*saved));
    EXPECT_EQ(call(*sandbox), "1");
}

TEST_F(InCgroups, ABuilderSaysWhatIsMissing) {
    if (cell::testing::text_of(group_->path() + "/cgroup.controllers").contains("memory")) {
        GTEST_SKIP() << "nothing is missing";
    }
    const auto proto = SandboxBuilder().with_cgroup({.parent = group_->path(), .memory_max = 8 << 20}).build();
    ASSERT_FALSE(proto);
    EXPECT_EQ(proto.error().code, ErrorCode::unavailable);
    EXPECT_THAT(proto.error().message, AllOf(HasSubstr("controller memory"), HasSubstr("Delegate")));
}

TEST(CgroupSetting, IsCheckedWhenTheSandboxIsBuilt) {
    const auto nowhere = SandboxBuilder().with_cgroup({.parent = "/nowhere/at/all"}).build();
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().code, ErrorCode::unavailable);
    const auto nothing = SandboxBuilder().with_cgroup({.memory_max = 1}).build();
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().code, ErrorCode::invalid_argument);
}

TEST(CgroupOfAMachine, IsAnItemOfItsReport) {
    const auto report = inspect_machine();
    const auto item = std::ranges::find(report.items, "cgroup", &MachineReport::Item::name);
    ASSERT_NE(item, report.items.end());
    EXPECT_FALSE(item->required);
    EXPECT_THAT(item->detail, HasSubstr("cgroup"));
}

// The kernel ends a cell, and its count says why.
TEST(MemoryOfACgroup, EndsACallAsALimitDoes) {
    const cell::testing::FakeGroup group;
    sandbox::Config config;
    const auto file = ::open(group.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    config.environment.cgroup = *cell::Cgroup::adopt(cell::Descriptor(file), group.path(), {.memory_max = 64 << 20});
    auto core = sandbox::Core::start(config);
    ASSERT_TRUE(core) << core.error().message;
    (*core)->noted().emplace_back("handler", Script::from_content(kSource));
    ASSERT_TRUE((*core)->load({}));

    const int pid = std::stoi(group.get("cgroup.procs"));
    const cell::testing::ProcessWatch cell(pid);
    group.set_oom_kills(1);
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    ASSERT_TRUE(cell.ends());
    auto done = (*core)->call("handler", R"({"forever":true})", {}, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::cancelled) << done.error().message;
    EXPECT_EQ(done.error().terminated_by, "memory");
    EXPECT_THAT(done.error().message, AllOf(HasSubstr("64 MiB"), HasSubstr("--cgroup-memory")));
    EXPECT_TRUE((*core)->poisoned());
}

}  // namespace
}  // namespace curfew
