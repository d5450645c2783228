// Machines and containers that lack something that cells need: one clear error, nothing left behind, and cells as soon as
// the cause is gone.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <optional>

#include "cell/process/testing/faults.h"
#include "cell/process/testing/process_fixture.h"
#include "cell/process/x86_64/trampoline.h"
#include "cell/testing/borrowed_process.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Unavailable : public ::testing::TestWithParam<Fault> {};

TEST_P(Unavailable, GivesOneClearErrorAndLeavesNothing) {
    const auto image = test_image();  // before, since it needs memory files as well
    run_in_child([&] {
        inject(GetParam());
        for (int attempt = 0; attempt < 3; ++attempt) {
            const std::size_t before = descriptors_of(::getpid());
            const auto cell = ProcessCell::spawn(image, {});
            ASSERT_FALSE(cell);
            EXPECT_EQ(cell.error().code, ErrorCode::unavailable);
            EXPECT_THAT(cell.error().message,
                        AllOf(StartsWith("no isolation is available here: "), HasSubstr(GetParam().report)));
            // A launcher that works is kept; then there are its socket and its pidfd.
            EXPECT_LE(descriptors_of(::getpid()), attempt == 0 ? before + 2 : before);
            EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG | __WALL), -1);
        }
    });
    run_in_child([&] { EXPECT_EQ(count(*make_cell()), 1U); });
}

INSTANTIATE_TEST_SUITE_P(
    Host, Unavailable,
    ::testing::Values(
        Fault{"NoMemfd", SYS_memfd_create, ENOSYS, "memfd_create failed (Function not implemented)"},
        Fault{"ForbiddenMemfd", SYS_memfd_create, EPERM, "memfd_create failed (Operation not permitted)"},
        Fault{"NoDescriptorForMemfd", SYS_memfd_create, EMFILE, "Raise the limit of open files (ulimit -n)"},
        Fault{"NoMemory", SYS_memfd_create, ENOMEM, "memfd_create failed (Cannot allocate memory)"},
        Fault{"NoSpace", SYS_ftruncate, ENOSPC, "sizing a memfd failed (No space left"},
        Fault{"NoWrite", SYS_pwrite64, ENOSPC, "writing to a memfd failed (No space left"},
        Fault{"NoSeals", SYS_fcntl, EINVAL, "sealing a memfd failed", 1, F_ADD_SEALS},
        Fault{"NoSocket", SYS_socketpair, EMFILE, "making a socket failed (Too many open files)"},
        Fault{"NoPidfd", SYS_pidfd_open, ENOSYS, "pidfd_open failed (Function not implemented)"},
        Fault{"NoProcess", SYS_clone, EAGAIN, "starting a process failed (Resource temporarily"},
        Fault{"NoOrphan", SYS_clone, EPERM, "starting a process failed (Operation not", 0,
              CLONE_VM | CLONE_VFORK | CLONE_PIDFD},
        Fault{"NoDescriptors", SYS_fcntl, EMFILE, "passing descriptors to the launcher failed (Too many", 1, F_DUPFD},
        Fault{"NoExecution", SYS_execveat, EACCES, "executing a program from memory failed (Permission denied)"},
        Fault{"NoSignals", SYS_pidfd_send_signal, EPERM, "pidfd_send_signal failed (Operation not permitted)"},
        Fault{"NoRandomness", SYS_getrandom, ENOSYS, "getrandom failed (Function not implemented)"},
        Fault{"NoSending", SYS_sendmsg, EPERM, "the launcher of cells ended before it was ready"},
        Fault{"NoReceiving", SYS_recvmsg, EPERM, "the launcher of cells ended before it was ready"},
        Fault{"NoMailbox", SYS_mmap, ENOMEM, "mapping a cell's mailbox failed", 1,
              static_cast<std::uint32_t>(wire::kMailboxSize)}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Launcher, Unavailable,
    ::testing::Values(
        Fault{"NoPrivilegesToGive", SYS_prctl, EINVAL, "giving up privileges (no_new_privs)", 0, PR_SET_NO_NEW_PRIVS},
        Fault{"NoCoreLimit", SYS_prlimit64, EPERM, "switching off core dumps (setrlimit) (Operation not", 1,
              RLIMIT_CORE},
        Fault{"NoFileSizeLimit", SYS_prlimit64, EPERM, "limiting its resources (setrlimit) (Operation not", 1,
              RLIMIT_FSIZE},
        Fault{"NoThpControl", SYS_prctl, EPERM, "switching off large pages", 0, PR_SET_THP_DISABLE},
        Fault{"NoSeccomp", SYS_seccomp, EINVAL, "installing its seccomp filter (Invalid argument)"},
        Fault{"NoCell", SYS_clone, EAGAIN, "starting a cell failed (Resource temporarily", 0, CLONE_PIDFD}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Cell, Unavailable,
    ::testing::Values(
        Fault{"NoParentDeath", SYS_prctl, EINVAL, "tying its life to its host's (Invalid argument)", 0,
              PR_SET_PDEATHSIG},
        Fault{"NoHeap", SYS_mmap, ENOMEM, "mapping its memory (Cannot allocate memory)", 0, CURFEW_HEAP_BASE},
        Fault{"NoTrampoline", SYS_mmap, ENOMEM, "mapping its memory (Cannot", 0, CURFEW_TRAMPOLINE_BASE},
        Fault{"NoMailbox", SYS_mmap, ENOMEM, "a cell ended before it was ready", 0, CURFEW_MAILBOX_BASE},
        Fault{"NoProtection", SYS_mprotect, EACCES, "MemoryDenyWriteExecute", 0, CURFEW_TRAMPOLINE_BASE},
        Fault{"NoSignalStack", SYS_sigaltstack, EPERM, "setting up its signals (Operation not permitted)", 1, 0},
        Fault{"NoHandler", SYS_rt_sigaction, EINVAL, "setting up its signals (Invalid argument)", 0, SIGSYS},
        Fault{"NoFutex", SYS_set_robust_list, ENOSYS, "setting up its futex (Function not implemented)"},
        Fault{"NoClosing", SYS_close_range, ENOSYS, "closing its descriptors (Function not implemented)"},
        Fault{"NoProcessLimit", SYS_prlimit64, EPERM, "limiting its resources (setrlimit)", 1, RLIMIT_NPROC},
        Fault{"NoSealing", 462 /* SYS_mseal */, ENOMEM, "protecting its memory (Cannot", 1, CURFEW_TRAMPOLINE_SIZE},
        Fault{"NoUnmapping", SYS_munmap, EINVAL, "dropping the launcher's memory (Invalid argument)", 0,
              CURFEW_LAUNCHER_LOW}),
    [](const auto& test) { return test.param.name; });

// Who asks for less than that is served all the same.
TEST(Privileges, ATimeStampCounterThatCannotBeTakenAwayIsAnErrorWhereItMatters) {
    const auto image = test_image();
    run_in_child([&] {
        inject({"NoTimeStampControl", SYS_prctl, EINVAL, "", 0, PR_SET_TSC});
        EXPECT_EQ(count(*make_cell()), 1U);
        for (int attempt = 0; attempt < 3; ++attempt) {
            const auto cell = ProcessCell::spawn(image, {.coarse_time = true});
            ASSERT_FALSE(cell);
            EXPECT_EQ(cell.error().code, ErrorCode::unavailable);
            EXPECT_THAT(cell.error().message, AllOf(HasSubstr("disabling the time-stamp counter (Invalid argument)"),
                                                    HasSubstr("SideChannels::basic")));
        }
    });
}

TEST(Privileges, ThatCannotBeGivenUpAreNotKept) {
    const auto image = test_image();
    const bool some = status_of(::getpid(), "CapPrm") != "0000000000000000";
    run_in_child([&] {
        inject({"NoCapset", SYS_capset, EPERM, ""});
        const auto cell = ProcessCell::spawn(image, {});
        ASSERT_EQ(static_cast<bool>(cell), !some);  // a host without capabilities has none to give up
        if (some) {
            EXPECT_THAT(cell.error().message, HasSubstr("giving up privileges (capset)"));
        }
    });
    if (!some) return;
    run_in_child([&] {
        constexpr uid_t kSomebody = 61234;
        ASSERT_EQ(::setresuid(kSomebody, kSomebody, kSomebody), 0);
        inject({"NoCapset", SYS_capset, EPERM, ""});
        EXPECT_EQ(count(*make_cell()), 1U);
    });
}

TEST(Privileges, HostsWithTheLowestLimitsHaveCells) {
    const auto image = test_image();
    run_in_child([&] {
        for (const auto resource : {RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE}) {
            const rlimit none{0, 0};
            ASSERT_EQ(::setrlimit(resource, &none), 0);
        }
        EXPECT_EQ(count(*make_cell()), 1U);
    });
}

TEST(Privileges, PagesOfCellsAreNotMerged) {
    constexpr int kSet = 67, kGet = 68;  // PR_SET_MEMORY_MERGE and PR_GET_MEMORY_MERGE
    run_in_child([&] {
        if (::prctl(kSet, 1, 0, 0, 0) != 0) return;  // the kernel cannot
        ASSERT_EQ(::prctl(kGet, 0, 0, 0, 0), 1);
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        const std::string state = content_of("/proc/" + std::to_string(cell->pid()) + "/ksm_stat");
        EXPECT_FALSE(state.contains("ksm_merge_any: yes")) << state;
    });
}

void limit(int resource, rlim_t soft) {
    rlimit now{};
    ASSERT_EQ(::getrlimit(static_cast<__rlimit_resource>(resource), &now), 0);
    now.rlim_cur = soft;
    ASSERT_EQ(::setrlimit(static_cast<__rlimit_resource>(resource), &now), 0);
}

// Whatever number of descriptors is left, a cell is made or an error says why not, and cells work afterwards.
TEST(Exhaustion, OfDescriptors) {
    const auto image = test_image();
    run_in_child([&] {
        rlimit full{};
        ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &full), 0);
        bool failed = false, made = false;
        for (rlim_t left = 3; left < 30; ++left) {
            run_in_child([&] {
                const std::size_t before = descriptors_of(::getpid());
                limit(RLIMIT_NOFILE, left);
                const auto cell = ProcessCell::spawn(image, {});
                limit(RLIMIT_NOFILE, full.rlim_cur);
                if (!cell) {
                    EXPECT_EQ(cell.error().code, ErrorCode::unavailable);
                    EXPECT_THAT(cell.error().message, HasSubstr("open files"));
                    EXPECT_LE(descriptors_of(::getpid()), before + 2);
                }
                EXPECT_EQ(count(*make_cell()), 1U);
                NumberPipe().send(0);  // descriptors still work
            });
            limit(RLIMIT_NOFILE, left);
            (ProcessCell::spawn(image, {}) ? made : failed) = true;
            limit(RLIMIT_NOFILE, full.rlim_cur);
        }
        EXPECT_TRUE(failed);
        EXPECT_TRUE(made);
    });
}

// The kernel ends a process that makes a file larger than it may, unless it takes care.
TEST(Exhaustion, OfFileSize) {
    const auto image = test_image();
    run_in_child([&] {
        limit(RLIMIT_FSIZE, 1000);
        const auto cell = ProcessCell::spawn(image, {});
        ASSERT_FALSE(cell);
        EXPECT_EQ(cell.error().code, ErrorCode::unavailable);
        EXPECT_THAT(cell.error().message, HasSubstr("limit of file sizes (ulimit -f"));
    });
    run_in_child([&] {
        const auto cell = make_cell();
        ask(*cell, Order::dirty, 1000);
        limit(RLIMIT_FSIZE, 1 << 20);
        const auto saved = cell->snapshot();
        ASSERT_FALSE(saved);
        EXPECT_THAT(saved.error().message, HasSubstr("limit of file sizes (ulimit -f"));
        EXPECT_EQ(count(*cell), 1U);
    });
}

// With the launcher running, each further cell needs two descriptors for a moment and keeps one.
TEST(Exhaustion, OfDescriptorsByCells) {
    run_in_child([] {
        auto first = make_cell();
        EXPECT_EQ(count(*first), 1U);
        const pid_t launcher = parent_of(first->pid());
        rlimit full{};
        ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &full), 0);
        limit(RLIMIT_NOFILE, 40);
        std::vector<std::unique_ptr<ProcessCell>> cells;
        std::optional<Error> error;
        while (!error && cells.size() < 100) {
            auto cell = ProcessCell::spawn(test_image(), {});
            if (cell) {
                cells.push_back(std::move(*cell));
            } else {
                error = cell.error();
            }
        }
        limit(RLIMIT_NOFILE, full.rlim_cur);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::unavailable);
        EXPECT_THAT(error->message, HasSubstr("open files"));
        // No cell lives that nobody knows of. The launcher serves one request after the other.
        const auto next = make_cell();
        EXPECT_LE(children_of(launcher).size(), cells.size() + 2 + 1);  // a spare, perhaps
        for (const auto& cell : cells) EXPECT_EQ(count(*cell), 1U);
        cells.clear();
        EXPECT_EQ(count(*make_cell()), 1U);
    });
}

// The launcher has the limit of its host's start. It must not mistake a descriptor that it did not get for another.
TEST(Exhaustion, OfTheLaunchersDescriptors) {
    run_in_child([] {
        limit(RLIMIT_NOFILE, 64);
        auto first = make_cell();
        EXPECT_EQ(count(*first), 1U);
        const pid_t launcher = parent_of(first->pid());
        // Its socket, the pidfd of its host, and where pids are the cells' own the socket of what keeps them.
        const rlim_t own = (*Spawner::instance().layers())[Layer::pids].kind == LayerState::on ? 3 : 2;
        for (rlim_t left = own; left < own + kLaunchFiles + 3; ++left) {
            const rlimit few{left, 64};
            {
                BorrowedProcess borrowed(launcher);
                if (!borrowed) GTEST_SKIP() << "this process may not trace the launcher";
                ASSERT_EQ(borrowed.call(SYS_prlimit64, 0, RLIMIT_NOFILE, borrowed.put(few)), 0);
            }
            const auto cell = ProcessCell::spawn(test_image(), {});
            if (left < own + kLaunchFiles + 1) {
                ASSERT_FALSE(cell) << left;
                EXPECT_THAT(cell.error().message, HasSubstr("Too many open files"));
            } else {
                ASSERT_TRUE(cell) << left << cell.error().message;
                EXPECT_EQ(count(**cell), 1U);
            }
            // What came with a request that was answered just now, or what a spare takes.
            EXPECT_LE(descriptors_of(launcher), own + kLaunchFiles + 1);
            EXPECT_EQ(count(*first), left - own + 2);
        }
    });
}

TEST(Exhaustion, OfProcesses) {
    if (::getuid() != 0) GTEST_SKIP() << "needs a user of its own, whose processes can be counted";
    const auto image = test_image();
    bool failed = false, made = false;
    for (rlim_t processes = 0; processes < 6; ++processes) {
        Child host([&] {
            const auto somebody = static_cast<uid_t>(1'000'000 + ::getpid());  // has no other processes
            limit(RLIMIT_NPROC, processes);
            ASSERT_EQ(::setresuid(somebody, somebody, somebody), 0);
            const auto cell = ProcessCell::spawn(image, {});
            if (cell) {
                EXPECT_EQ(order(**cell, Order::count), Stop::called_out);
                ::_exit(42);
            }
            EXPECT_EQ(cell.error().code, ErrorCode::unavailable);
            EXPECT_THAT(cell.error().message, HasSubstr("limits of processes"));
        });
        const int status = host.wait();
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_THAT(WEXITSTATUS(status), ::testing::AnyOf(0, 42));
        (WEXITSTATUS(status) == 42 ? made : failed) = true;
    }
    EXPECT_TRUE(failed);
    EXPECT_TRUE(made);
}

// Signals with a value need room in a queue. Where there is none, an interrupt ends the cell.
TEST(Exhaustion, OfPendingSignals) {
    run_in_child([] {
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        limit(RLIMIT_SIGPENDING, 0);
        cell->interrupt();
        EXPECT_THAT(order(*cell, Order::spin), ::testing::AnyOf(Stop::interrupted, Stop::died));
    });
}

TEST(Exhaustion, OfAddressSpace) {
    run_in_child([] {
        const auto program = test_image()->program;
        const auto huge = initial_state(program, {.heap = wire::kMaxHeapSize, .stack = wire::kMaxStackSize});
        ASSERT_TRUE(huge);
        EXPECT_EQ(count(*make_cell(*huge)), 1U);  // which costs nothing until it is used
    });
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they take terabytes themselves
    run_in_child([] {
        limit(RLIMIT_AS, rlim_t{1} << 30);
        const auto huge = initial_state(test_image()->program, {.heap = wire::kMaxHeapSize, .stack = 64 << 10});
        ASSERT_TRUE(huge);
        const auto cell = ProcessCell::spawn(*huge, {});
        ASSERT_FALSE(cell);
        EXPECT_THAT(cell.error().message, HasSubstr("mapping its memory (Cannot allocate memory)"));
        EXPECT_EQ(count(*make_cell()), 1U);
    });
#endif
}

}  // namespace
}  // namespace curfew::cell::testing
