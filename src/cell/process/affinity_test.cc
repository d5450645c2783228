// Where cells run, as seen by the system.
#include "cell/process/affinity.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <set>
#include <thread>

#include "base/clock.h"
#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

std::set<unsigned> cpus_of(pid_t pid) {
    cpu_set_t set;
    CPU_ZERO(&set);
    EXPECT_EQ(::sched_getaffinity(pid, sizeof set, &set), 0);
    std::set<unsigned> cpus;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) cpus.insert(cpu);
    }
    return cpus;
}

void run_on(const std::set<unsigned>& cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const unsigned cpu : cpus) CPU_SET(cpu, &set);
    ASSERT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
}

TEST(Affinity, ABlockedCallersCellIsWhereTheCallerIs) {
    run_in_child([] {
        const auto cell = make_cell();
        for (const unsigned cpu : cpus_of(0)) {
            run_on({cpu});
            ask(*cell, Order::count);
            EXPECT_EQ(cpus_of(cell->pid()), std::set{cpu});
        }
    });
}

TEST(Affinity, ASpinningCallersCellIsElsewhere) {
    const auto all = cpus_of(0);
    if (all.size() < 2) GTEST_SKIP() << "there is one CPU only";
    run_in_child([&] {
        const auto cell = make_cell_with({.handover = Handover::spin});
        constexpr std::uint64_t kCalls = 1000;
        std::uint64_t elsewhere = 0;
        for (std::uint64_t call = 1; call <= kCalls; ++call) {
            ASSERT_EQ(count(*cell), call);
            if (cpus_of(cell->pid()).size() < all.size()) ++elsewhere;
        }
        EXPECT_GT(elsewhere, kCalls / 2);  // a call that a busy machine makes long lets the cell run anywhere
    });
}

// Spinning on the only CPU would keep the cell from running.
TEST(Affinity, OnOneCpuACallerDoesNotSpin) {
    run_in_child([] {
        run_on({*cpus_of(0).begin()});
        constexpr int kCalls = 500;
        std::chrono::nanoseconds used[2];
        for (const Handover handover : {Handover::block, Handover::spin}) {
            const auto cell = make_cell_with({.handover = handover});
            EXPECT_EQ(count(*cell), 1U);
            const auto before = base::thread_cpu_time();
            for (int i = 0; i < kCalls; ++i) ask(*cell, Order::count);
            used[handover == Handover::spin ? 1 : 0] = base::thread_cpu_time() - before;
        }
        // It would take 2,000 pauses a call, some 80 us; a blocking one takes 3 us.
        EXPECT_LT(used[1], used[0] * 5 + std::chrono::milliseconds(5));
    });
}

TEST(Affinity, ALongCallMayRunAnywhere) {
    run_in_child([] {
        const auto all = cpus_of(0);
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);
        std::jthread interrupter([&] {
            while (cpus_of(cell->pid()) != all) std::this_thread::yield();
            cell->interrupt();
        });
        EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted) << cell->death().text;
    });
}

}  // namespace
}  // namespace curfew::cell::testing
