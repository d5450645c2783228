#include "monitor/limits/pacing.h"

#include <gtest/gtest.h>

namespace curfew::monitor::detail {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Pacing, BusyOnesAreReadWhenTheirLimitCanBeReached) {
    Pacing pacing(100ms);
    EXPECT_EQ(pacing.next(30ms, 70ms, 70ms), 30ms + 20us);
}

TEST(Pacing, WhatOthersTakeOfTheCpuIsAllowedForUpToATenthOfAMillisecond) {
    Pacing pacing(100ms);
    EXPECT_EQ(pacing.next(100us, 9ms, 10ms), 100us + 20us + 11111ns);
    EXPECT_EQ(pacing.next(30ms, 60ms, 70ms), 30ms + 20us + 100us);
}

TEST(Pacing, SleepersWithLittleLeftAreReadLessAndLessOften) {
    Pacing pacing(32ms);
    EXPECT_EQ(pacing.next(10us, 0ns, 50us), 100us);
    EXPECT_EQ(pacing.next(10us, 0ns, 100us), 200us);
    for (int i = 0; i < 10; ++i) static_cast<void>(pacing.next(10us, 0ns, 200us));
    EXPECT_EQ(pacing.next(10us, 0ns, 200us), 1ms);     // a 32nd of the limit
    EXPECT_EQ(pacing.next(10us, 200us, 200us), 50us);  // busy again
    EXPECT_EQ(pacing.next(2ms, 0ns, 200us), 2ms);      // it has more left than the shortest wait
}

TEST(Pacing, TwoReadingsAtOneInstantHaveNoRatio) {
    Pacing pacing(100ms);
    EXPECT_EQ(pacing.next(50ms, 0ns, 0ns), 50ms);
    EXPECT_EQ(pacing.next(50ms, 0ns, 1ns), 50ms);
    EXPECT_EQ(pacing.next(50ms, 1ns, 0ns), 50ms + 20us);  // a clock that runs ahead
}

TEST(Pacing, TheLongestLimitsDoNotOverflow) {
    Pacing pacing(nanoseconds::max());
    EXPECT_EQ(pacing.next(nanoseconds::max() - 10ns, 5ns, 10ns), nanoseconds::max());
    EXPECT_EQ(pacing.next(nanoseconds::max(), 10ns, 10ns), nanoseconds::max());
}

}  // namespace
}  // namespace curfew::monitor::detail
