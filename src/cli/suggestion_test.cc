#include "cli/suggestion.h"

#include <gtest/gtest.h>

#include <array>

namespace curfew::cli {
namespace {

const std::array<std::string, 4> kOptions{"--event", "--event-file", "--wall", "--cpu"};

TEST(NearestWord, FindsWhatASlipOfTheFingersExplains) {
    EXPECT_EQ(nearest_word("--wal", kOptions), "--wall");
    EXPECT_EQ(nearest_word("--evnet", kOptions), "--event");
    EXPECT_EQ(nearest_word("--event_file", kOptions), "--event-file");
    EXPECT_EQ(nearest_word("-cpu", kOptions), "--cpu");
}

TEST(NearestWord, FindsNothingWhereNothingIsNear) {
    EXPECT_EQ(nearest_word("--memory-limit", kOptions), std::nullopt);
    EXPECT_EQ(nearest_word("", kOptions), std::nullopt);
    EXPECT_EQ(nearest_word(std::string(100'000, 'x'), kOptions), std::nullopt);
    EXPECT_EQ(nearest_word("--wall", {}), std::nullopt);
}

}  // namespace
}  // namespace curfew::cli
