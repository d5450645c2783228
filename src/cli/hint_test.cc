#include "cli/hint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::cli {
namespace {

using testing::HasSubstr;

std::string hint(std::string message, std::string_view file = "a.js", std::string_view source = "",
                 ErrorCode code = ErrorCode::handler_error, Stage stage = Stage::loading) {
    return hint_for({.code = code, .message = std::move(message)}, stage, file, source);
}

TEST(Hint, SaysWhatToWriteInstead) {
    EXPECT_THAT(hint("SyntaxError: unexpected token in expression: 'interface'", "a.tsx"), HasSubstr("TypeScript"));
    EXPECT_THAT(hint("a.js has no handler: define", "a.js", "export default (e) => e;"),
                HasSubstr("export function handler(event)"));
    EXPECT_THAT(hint("ReferenceError: module is not defined"), HasSubstr("in place of module.exports"));
    EXPECT_THAT(hint("ReferenceError: exports is not defined"), HasSubstr("in place of module.exports"));
    EXPECT_THAT(hint("TypeError: fetch failed: this sandbox has no way to the network"), HasSubstr("--fetch"));
}

TEST(Hint, SaysThatALimitEndedTheLoading) {
    EXPECT_THAT(hint("ended", "a.js", "", ErrorCode::cancelled), HasSubstr("still being loaded"));
    EXPECT_EQ(hint("ended", "a.js", "", ErrorCode::cancelled, Stage::calling), "");
}

TEST(Hint, IsSilentOtherwise) {
    EXPECT_EQ(hint("SyntaxError: unexpected token"), "");
    EXPECT_EQ(hint("a.js has no handler: define"), "");
    EXPECT_EQ(hint("Error: mine", "a.tsx"), "");
}

}  // namespace
}  // namespace curfew::cli
