#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include <curfew/machine.h>

#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

const MachineReport::Item* item_of(const MachineReport& report, const std::string& name) {
    const auto found = std::ranges::find(report.items, name, &MachineReport::Item::name);
    return found == report.items.end() ? nullptr : &*found;
}

TEST(InspectMachine, MeasuresWhereThreadsCanBeStarted) {
    const MachineReport report = inspect_machine();
    ASSERT_NE(item_of(report, "threads"), nullptr);
    EXPECT_TRUE(item_of(report, "threads")->available);
    EXPECT_GT(report.same_cpu_wake_us, 0);
    EXPECT_GE(report.coarse_time_us, 0);
    int counter = 0;
    ASSERT_EQ(::prctl(PR_GET_TSC, &counter), 0);
    EXPECT_EQ(counter, PR_TSC_ENABLE) << "the caller keeps its own";
}

TEST(InspectMachine, EndsWhereThreadsCannotBeStarted) {
    if (!kForksAmongThreads) GTEST_SKIP() << "forks";
    // A user who has no other processes, so that the limit says exactly how many threads there can be.
    constexpr uid_t kNobodyElse = 64123;
    for (const rlim_t processes : {1, 2}) {
        run_in_child([&] {
            // Root is not limited.
            if (::getuid() == 0 && ::setresuid(kNobodyElse, kNobodyElse, kNobodyElse) != 0) return;
            const rlimit limit{processes, processes};
            ASSERT_EQ(::setrlimit(RLIMIT_NPROC, &limit), 0);
            ::alarm(60);
            const MachineReport report = inspect_machine();
            const MachineReport::Item* const threads = item_of(report, "threads");
            ASSERT_NE(threads, nullptr);
            EXPECT_FALSE(threads->available);
            EXPECT_THAT(threads->detail, HasSubstr("ulimit -u"));
            EXPECT_FALSE(report.usable());
            EXPECT_EQ(report.same_cpu_wake_us, 0);
        });
    }
}

}  // namespace
}  // namespace curfew::cell::testing
