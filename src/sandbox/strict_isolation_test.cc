// Sandboxes that have less to measure with, and leave less behind: what their settings do, and where they come from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <curfew/curfew.h>
#include <curfew/json.h>

namespace curfew {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kSource = R"(
    const block = new Uint8Array(4096 * 1000);
    let calls = 0;
    function handler({ pages = 0, readings = 0 }) {
        for (let i = 0; i < pages; ++i) block[i * 4096] = 1;
        let least = Infinity;
        for (let i = 0, last = performance.now(); i < readings; ) {
            const now = performance.now();
            if (now === last) continue;
            least = Math.min(least, now - last);
            last = now;
            ++i;
        }
        return { calls: ++calls, least: least === Infinity ? null : least };
    })";

LoadedSandbox load(const SandboxBuilder& builder) {
    auto proto = builder.build();
    EXPECT_TRUE(proto) << proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("handler", Script::from_content(kSource)));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

EventResult call(LoadedSandbox& sandbox, const std::string& event = "{}") {
    auto done = sandbox.handle_event("handler", event, std::tuple{}, {.count_pages = true});
    EXPECT_TRUE(done) << done.error().message;
    return done ? *done : EventResult{};
}

SandboxBuilder strict() { return SandboxBuilder().with_strict_isolation(); }

TEST(StrictIsolation, IsAllSettings) {
    const auto saved = load(strict()).snapshot();
    ASSERT_TRUE(saved);
    EXPECT_EQ(saved->side_channels(), SideChannels::strict);
    EXPECT_EQ(saved->restore_mode(), RestoreMode::strict);
    EXPECT_EQ(saved->branch_barrier(), BranchBarrier::where_possible);
    const auto plain = load(SandboxBuilder()).snapshot();
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->side_channels(), SideChannels::basic);
    EXPECT_EQ(plain->restore_mode(), RestoreMode::fast);
    EXPECT_EQ(plain->branch_barrier(), BranchBarrier::none);
}

TEST(StrictIsolation, TakesNoBarrierBackThatIsRequired) {
    const auto builder = SandboxBuilder().with_branch_barrier(BranchBarrier::required).with_strict_isolation();
    auto proto = builder.build();
    ASSERT_TRUE(proto);
    const auto report = inspect_machine();
    const auto barrier = std::ranges::find(report.items, "ibpb", &MachineReport::Item::name);
    ASSERT_NE(barrier, report.items.end());
    const auto sandbox = std::move(*proto).load_runtime();
    EXPECT_EQ(sandbox.has_value(), barrier->available) << barrier->detail;
    if (sandbox) return;
    EXPECT_EQ(sandbox.error().code, ErrorCode::unavailable);
    EXPECT_THAT(sandbox.error().message, AllOf(HasSubstr("barrier"), HasSubstr("where_possible")));
}

TEST(StrictIsolation, SandboxesWork) {
    auto sandbox = load(strict());
    EXPECT_THAT(call(sandbox).result, HasSubstr(R"("calls":1)"));
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(call(sandbox, R"({"pages":200})").result, HasSubstr(i == 0 ? R"("calls":2)" : R"("calls":3)"));
        ASSERT_TRUE(sandbox.restore(*saved));
        EXPECT_THAT(call(sandbox).result, HasSubstr(R"("calls":2)"));
    }
    const auto stopped =
        sandbox.handle_event("handler", R"({"readings":1e9})", WallClockMonitor(std::chrono::milliseconds(20)));
    EXPECT_FALSE(stopped);
    ASSERT_TRUE(sandbox.restore(*saved));
    EXPECT_THAT(call(sandbox).result, HasSubstr(R"("calls":2)"));
    auto pool = SandboxPool::create(*saved, {.size = 1});
    ASSERT_TRUE(pool);
    for (int i = 0; i < 3; ++i) {
        const auto done = pool->handle_event("handler", "{}");
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_THAT(done->result, HasSubstr(R"("calls":2)"));
    }
}

double least_step(LoadedSandbox& sandbox) {
    return nlohmann::json::parse(call(sandbox, R"({"readings":20})").result)["least"].get<double>();
}

// The kernel's tick is 1 ms at least; what scripts see of it goes by steps of 0.125 ms.
TEST(SideChannels, StrictOnesLeaveClocksThatGoByTicks) {
    auto sandbox = load(SandboxBuilder().with_side_channels(SideChannels::strict));
    EXPECT_GE(least_step(sandbox), 0.875);
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    auto again = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(again);
    EXPECT_GE(least_step(*again), 0.875);
}

TEST(SideChannels, BasicOnesLeaveScriptsAClockOfSmallSteps) {
    auto sandbox = load(SandboxBuilder());
    // Some reading of many is not put off by other work of the machine.
    double least = 1000;
    for (int i = 0; i < 100 && least > 0.125; ++i) least = std::min(least, least_step(sandbox));
    EXPECT_EQ(least, 0.125);
}

std::uint64_t pages_after_restore(RestoreMode mode) {
    auto original = load(SandboxBuilder().with_restore_mode(mode));
    const auto saved = original.snapshot();
    EXPECT_TRUE(saved);
    auto sandbox = LoadedSandbox::from_snapshot(*saved);
    EXPECT_TRUE(sandbox);
    EXPECT_GE(call(*sandbox, R"({"pages":1000})").usage.pages_dirtied, 1000U);
    EXPECT_TRUE(sandbox->restore(*saved));
    return call(*sandbox).usage.pages_dirtied;
}

TEST(Restores, StrictOnesDropThePagesThatWereWritten) {
    EXPECT_LT(pages_after_restore(RestoreMode::strict), 500U);
    EXPECT_GE(pages_after_restore(RestoreMode::fast), 800U);  // which were kept, most of them at least
}

// --- Where a sandbox's settings come from ---

struct Kept {
    SideChannels side_channels;
    RestoreMode restore_mode;
    BranchBarrier branch_barrier = BranchBarrier::none;

    friend bool operator==(const Kept&, const Kept&) = default;
};

Kept kept(Result<LoadedSandbox> sandbox) {
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    const auto saved = sandbox->snapshot();
    EXPECT_TRUE(saved);
    return {saved->side_channels(), saved->restore_mode(), saved->branch_barrier()};
}

// One of the file, in memory and on disk.
std::vector<Snapshot> in_both_ways(const SandboxBuilder& builder) {
    auto saved = load(builder).snapshot();
    EXPECT_TRUE(saved);
    std::string path = ::testing::TempDir() + "curfew_strict_XXXXXX";
    ::close(::mkstemp(path.data()));
    EXPECT_TRUE(saved->save(path));
    auto loaded = Snapshot::load(path);
    EXPECT_TRUE(loaded) << loaded.error().message;
    ::unlink(path.c_str());
    return {std::move(*saved), std::move(*loaded)};
}

TEST(StrictIsolation, IsKeptInSnapshotsAndTheirFiles) {
    for (const Kept settings : {Kept{SideChannels::strict, RestoreMode::fast},
                                {SideChannels::basic, RestoreMode::strict},
                                {SideChannels::basic, RestoreMode::fast, BranchBarrier::where_possible}}) {
        const auto builder = SandboxBuilder()
                                 .with_side_channels(settings.side_channels)
                                 .with_restore_mode(settings.restore_mode)
                                 .with_branch_barrier(settings.branch_barrier);
        for (const Snapshot& saved : in_both_ways(builder)) {
            EXPECT_EQ(saved.side_channels(), settings.side_channels);
            EXPECT_EQ(saved.restore_mode(), settings.restore_mode);
            EXPECT_EQ(saved.branch_barrier(), settings.branch_barrier);
            EXPECT_EQ(kept(LoadedSandbox::from_snapshot(saved)), settings);
        }
    }
}

TEST(StrictIsolation, TheStricterOfSnapshotAndHostIsWhatHolds) {
    constexpr Kept kAll{SideChannels::strict, RestoreMode::strict, BranchBarrier::where_possible};
    const auto strict_host = strict().build();
    const auto plain_host = SandboxBuilder().build();
    const auto half_host = SandboxBuilder().with_restore_mode(RestoreMode::strict).build();
    for (const Snapshot& saved : in_both_ways(strict())) {
        EXPECT_EQ(kept(LoadedSandbox::from_snapshot(saved, *plain_host)), kAll);
        EXPECT_EQ(kept(LoadedSandbox::from_snapshot(saved, *half_host)), kAll);
    }
    for (const Snapshot& saved : in_both_ways(SandboxBuilder())) {
        EXPECT_EQ(kept(LoadedSandbox::from_snapshot(saved, *strict_host)), kAll);
        EXPECT_EQ(kept(LoadedSandbox::from_snapshot(saved, *half_host)),
                  (Kept{SideChannels::basic, RestoreMode::strict}));
    }
}

TEST(StrictIsolation, ASandboxThatIsLessStrictCannotGoBackToAStrictState) {
    const auto saved = load(strict()).snapshot();
    ASSERT_TRUE(saved);
    for (const Kept settings : {Kept{SideChannels::basic, RestoreMode::strict, BranchBarrier::where_possible},
                                {SideChannels::strict, RestoreMode::fast, BranchBarrier::where_possible},
                                {SideChannels::strict, RestoreMode::strict, BranchBarrier::none}}) {
        auto sandbox = load(SandboxBuilder()
                                .with_side_channels(settings.side_channels)
                                .with_restore_mode(settings.restore_mode)
                                .with_branch_barrier(settings.branch_barrier));
        const auto refused = sandbox.restore(*saved);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(refused.error().message, AllOf(HasSubstr("stricter isolation"), HasSubstr("from_snapshot")));
        EXPECT_THAT(call(sandbox).result, HasSubstr(R"("calls":1)"));
    }
    auto strict_one = load(strict());
    const auto lax = load(SandboxBuilder()).snapshot();
    ASSERT_TRUE(lax);
    ASSERT_TRUE(strict_one.restore(*lax));
    EXPECT_GE(least_step(strict_one), 0.875);
}

}  // namespace
}  // namespace curfew
