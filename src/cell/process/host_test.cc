// A cell must not disturb its host, and must not outlive it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <semaphore>
#include <thread>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::atomic<int> child_signals = 0;

TEST(Host, IsToldOfNoChildAndHasNoneToWaitFor) {
    run_in_child([] {
        struct sigaction action{};
        action.sa_handler = [](int) { ++child_signals; };
        ASSERT_EQ(::sigaction(SIGCHLD, &action, nullptr), 0);
        pid_t launcher = 0;
        {
            const auto cell = make_cell();
            EXPECT_EQ(count(*cell), 1U);
            const auto doomed = make_cell();
            EXPECT_EQ(order(*doomed, Order::illegal_instruction), Stop::died);
            launcher = parent_of(cell->pid());
            EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
            EXPECT_EQ(errno, ECHILD);
            EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG | __WALL), -1);
            EXPECT_EQ(errno, ECHILD);
        }
        const ProcessWatch watch(launcher);
        ::kill(launcher, SIGKILL);
        EXPECT_TRUE(watch.ends());
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG | __WALL), -1);
        EXPECT_EQ(errno, ECHILD);
        EXPECT_EQ(child_signals, 0);
    });
}

TEST(Host, TakesNothingWithItWhenItIsKilled) {
    NumberPipe pids;
    Child host([&] {
        std::vector<std::unique_ptr<ProcessCell>> cells;
        auto add = [&] {
            cells.push_back(make_cell());
            EXPECT_EQ(count(*cells.back()), 1U);
            pids.send(cells.back()->pid());
        };
        add();                               // parked
        std::thread([&] { add(); }).join();  // made by a thread that is over
        add();
        const pid_t launcher = parent_of(cells.back()->pid());
        pids.send(launcher);
        for (const pid_t child : children_of(launcher)) pids.send(child);  // the cells again, and a spare, perhaps
        pids.send(0);
        std::thread running([cell = cells.back().get()] { order(*cell, Order::spin); });
        std::thread waiting([] { ::pause(); });
        running.join();
        waiting.join();
    });
    pids.close_sender();
    std::vector<ProcessWatch> watches;
    while (const auto pid = static_cast<pid_t>(pids.receive())) {
        ASSERT_GT(pid, 0);
        watches.emplace_back(pid);
    }
    EXPECT_GE(watches.size(), 7U);
    host.kill();
    EXPECT_NE(host.wait(), 0);
    for (const ProcessWatch& watch : watches) EXPECT_TRUE(watch.ends());
}

TEST(Host, TakesNothingWithItWhenItExitsOrExecutesAnotherProgram) {
    for (const bool execute : {false, true}) {
        NumberPipe pids;
        Child host([&] {
            const auto cell = make_cell();
            EXPECT_EQ(count(*cell), 1U);
            pids.send(cell->pid());
            pids.send(parent_of(cell->pid()));
            if (execute) ::execl("/bin/sleep", "sleep", "1000", nullptr);
            ::_exit(0);
        });
        pids.close_sender();
        const ProcessWatch cell(static_cast<pid_t>(pids.receive())), launcher(static_cast<pid_t>(pids.receive()));
        EXPECT_TRUE(cell.ends());
        EXPECT_TRUE(launcher.ends());
    }
}

TEST(Host, MayEndTheThreadThatMadeACell) {
    std::unique_ptr<ProcessCell> cell;
    std::thread([&] {
        cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
    }).join();
    EXPECT_EQ(count(*cell), 2U);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(count(*cell), 1U);
}

TEST(Host, GoesOnWithoutALauncherThatWasKilled) {
    const auto parked = make_cell(), running = make_cell();
    EXPECT_EQ(count(*parked), 1U);
    EXPECT_EQ(count(*running), 1U);
    const pid_t launcher = parent_of(parked->pid());
    const ProcessWatch watch(launcher);
    {
        std::jthread killer([&] { ::kill(launcher, SIGKILL); });
        EXPECT_EQ(order(*running, Order::spin), Stop::died);
    }
    EXPECT_TRUE(watch.ends());
    EXPECT_THAT(running->death().text, HasSubstr("killed from outside"));
    EXPECT_EQ(order(*parked, Order::count), Stop::died);
    const auto next = make_cell();
    EXPECT_EQ(count(*next), 1U);
    EXPECT_NE(parent_of(next->pid()), launcher);
}

// The launcher makes a process beforehand, for the next cell.
TEST(Host, DoesNotNeedTheSpare) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const pid_t launcher = parent_of(cell->pid());
    for (int i = 0; i < 5; ++i) {
        const auto another = make_cell();
        EXPECT_EQ(count(*another), 1U);
        std::vector<pid_t> spares;  // and others' cells for as long as they are not quite gone
        for (const auto deadline = std::chrono::steady_clock::now() + kPatience;
             spares.size() != 1 && std::chrono::steady_clock::now() < deadline;) {
            spares = children_of(launcher);
            std::erase(spares, cell->pid());
            std::erase(spares, another->pid());
        }
        ASSERT_EQ(spares.size(), 1U);
        const ProcessWatch watch(spares[0]);
        ::kill(spares[0], SIGKILL);
        EXPECT_TRUE(watch.ends());
        EXPECT_EQ(count(*make_cell()), 1U);
    }
    EXPECT_EQ(count(*cell), 2U);
}

// The pids of cells whose launcher is gone may be others' by now.
TEST(Host, DropsCellsOfALauncherThatIsGoneWithoutHarmToOthers) {
    auto old = make_cell();
    EXPECT_EQ(count(*old), 1U);
    const ProcessWatch watch(parent_of(old->pid()));
    ::kill(parent_of(old->pid()), SIGKILL);
    EXPECT_TRUE(watch.ends());
    const auto next = make_cell();
    EXPECT_EQ(count(*next), 1U);
    old.reset();
    EXPECT_EQ(count(*next), 2U);
    EXPECT_EQ(count(*make_cell()), 1U);
}

TEST(Host, MayForkAndTheChildMakeCellsOfItsOwn) {
    auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const pid_t launcher = parent_of(cell->pid());
    run_in_child([&] {
        cell.reset();  // the child's copy; the cell is the parent's
        const auto own = make_cell();
        EXPECT_EQ(count(*own), 1U);
        EXPECT_NE(parent_of(own->pid()), launcher);
    });
    EXPECT_EQ(count(*cell), 2U);
    EXPECT_EQ(parent_of(cell->pid()), launcher);
}

TEST(Host, MayForkWhileOtherThreadsMakeCells) {
    if (!kForksAmongThreads) GTEST_SKIP() << "the sanitizer's locks would stay locked in the child";
    test_image();  // not to be forked half made either
    std::atomic<bool> over = false;
    std::jthread busy([&] {
        while (!over) EXPECT_EQ(count(*make_cell()), 1U);
    });
    for (int i = 0; i < 20; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            // Only what is safe after a fork among threads: that the lock is free is all that is asked here.
            const auto cell = ProcessCell::spawn(test_image(), {});
            ::_exit(cell && order(**cell, Order::count) == Stop::called_out ? 0 : 1);
        }
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    over = true;
}

// A large cell takes long to die; here somebody holds on to it.
TEST(Host, DoesNotWaitForACellThatTakesLongToDie) {
    auto doomed = make_cell();
    EXPECT_EQ(count(*doomed), 1U);
    const pid_t pid = doomed->pid();
    NumberPipe holds;
    Child tracer([&] {
        holds.send(::ptrace(PTRACE_SEIZE, pid, nullptr, PTRACE_O_TRACEEXIT));
        ::pause();
    });
    holds.close_sender();
    if (holds.receive() != 0) GTEST_SKIP() << "no right to trace here";
    {
        std::binary_semaphore made(0);
        std::atomic<bool> in_time = true;
        std::jthread releaser([&] {
            in_time = made.try_acquire_for(kPatience / 6);
            if (!in_time) tracer.kill();
        });
        doomed.reset();
        EXPECT_EQ(count(*make_cell()), 1U);
        made.release();
        releaser.join();
        EXPECT_TRUE(in_time);
    }
    EXPECT_EQ(::kill(pid, 0), 0);  // it is dying still
    tracer.kill();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (::kill(pid, 0) == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_NE(::kill(pid, 0), 0);  // its pid is free again
}

TEST(Host, NeedsNoStandardStreams) {
    for (int first = 0; first < 3; ++first) {
        run_in_child([&] {
            for (int descriptor = first; descriptor < 3; ++descriptor) ::close(descriptor);
            const auto cell = make_cell();
            EXPECT_EQ(count(*cell), 1U);
            EXPECT_EQ(descriptors_of(cell->pid()), 0U);
            // What a spare process takes, if one is there; while one is being made, there are more.
            const pid_t launcher = parent_of(cell->pid());
            const auto deadline = std::chrono::steady_clock::now() + kPatience;
            while (descriptors_of(launcher) > 3U + 3U && std::chrono::steady_clock::now() < deadline) {
            }
            EXPECT_LE(descriptors_of(launcher), 3U + 3U);
        });
    }
}

TEST(Host, MayBlockOrIgnoreAllSignals) {
    for (const bool block : {false, true}) {
        run_in_child([&] {
            sigset_t all;
            sigfillset(&all);
            if (block) ::sigprocmask(SIG_SETMASK, &all, nullptr);
            for (int signal = 1; signal < 65; ++signal) {
                if (!block) ::signal(signal, SIG_IGN);
            }
            const auto cell = make_cell();
            EXPECT_EQ(count(*cell), 1U);
            for (const char* field : {"SigBlk", "SigIgn"}) {
                EXPECT_EQ(status_of(cell->pid(), field), "0000000000000000") << field;
            }
            std::jthread interrupter([&] { cell->interrupt(); });
            EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted) << cell->death().text;
            interrupter.join();
            ASSERT_TRUE(cell->reset());
            EXPECT_EQ(count(*cell), 1U);
        });
    }
}

// As init of its container, or as a subreaper, a process inherits the launcher and what it leaves behind.
TEST(Host, MayBeASubreaper) {
    run_in_child([] {
        ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
        {
            const auto doomed = make_cell();
            EXPECT_EQ(count(*doomed), 1U);
            const pid_t launcher = parent_of(doomed->pid());
            const ProcessWatch cell(doomed->pid()), watch(launcher);
            ::kill(launcher, SIGKILL);
            EXPECT_TRUE(watch.ends());
            EXPECT_TRUE(cell.ends());
            EXPECT_EQ(order(*doomed, Order::count), Stop::died);
        }
        EXPECT_EQ(count(*make_cell()), 1U);  // which notices that the launcher is gone
        // The new launcher is all that is left, but for the spare process that the old one may have had, one that it was making, and
        // what kept pids.
        int left = 0;
        siginfo_t info{};
        while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) == 0 && info.si_pid != 0) {
            ++left;
            info = {};
        }
        EXPECT_LE(left, 3);
    });
}

TEST(Host, MayGiveUpItsUser) {
    if (::getuid() != 0) GTEST_SKIP() << "only the superuser can become somebody else";
    NumberPipe pids;
    run_in_child([&] {
        auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        pids.send(cell->pid());
        constexpr uid_t kSomebody = 61234;
        ASSERT_EQ(::setresuid(kSomebody, kSomebody, kSomebody), 0);
        // It may not signal the cell any more, so what remains of an interrupt is the end.
        std::jthread interrupter([&] { cell->interrupt(); });
        EXPECT_EQ(order(*cell, Order::spin), Stop::died);
        interrupter.join();
        const ProcessWatch watch(cell->pid());
        cell.reset();
        EXPECT_TRUE(watch.ends());
    });
    EXPECT_TRUE(ProcessWatch(static_cast<pid_t>(pids.receive())).ends());
}

TEST(Host, CellsOfManyThreadsDoNotMeet) {
    constexpr int kThreads = 8, kCells = 40;
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < kCells; ++i) {
                const auto cell = make_cell();
                for (std::uint64_t call = 1; call <= 5; ++call) EXPECT_EQ(count(*cell), call);
                EXPECT_TRUE(cell->reset());
                EXPECT_EQ(count(*cell), 1U);
            }
        });
    }
}

}  // namespace
}  // namespace curfew::cell::testing
