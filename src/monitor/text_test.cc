// Words for error messages.
#include "monitor/text.h"

#include <gtest/gtest.h>

namespace curfew::monitor::detail {
namespace {

using namespace std::chrono_literals;

TEST(Text, Durations) {
    EXPECT_EQ(duration_text(0ns), "0 ns");
    EXPECT_EQ(duration_text(1ns), "1 ns");
    EXPECT_EQ(duration_text(1500ns), "1.5 us");
    EXPECT_EQ(duration_text(500ms), "500 ms");
    EXPECT_EQ(duration_text(-5ms), "-5 ms");
    EXPECT_EQ(duration_text(1002340us), "1.00234 s");
    EXPECT_EQ(duration_text(2h), "7200 s");
    EXPECT_EQ(duration_text(std::chrono::nanoseconds::max()), "no limit");
}

TEST(Text, Bytes) {
    EXPECT_EQ(bytes_text(0), "0 bytes");
    EXPECT_EQ(bytes_text(1), "1 byte");
    EXPECT_EQ(bytes_text(1025), "1025 bytes");
    EXPECT_EQ(bytes_text(64 << 10), "64 KiB");
    EXPECT_EQ(bytes_text(16 << 20), "16 MiB");
    EXPECT_EQ(bytes_text(std::uint64_t{5} << 40), "5120 GiB");
}

TEST(Text, QuotedNames) {
    EXPECT_EQ(quoted("a"), "\"a\"");
    EXPECT_EQ(quoted("a\"\\\n\x7f"), R"("a\"\\\x0a\x7f")");
    EXPECT_EQ(quoted("scoped/\xF0\x9F\x98\x8A"), "\"scoped/\xF0\x9F\x98\x8A\"");
    EXPECT_EQ(quoted(std::string_view(std::string(1000, 'x'))).size(), 200 + 3 + 2u);
}

TEST(Text, UsageNamesWhatIsNotZero) {
    Usage usage{.wall_time = 1s};
    EXPECT_EQ(usage_text(usage), "1 s of wall-clock time");
    usage.cpu_time = 5ms;
    usage.host_calls = 1;
    usage.bytes_printed = 2;
    EXPECT_EQ(usage_text(usage), "1 s of wall-clock time, 5 ms of CPU time, 1 host call, 2 bytes printed");
}

}  // namespace
}  // namespace curfew::monitor::detail
