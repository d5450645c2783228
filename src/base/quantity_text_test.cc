#include "base/quantity_text.h"

#include <gtest/gtest.h>

namespace curfew::base {
namespace {

using namespace std::chrono_literals;

TEST(QuantityText, DurationsThatWereSet) {
    EXPECT_EQ(duration_text(0ns), "0 ns");
    EXPECT_EQ(duration_text(1ns), "1 ns");
    EXPECT_EQ(duration_text(1500ns), "1.5 us");
    EXPECT_EQ(duration_text(500ms), "500 ms");
    EXPECT_EQ(duration_text(-5ms), "-5 ms");
    EXPECT_EQ(duration_text(1002340us), "1.00234 s");
    EXPECT_EQ(duration_text(2h), "7200 s");
    EXPECT_EQ(duration_text(std::chrono::nanoseconds::max()), "no limit");
}

TEST(QuantityText, SizesThatWereSet) {
    EXPECT_EQ(size_text(0), "0 bytes");
    EXPECT_EQ(size_text(1), "1 byte");
    EXPECT_EQ(size_text(1025), "1025 bytes");
    EXPECT_EQ(size_text(64 << 10), "64 KiB");
    EXPECT_EQ(size_text(16 << 20), "16 MiB");
    EXPECT_EQ(size_text(std::uint64_t{5} << 40), "5120 GiB");
}

TEST(QuantityText, MeasuredDurations) {
    EXPECT_EQ(measured_duration_text(0ns), "0 ns");
    EXPECT_EQ(measured_duration_text(999ns), "999 ns");
    EXPECT_EQ(measured_duration_text(1us), "1 us");
    EXPECT_EQ(measured_duration_text(48123ns), "48.1 us");
    EXPECT_EQ(measured_duration_text(1500ms), "1.5 s");
    EXPECT_EQ(measured_duration_text(999'900us), "1000 ms");
    EXPECT_EQ(measured_duration_text(2h), "7200 s");
}

TEST(QuantityText, MeasuredSizes) {
    EXPECT_EQ(measured_size_text(0), "0 bytes");
    EXPECT_EQ(measured_size_text(1), "1 byte");
    EXPECT_EQ(measured_size_text(1023), "1023 bytes");
    EXPECT_EQ(measured_size_text(1024), "1 KiB");
    EXPECT_EQ(measured_size_text(1'310'720), "1.25 MiB");
    EXPECT_EQ(measured_size_text(std::uint64_t{64} << 30), "64 GiB");
}

TEST(QuantityText, UsageNamesWhatIsNotZero) {
    Usage usage{.wall_time = 1s};
    EXPECT_EQ(usage_text(usage), "1 s of wall-clock time");
    usage.cpu_time = 5ms;
    usage.peak_heap = 1'310'720;
    usage.host_calls = 1;
    usage.bytes_printed = 2;
    EXPECT_EQ(usage_text(usage),
              "1 s of wall-clock time, 5 ms of CPU time, 1.25 MiB of heap at most, 1 host call, 2 bytes printed");
}

}  // namespace
}  // namespace curfew::base
