#include "front_matter.h"

#include <gmock/gmock.h>

namespace curfew::conform {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ConformFrontMatter, ReadsListsOfBothForms) {
    const auto matter = parse_front_matter(R"(// Copyright
/*---
description: >
  something with flags: [raw]
flags: [onlyStrict, async]
includes:
  - propertyHelper.js
  - "compareArray.js"
features: [let,
  const]
---*/
code();)");
    ASSERT_TRUE(matter);
    EXPECT_THAT(matter->flags, ElementsAre("onlyStrict", "async"));
    EXPECT_THAT(matter->includes, ElementsAre("propertyHelper.js", "compareArray.js"));
    EXPECT_THAT(matter->features, ElementsAre("let", "const"));
    EXPECT_FALSE(matter->negative);
    EXPECT_TRUE(matter->has_flag("async"));
    EXPECT_FALSE(matter->has_flag("raw"));
}

TEST(ConformFrontMatter, ReadsWhatErrorIsExpected) {
    const auto matter =
        parse_front_matter("/*---\nnegative:\n  phase: parse\n  type: SyntaxError\nflags: [module]\n---*/");
    ASSERT_TRUE(matter && matter->negative);
    EXPECT_EQ(matter->negative->phase, "parse");
    EXPECT_EQ(matter->negative->type, "SyntaxError");
    EXPECT_THAT(matter->flags, ElementsAre("module"));
}

TEST(ConformFrontMatter, TakesLinesThatEndInAnyWay) {
    for (const char* source : {"/*---\rflags: [raw]\rdescription: x\r---*/", "/*---\r\nflags: [raw]\r\n---*/"}) {
        const auto matter = parse_front_matter(source);
        ASSERT_TRUE(matter) << source;
        EXPECT_THAT(matter->flags, ElementsAre("raw")) << source;
    }
}

TEST(ConformFrontMatter, IsNothingWithoutBothEnds) {
    EXPECT_FALSE(parse_front_matter(""));
    EXPECT_FALSE(parse_front_matter("/*--- flags: [raw]"));
    const auto empty = parse_front_matter("/*------*/");
    ASSERT_TRUE(empty);
    EXPECT_THAT(empty->flags, IsEmpty());
}

}  // namespace
}  // namespace curfew::conform
