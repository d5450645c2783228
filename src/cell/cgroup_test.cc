// Leaves for cells: in the kernel's own tree where this machine has one to test in, and in folders that only look like it.
#include "cell/cgroup.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "cell/cgroup_files.h"
#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"
#include "cell/testing/test_cgroup.h"

namespace curfew::cell::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using namespace std::chrono_literals;

Descriptor open_folder(const std::string& path) {
    return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::shared_ptr<Cgroup> leaf_in(const std::string& parent) {
    auto leaf = Cgroup::make({.parent = parent});
    EXPECT_TRUE(leaf) << leaf.error().message;
    return *leaf;
}

// --- Files ---

TEST(CgroupFiles, GetLimitsAsTheKernelReadsThem) {
    const FakeGroup group;
    const CgroupLimits limits{.memory_max = 64 << 20, .cpu_max = CgroupLimits::CpuShare{.quota = 50ms}, .pids_max = 3};
    const auto leaf = Cgroup::adopt(open_folder(group.path()), group.path(), limits);
    ASSERT_TRUE(leaf) << leaf.error().message;
    EXPECT_EQ(group.get("memory.max"), "67108864");
    EXPECT_EQ(group.get("memory.swap.max"), "0");
    EXPECT_EQ(group.get("cpu.max"), "50000 100000");
    EXPECT_EQ(group.get("pids.max"), "3");
}

TEST(CgroupFiles, StayAsTheyAreWithoutALimit) {
    const FakeGroup group;
    ASSERT_TRUE(Cgroup::adopt(open_folder(group.path()), group.path(), {}));
    for (const char* name : {"memory.max", "memory.swap.max", "cpu.max", "pids.max"}) EXPECT_EQ(group.get(name), "");
}

TEST(CgroupFiles, ALimitThatCannotBeSetIsAnError) {
    const FakeGroup group;
    std::filesystem::remove(group.path() + "/pids.max");
    const auto leaf = Cgroup::adopt(open_folder(group.path()), group.path(), {.pids_max = 3});
    ASSERT_FALSE(leaf);
    EXPECT_EQ(leaf.error().code, ErrorCode::unavailable);
    EXPECT_THAT(leaf.error().message, AllOf(HasSubstr("pids.max"), HasSubstr("No such file")));
    EXPECT_FALSE(std::filesystem::exists(group.path() + "/pids.max"));
}

TEST(CgroupFiles, ControllersAreHandedDownWhereTheyAreNotYet) {
    const FakeGroup group;
    const Descriptor folder = open_folder(group.path());
    const auto needed = controllers_for({.memory_max = 1 << 20, .cpu_max = CgroupLimits::CpuShare{1ms}, .pids_max = 1});
    EXPECT_THAT(needed, ElementsAre("cpu", "memory", "pids"));
    group.put("cgroup.subtree_control", "memory\n");
    EXPECT_TRUE(offer_controllers(folder.get(), group.path(), {"memory"}));
    EXPECT_EQ(group.get("cgroup.subtree_control"), "memory\n");
    EXPECT_TRUE(offer_controllers(folder.get(), group.path(), {"cpu", "memory"}));
    EXPECT_THAT(group.get("cgroup.subtree_control"), StartsWith("+cpu"));
}

TEST(CgroupFiles, AControllerThatIsNotThereIsAnErrorWithItsCure) {
    const FakeGroup group("cpu memory2 pids");
    const auto offered = offer_controllers(open_folder(group.path()).get(), group.path(), {"memory"});
    ASSERT_FALSE(offered);
    EXPECT_EQ(offered.error().code, ErrorCode::unavailable);
    EXPECT_THAT(offered.error().message, AllOf(HasSubstr("controller memory"), HasSubstr("Delegate=")));
}

TEST(CgroupFiles, TellOfEachProcessThatWasEndedForWantOfMemoryOnce) {
    const FakeGroup group;
    const auto leaf = Cgroup::adopt(open_folder(group.path()), group.path(), {});
    ASSERT_TRUE(leaf);
    EXPECT_FALSE((*leaf)->take_oom_kill());
    group.set_oom_kills(2);
    EXPECT_TRUE((*leaf)->take_oom_kill());
    EXPECT_TRUE((*leaf)->take_oom_kill());
    EXPECT_FALSE((*leaf)->take_oom_kill());
    group.put("memory.events", "nonsense");
    EXPECT_FALSE((*leaf)->take_oom_kill());
}

// --- What is refused ---

struct Refused {
    const char* name;
    CgroupLimits limits;
    ErrorCode code;
    const char* message;

    friend void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }
};

class RefusedGroup : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedGroup, SaysWhatIsWrongAndWhatToDo) {
    const auto parent = Cgroup::find_parent(GetParam().limits);
    ASSERT_FALSE(parent);
    EXPECT_EQ(parent.error().code, GetParam().code);
    EXPECT_THAT(parent.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedGroup,
    ::testing::Values(
        Refused{"NoFolder", {.parent = "/nowhere/at/all"}, ErrorCode::unavailable, "No such file or directory"},
        Refused{"AFile", {.parent = "/proc/self/status"}, ErrorCode::unavailable, "Not a directory"},
        Refused{"AnotherFileSystem", {.parent = "/proc"}, ErrorCode::unavailable, "no cgroup v2"},
        Refused{"Nul", {.parent = std::string("a\0b", 3)}, ErrorCode::invalid_argument, "NUL"},
        Refused{"NoMemory", {.memory_max = 0}, ErrorCode::invalid_argument, "memory_max of 0 bytes"},
        Refused{"NoProcesses", {.pids_max = 0}, ErrorCode::invalid_argument, "pids_max of 0"},
        Refused{"NoTime", {.cpu_max = CgroupLimits::CpuShare{0us}}, ErrorCode::invalid_argument, "cpu_max of 0 us"},
        Refused{"LongPeriod",
                {.cpu_max = CgroupLimits::CpuShare{1s, 2s}},
                ErrorCode::invalid_argument,
                "a period of 1 ms to 1 s"}),
    [](const auto& test) { return test.param.name; });

// --- Cells in leaves ---

TEST(CellsInAFakeGroup, AreToldToHaveDiedForWantOfMemoryIfTheKernelSaysSo) {
    const FakeGroup group;
    const auto leaf = Cgroup::adopt(open_folder(group.path()), group.path(), {.memory_max = 64 << 20});
    ASSERT_TRUE(leaf);
    for (const int kills : {0, 1}) {
        const auto cell = make_cell_with({.cgroup = leaf->get()});
        EXPECT_EQ(group.get("cgroup.procs"), std::to_string(cell->pid()));
        EXPECT_EQ(count(*cell), 1U);
        const ProcessWatch watch(cell->pid());
        group.set_oom_kills(kills);
        ASSERT_EQ(::kill(cell->pid(), SIGKILL), 0);
        ASSERT_TRUE(watch.ends());
        EXPECT_EQ(order(*cell, Order::count), Stop::died);
        EXPECT_EQ(cell->death().kind, kills == 0 ? DeathKind::killed : DeathKind::no_memory);
        EXPECT_EQ(cell->death().text.contains("64 MiB"), kills == 1) << cell->death().text;
    }
}

TEST(CellsInAFakeGroup, AreNotMadeWhereTheyCannotBeMoved) {
    const FakeGroup group;
    const auto leaf = Cgroup::adopt(open_folder(group.path()), group.path(), {});
    ASSERT_TRUE(leaf);
    std::filesystem::remove(group.path() + "/cgroup.procs");
    const auto cell = ProcessCell::spawn(test_image(), {.cgroup = leaf->get()});
    ASSERT_FALSE(cell);
    EXPECT_EQ(cell.error().code, ErrorCode::unavailable);
    EXPECT_THAT(cell.error().message, HasSubstr("moving one there failed"));
}

class Leaf : public ::testing::Test {
  protected:
    void SetUp() override {
        auto folder = RealGroup::make_folder();
        if (!folder) GTEST_SKIP() << "cgroup v2 is not mounted here, or this process may not make a group";
        group_.emplace(std::move(*folder));
    }

    std::optional<RealGroup> group_;
};

TEST_F(Leaf, HoldsItsCellsAndIsGoneWithThem) {
    {
        const auto leaf = leaf_in(group_->path());
        EXPECT_THAT(group_->leaves(), ElementsAre(StartsWith("curfew-" + std::to_string(::getpid()) + "-")));
        const auto one = make_cell_with({.cgroup = leaf.get()});
        const auto other = make_cell_with({.cgroup = leaf.get()});
        const auto outside = make_cell();
        for (const auto* cell : {&one, &other, &outside}) EXPECT_EQ(count(**cell), 1U);
        const auto group_of = [](pid_t pid) { return content_of("/proc/" + std::to_string(pid) + "/cgroup"); };
        const std::string name = leaf->path().substr(leaf->path().rfind('/'));
        EXPECT_THAT(group_of(one->pid()), HasSubstr(name + "\n"));
        EXPECT_THAT(group_of(other->pid()), HasSubstr(name + "\n"));
        EXPECT_THAT(group_of(outside->pid()), Not(HasSubstr(name)));
        EXPECT_EQ(text_of(leaf->path() + "/cgroup.events").contains("populated 1"), true);
    }
    EXPECT_THAT(group_->leaves(), IsEmpty());
}

TEST_F(Leaf, OfADeadHostIsRemovedByTheNext) {
    NumberPipe made;
    {
        const Child host([&] {
            const auto leaf = leaf_in(group_->path());
            const auto cell = make_cell_with({.cgroup = leaf.get()});
            made.send(cell->pid());
            ::pause();
        });
        made.close_sender();
        const auto cell = static_cast<pid_t>(made.receive());
        ASSERT_GT(cell, 0);
        const ProcessWatch watch(cell);
        host.kill();
        ASSERT_TRUE(watch.ends());
    }
    EXPECT_EQ(group_->leaves().size(), 1U);
    run_in_child([&] {
        const auto leaf = leaf_in(group_->path());
        EXPECT_THAT(group_->leaves(), ElementsAre(leaf->path().substr(leaf->path().rfind('/') + 1)));
    });
    EXPECT_THAT(group_->leaves(), IsEmpty());
}

TEST_F(Leaf, OfALivingHostStays) {
    const auto leaf = leaf_in(group_->path());
    run_in_child([&] {  // also looks for those that were left behind, and leaves its parent's when it ends
        const auto own = leaf_in(group_->path());
        EXPECT_EQ(group_->leaves().size(), 2U);
    });
    EXPECT_EQ(group_->leaves().size(), 1U);
    const auto cell = make_cell_with({.cgroup = leaf.get()});
    EXPECT_EQ(count(*cell), 1U);
}

TEST_F(Leaf, ThatIsFrozenHoldsUpItsCellsAndNotTheirHost) {
    const auto leaf = leaf_in(group_->path());
    auto cell = make_cell_with({.cgroup = leaf.get()});
    EXPECT_EQ(count(*cell), 1U);
    const Descriptor folder = open_folder(leaf->path());
    ASSERT_EQ(write_group_file(folder.get(), "cgroup.freeze", "1"), 0);
    std::jthread interrupter([&] { cell->interrupt(); });
    EXPECT_EQ(order(*cell, Order::count), Stop::interrupted);
    interrupter.join();

    ASSERT_EQ(write_group_file(folder.get(), "cgroup.freeze", "0"), 0);
    EXPECT_TRUE(cell->reset());
    EXPECT_EQ(count(*cell), 1U);

    ASSERT_EQ(write_group_file(folder.get(), "cgroup.freeze", "1"), 0);
    const ProcessWatch watch(cell->pid());
    cell.reset();
    EXPECT_TRUE(watch.ends());
}

TEST_F(Leaf, WithALimitNeedsItsController) {
    if (text_of(group_->path() + "/cgroup.controllers").contains("memory")) GTEST_SKIP() << "there is a controller";
    const auto parent = Cgroup::find_parent({.parent = group_->path(), .memory_max = 8 << 20});
    ASSERT_FALSE(parent);
    EXPECT_THAT(parent.error().message, AllOf(HasSubstr(group_->path()), HasSubstr("controller memory")));
}

}  // namespace
}  // namespace curfew::cell::testing
