// The walls behind the system call filter: what the kernel says to the launcher, whose restrictions cells inherit, and that
// there are cells without them.
#include "cell/process/layers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>

#include "cell/process/spawner.h"
#include "cell/process/testing/faults.h"
#include "cell/process/testing/pretended_barrier.h"
#include "cell/process/testing/process_fixture.h"
#include "cell/testing/borrowed_process.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LayerState state_of(Layer layer) {
    const auto layers = Spawner::instance().layers();
    EXPECT_TRUE(layers) << layers.error().message;
    return layers ? (*layers)[layer] : LayerState{};
}

std::string detail_of(Layer layer) { return process_layers().at(static_cast<std::size_t>(layer)).detail; }

constexpr char kRoot[] = "/";

std::optional<pid_t> keeper_of(pid_t launcher) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const pid_t pid = std::atoi(entry.path().filename().c_str());
        if (pid > 0 && parent_of(pid) == launcher && status_of(pid, "Name") == "curfew-keeper") return pid;
    }
    return std::nullopt;
}

TEST(Layers, LandlockIsOnWhereTheKernelHasIt) {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U);
    if (version < 1) GTEST_SKIP() << "this kernel has no Landlock";
    const LayerState state = state_of(Layer::landlock);
    EXPECT_EQ(state.kind, LayerState::on) << state.error;
    EXPECT_EQ(state.detail, static_cast<std::uint32_t>(version));

    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    {
        BorrowedProcess launcher(parent_of(cell->pid()));
        if (!launcher) GTEST_SKIP() << "this process may not trace the launcher";
        EXPECT_EQ(launcher.call(SYS_open, launcher.put(kRoot), O_RDONLY | O_DIRECTORY), -EACCES);
        if (version >= 4) {
            const long socket = launcher.call(SYS_socket, AF_INET, SOCK_STREAM, 0);
            ASSERT_GE(socket, 0);
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(1);
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            const auto file = static_cast<std::uint64_t>(socket);
            EXPECT_EQ(launcher.call(SYS_connect, file, launcher.put(address), sizeof address), -EACCES);
            EXPECT_EQ(launcher.call(SYS_close, file), 0);
        }
        if (version >= 6) {
            EXPECT_EQ(launcher.call(SYS_kill, static_cast<std::uint64_t>(::getpid()), 0), -EPERM);
        }
    }
    EXPECT_EQ(count(*make_cell()), 1U);
}

TEST(Layers, StoreBypassIsForbiddenWhereTheProcessorOffersIt) {
    const LayerState state = state_of(Layer::store_bypass);
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const std::string said = status_of(cell->pid(), "Speculation_Store_Bypass");
    switch (state.kind) {
        case LayerState::on: EXPECT_THAT(said, AnyOf("thread force mitigated", "globally mitigated")); break;
        case LayerState::unneeded: EXPECT_EQ(said, "not vulnerable"); break;
        case LayerState::absent: EXPECT_THAT(said, AnyOf("vulnerable", "unknown", "")); break;
    }
    const int own = ::prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0);
    if (own > 0 && (own & PR_SPEC_PRCTL) != 0) {
        EXPECT_EQ(state.kind, LayerState::on);
    }
}

struct Namespace {
    Layer layer;
    int flag;
    const char* name;
};

// Where this process can have one, with a user namespace or without.
bool can_have(int flag) {
    for (const int flags : {flag, flag | CLONE_NEWUSER}) {
        Child child([&] { ::_exit(::unshare(flags) == 0 ? 0 : 1); });
        if (child.wait() == 0) return true;
    }
    return false;
}

TEST(Layers, CellsAreInNamespacesOfTheirOwnWhereThisProcessCanHaveThem) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP()
        << "only a process of one thread can enter a user namespace, and the thread sanitizer has one of its own";
#endif
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    for (const Namespace& each :
         {Namespace{Layer::user_namespace, CLONE_NEWUSER, "user"}, Namespace{Layer::empty_root, CLONE_NEWNS, "mnt"},
          Namespace{Layer::network, CLONE_NEWNET, "net"}, Namespace{Layer::ipc, CLONE_NEWIPC, "ipc"},
          Namespace{Layer::pids, CLONE_NEWPID, "pid"}}) {
        const LayerState state = state_of(each.layer);
        EXPECT_EQ(state.kind, can_have(each.flag) ? LayerState::on : LayerState::absent) << each.name;
        const auto of = [&](const std::string& process) {
            return std::filesystem::read_symlink("/proc/" + process + "/ns/" + each.name);
        };
        EXPECT_EQ(of(std::to_string(cell->pid())) != of("self"), state.kind == LayerState::on) << each.name;
    }
}

TEST(Layers, TheRootOfCellsIsEmpty) {
    if (state_of(Layer::empty_root).kind != LayerState::on) GTEST_SKIP() << detail_of(Layer::empty_root);
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    for (const pid_t process : {cell->pid(), parent_of(cell->pid())}) {
        EXPECT_TRUE(std::filesystem::is_empty("/proc/" + std::to_string(process) + "/root"));
        const std::string mounts = content_of("/proc/" + std::to_string(process) + "/mountinfo");
        EXPECT_EQ(std::ranges::count(mounts, '\n'), 1) << mounts;
    }
}

TEST(Layers, CellsOfARootHostHaveAUserOfTheirOwn) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    std::istringstream said(status_of(cell->pid(), "Uid"));
    uid_t user = 0;
    said >> user;
    switch (state_of(Layer::own_user).kind) {
        case LayerState::on: EXPECT_EQ(user, kCellUser); break;
        case LayerState::unneeded: EXPECT_NE(::geteuid(), 0U); [[fallthrough]];
        case LayerState::absent: EXPECT_EQ(user, ::geteuid()); break;
    }
}

// By the flags of each mapping: "wr", it can be written, and "sl", it is sealed.
TEST(Layers, WhatCellsMayNotWriteIsSealedWhereTheKernelCan) {
    if (state_of(Layer::sealed_memory).kind != LayerState::on) GTEST_SKIP() << detail_of(Layer::sealed_memory);
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 30);
    const auto saved = cell->snapshot();
    ASSERT_TRUE(saved);
    const auto another = make_cell(*saved);
    EXPECT_EQ(count(*another), 1U);
    for (const pid_t process : {cell->pid(), another->pid()}) {
        std::istringstream smaps(content_of("/proc/" + std::to_string(process) + "/smaps"));
        std::string mapping;
        unsigned sealed = 0;
        for (std::string line; std::getline(smaps, line);) {
            const std::string first = line.substr(0, line.find(' '));
            if (first.contains('-') && !first.ends_with(':')) mapping = line;
            if (!line.starts_with("VmFlags:") || mapping.contains("[vsyscall]")) continue;
            EXPECT_NE(line.contains(" sl"), line.contains(" wr")) << mapping << ": " << line;
            sealed += line.contains(" sl") ? 1 : 0;
        }
        EXPECT_GE(sealed, 4U);
    }
}

// What keeps the pids of cells apart, and ends with all of them.
TEST(Layers, AKeeperThatIsKilledTakesCellsWithItAndIsReplaced) {
    if (state_of(Layer::pids).kind != LayerState::on) GTEST_SKIP() << detail_of(Layer::pids);
    run_in_child([] {
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        const auto keeper = keeper_of(parent_of(cell->pid()));
        ASSERT_TRUE(keeper);
        const ProcessWatch watch(cell->pid());
        ASSERT_EQ(::kill(*keeper, SIGKILL), 0);
        EXPECT_TRUE(watch.ends());
        EXPECT_EQ(order(*cell, Order::count), Stop::died);
        EXPECT_EQ(count(*make_cell()), 1U);
        EXPECT_EQ(count(*make_cell()), 1U);
    });
}

TEST(Layers, AKeeperEndsWithItsLauncher) {
    if (state_of(Layer::pids).kind != LayerState::on) GTEST_SKIP() << detail_of(Layer::pids);
    NumberPipe pids;
    const Child host([&] {
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        pids.send(keeper_of(parent_of(cell->pid())).value_or(-1));
        ::pause();
    });
    pids.close_sender();
    const auto keeper = static_cast<pid_t>(pids.receive());
    ASSERT_GT(keeper, 0);
    const ProcessWatch watch(keeper);
    host.kill();
    EXPECT_TRUE(watch.ends());
}

// What the machine lacks, and what is said of it. There are cells all the same.
struct Lack {
    Fault fault;
    Layer layer;
    const char* report;

    friend void PrintTo(const Lack& lack, std::ostream* out) { *out << lack.fault.name; }
};

class WithoutLayer : public ::testing::TestWithParam<Lack> {};

TEST_P(WithoutLayer, ThereAreCellsAndTheReasonIsSaid) {
    const auto image = test_image();
    run_in_child([&] {
        inject(GetParam().fault);
        EXPECT_EQ(count(*make_cell(image)), 1U);
        EXPECT_EQ(state_of(GetParam().layer).kind, LayerState::absent);
        EXPECT_THAT(detail_of(GetParam().layer), HasSubstr(GetParam().report));
    });
}

INSTANTIATE_TEST_SUITE_P(
    Landlock, WithoutLayer,
    ::testing::Values(
        Lack{{"NoLandlock", SYS_landlock_create_ruleset, ENOSYS, ""}, Layer::landlock, "Linux 5.13"},
        Lack{{"DisabledLandlock", SYS_landlock_create_ruleset, EOPNOTSUPP, ""}, Layer::landlock, "lsm="},
        Lack{{"ForbiddenLandlock", SYS_landlock_create_ruleset, EPERM, ""}, Layer::landlock, "seccomp profile"},
        Lack{{"NoRestriction", SYS_landlock_restrict_self, E2BIG, ""}, Layer::landlock, "Argument list too long"}),
    [](const auto& test) { return test.param.fault.name; });

INSTANTIATE_TEST_SUITE_P(StoreBypass, WithoutLayer,
                         ::testing::Values(Lack{{"UnknownToTheKernel", SYS_prctl, EINVAL, "", 0,
                                                 PR_GET_SPECULATION_CTRL},
                                                Layer::store_bypass,
                                                "Invalid argument: loads may pass stores"},
                                           Lack{{"ForbiddenToAsk", SYS_prctl, EPERM, "", 0, PR_GET_SPECULATION_CTRL},
                                                Layer::store_bypass,
                                                "seccomp profile"}),
                         [](const auto& test) { return test.param.fault.name; });

// Where one can only be had if the kernel is asked about it.
INSTANTIATE_TEST_SUITE_P(BranchBarrier, WithoutLayer,
                         ::testing::Values(Lack{{"UnknownToTheKernel", SYS_prctl, EINVAL, "", 0,
                                                 PR_GET_SPECULATION_CTRL},
                                                Layer::branch_barrier,
                                                "Invalid argument: branches of others may be predicted"},
                                           Lack{{"ForbiddenToAsk", SYS_prctl, EPERM, "", 0, PR_GET_SPECULATION_CTRL},
                                                Layer::branch_barrier,
                                                "seccomp profile"}),
                         [](const auto& test) { return test.param.fault.name; });

constexpr auto kNewPids = static_cast<std::uint32_t>(CLONE_NEWPID | CLONE_PIDFD);

INSTANTIATE_TEST_SUITE_P(
    Namespaces, WithoutLayer,
    ::testing::Values(
        Lack{{"NoUserNamespace", SYS_unshare, ENOSPC, "", 0, CLONE_NEWUSER}, Layer::user_namespace, "user.max_"},
        Lack{{"ForbiddenUserNamespace", SYS_unshare, EPERM, "", 0, CLONE_NEWUSER}, Layer::user_namespace, "sysctl"},
        Lack{{"NoMountNamespace", SYS_unshare, EPERM, "", 0, CLONE_NEWNS}, Layer::empty_root, "seccomp"},
        Lack{{"NoMounts", SYS_mount, EPERM, ""}, Layer::empty_root, "Operation not permitted"},
        Lack{{"NoPivot", SYS_pivot_root, EPERM, ""}, Layer::empty_root, "Operation not permitted"},
        Lack{{"MountsThatStay", SYS_pivot_root, 0, ""}, Layer::empty_root, ""},
        Lack{{"NoNetworkNamespace", SYS_unshare, EINVAL, "", 0, CLONE_NEWNET}, Layer::network, "Invalid argument"},
        Lack{{"NoIpcNamespace", SYS_unshare, EINVAL, "", 0, CLONE_NEWIPC}, Layer::ipc, "Invalid argument"},
        Lack{{"NoPidNamespace", SYS_clone, EPERM, "", 0, kNewPids}, Layer::pids, "seccomp"},
        Lack{{"NoEnteringOfNamespaces", SYS_setns, EPERM, ""}, Layer::pids, "seccomp"}),
    [](const auto& test) { return test.param.fault.name; });

constexpr int kGetFixedCode = 66;  // PR_GET_MDWE
constexpr long kSeal = 462;        // SYS_mseal

INSTANTIATE_TEST_SUITE_P(
    Memory, WithoutLayer,
    ::testing::Values(Lack{{"NoFixedCode", SYS_prctl, EINVAL, "", 0, kGetFixedCode}, Layer::fixed_code, "Linux 6.3"},
                      Lack{{"NoSealing", kSeal, ENOSYS, ""}, Layer::sealed_memory, "Linux 6.10"}),
    [](const auto& test) { return test.param.fault.name; });

TEST(Layers, WhatAProcessorIsSafeFromNeedsNoWall) {
    const auto image = test_image();
    run_in_child([&] {
        inject({"NotAffected", SYS_prctl, 0, "", 0, PR_GET_SPECULATION_CTRL});
        EXPECT_EQ(count(*make_cell(image)), 1U);
        EXPECT_EQ(state_of(Layer::store_bypass).kind, LayerState::unneeded);
        EXPECT_EQ(state_of(Layer::branch_barrier).kind, LayerState::unneeded);
        EXPECT_EQ(count(*make_cell_with({.branch_barrier = BranchBarrier::required}, image)), 1U);
    });
}

TEST(BranchBarriers, AreInJustTheCellsThatAskForThem) {
    if (!kForksAmongThreads) GTEST_SKIP() << "the child that pretends has a thread for that";
    const auto image = test_image();
    run_in_child([&] {
        auto& kernel =
            *new PretendedBarrier(PretendedBarrier::Kernel::obeys);  // NOLINT(*-owning-memory): never destroyed
        const auto without = make_cell(image);
        EXPECT_EQ(count(*without), 1U);
        EXPECT_EQ(state_of(Layer::branch_barrier).kind, LayerState::on);
        EXPECT_THAT(detail_of(Layer::branch_barrier), HasSubstr("in cells that ask for it"));
        EXPECT_THAT(kernel.asked(), IsEmpty());
        const auto first = make_cell_with({.branch_barrier = BranchBarrier::where_possible}, image);
        EXPECT_EQ(count(*first), 1U);
        const auto second = make_cell_with({.branch_barrier = BranchBarrier::required}, image);
        EXPECT_EQ(count(*second), 1U);
        EXPECT_EQ(count(*make_cell(image)), 1U);
        EXPECT_THAT(kernel.asked(), ElementsAre(first->pid(), second->pid()));
    });
}

TEST(BranchBarriers, ThatCannotBeHadLeaveNoCellThatAsksForThem) {
    if (!kForksAmongThreads) GTEST_SKIP() << "the child that pretends has a thread for that";
    const auto image = test_image();
    for (const auto how : {PretendedBarrier::Kernel::refuses, PretendedBarrier::Kernel::ignores}) {
        run_in_child([&] {
            new PretendedBarrier(how);  // NOLINT(*-owning-memory): never destroyed
            const auto refused = ProcessCell::spawn(image, {.branch_barrier = BranchBarrier::where_possible});
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
            EXPECT_THAT(refused.error().message, HasSubstr("PR_SET_SPECULATION_CTRL"));
            EXPECT_EQ(count(*make_cell(image)), 1U);
        });
    }
}

TEST(BranchBarriers, ThatAreRequiredAreNotDoneWithout) {
    const auto image = test_image();
    run_in_child([&] {
        inject({"UnknownToTheKernel", SYS_prctl, EINVAL, "", 0, PR_GET_SPECULATION_CTRL});
        const auto refused = ProcessCell::spawn(image, {.branch_barrier = BranchBarrier::required});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
        EXPECT_THAT(refused.error().message, HasSubstr("BranchBarrier::where_possible"));
        EXPECT_EQ(count(*make_cell_with({.branch_barrier = BranchBarrier::where_possible}, image)), 1U);
    });
}

// A process that believes that it is restricted, and is not.
TEST(Layers, ARestrictionThatDoesNotHoldIsNotSaidToBeOn) {
    if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U) < 1) GTEST_SKIP() << "this kernel has no Landlock";
    const auto image = test_image();
    run_in_child([&] {
        inject({"Ignored", SYS_landlock_restrict_self, 0, ""});
        EXPECT_EQ(count(*make_cell(image)), 1U);
        EXPECT_EQ(state_of(Layer::landlock).kind, LayerState::absent);
        EXPECT_THAT(detail_of(Layer::landlock), HasSubstr("does not hold"));
    });
}

}  // namespace
}  // namespace curfew::cell::testing
