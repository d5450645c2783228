#include "cli/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace curfew::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ReadAll, TakesWhatFits) {
    for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 200'000UL}) {
        const std::string text(size, 'x');
        std::istringstream in(text);
        EXPECT_EQ(read_all(in, "The event", "a pipe", 200'000).value(), text);
    }
}

TEST(ReadAll, RefusesWhatIsTooLarge) {
    std::istringstream in(std::string((1 << 20) + 1, 'x'));
    const auto text = read_all(in, "The event", "a pipe", 1 << 20);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(text.error().message,
                AllOf(HasSubstr("The event could not be read from a pipe"), HasSubstr("larger than 1 MiB")));
}

TEST(ReadScript, TakesStandardInput) {
    std::istringstream in("function handler() {}");
    const auto script = read_script("-", in);
    ASSERT_TRUE(script);
    EXPECT_EQ(script->source(), "function handler() {}");
    EXPECT_EQ(script->name(), "stdin");
    EXPECT_EQ(script->folder(), "");
}

}  // namespace
}  // namespace curfew::cli
