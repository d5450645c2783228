#include "sandbox/code/source_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::inline_source_map;
using sandbox::SourceMap;
using sandbox::testing::start_sandbox;
using sandbox::testing::tests_node;
using ::testing::HasSubstr;

// Line 1 of the code: column 1 is source line 10, column 1; column 11 is 10, 5. Line 3: column 3 is 12, 3.
constexpr const char* kMap = R"({"version":3,"sources":["src/app.ts"],"names":[],"mappings":"AASA,UAAI;;EAEF"})";

TEST(SourceMapTest, FindsTheNearestMappingInTheLine) {
    const auto map = SourceMap::parse(kMap);
    ASSERT_TRUE(map) << map.error().message;
    const auto first = map->find(1, 3);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->file, "src/app.ts");
    EXPECT_EQ(first->line, 10U);
    EXPECT_EQ(first->column, 1U);
    EXPECT_EQ(map->find(1, 11)->column, 5U);
    EXPECT_EQ(map->find(1, 4'000'000'000)->column, 5U);
    EXPECT_EQ(map->find(3, 3)->line, 12U);
    EXPECT_FALSE(map->find(2, 1));
    EXPECT_FALSE(map->find(3, 2));
    EXPECT_FALSE(map->find(0, 0));
}

std::string fault(std::string_view json) {
    const auto map = SourceMap::parse(json);
    return map ? "" : map.error().message;
}

TEST(SourceMapTest, RefusesWhatIsNone) {
    EXPECT_THAT(fault("[]"), HasSubstr("not a JSON object"));
    EXPECT_THAT(fault("{"), HasSubstr("not a JSON object"));
    EXPECT_THAT(fault(R"({"version":2})"), HasSubstr("version 3"));
    EXPECT_THAT(fault(R"({"version":3,"sections":[]})"), HasSubstr("sections"));
    EXPECT_THAT(fault(R"({"version":3,"sources":1})"), HasSubstr("list of sources"));
    EXPECT_THAT(fault(R"({"version":3,"sources":[]})"), HasSubstr("no mappings"));
    for (const char* mappings : {"A", "AAAA", "!", "AA", "AAA", "AAAAAA", "gggggggggggggggggg", "g", "AADA", "AAAD"}) {
        const std::string map = std::string(R"({"version":3,"sources":[],"mappings":")") + mappings + "\"}";
        const std::string why = fault(map);
        if (std::string_view(mappings) == "A") {
            EXPECT_EQ(why, "");  // code of no source
        } else {
            EXPECT_THAT(why, HasSubstr("make no sense")) << mappings;
        }
    }
    EXPECT_THAT(fault(std::string(SourceMap::kLargest + 1, ' ')), HasSubstr("more than 16 MiB"));
}

TEST(SourceMapTest, TakesMapsOfComments) {
    EXPECT_EQ(inline_source_map("x\n//# sourceMappingURL=data:application/json;base64,eyJhIjoxfQ==\n"), R"({"a":1})");
    EXPECT_EQ(inline_source_map("x\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,eyJhIjoxfQ=="),
              R"({"a":1})");
    EXPECT_EQ(inline_source_map("x\n//# sourceMappingURL=app.js.map"), std::nullopt);
    EXPECT_EQ(inline_source_map("//# sourceMappingURL=data:application/json;base64,eyJhIjoxfQ==\nx"), std::nullopt);
    EXPECT_EQ(inline_source_map("x //# sourceMappingURL=data:application/json;base64,eyJhIjoxfQ=="), std::nullopt);
    EXPECT_EQ(inline_source_map("\n//# sourceMappingURL=data:application/json;base64,e#"), std::nullopt);
}

TEST(SourceMapTest, TurnsPlacesInTexts) {
    const auto map = std::make_shared<const SourceMap>(*SourceMap::parse(kMap));
    const auto turned = [&](std::string_view text) {
        return sandbox::with_source_places(text,
                                           [&](std::string_view file) { return file == "a b.js" ? map : nullptr; });
    };
    EXPECT_EQ(
        turned("Error: x (a b.js:1:11)\n    at f (a b.js:3:3)\n    at a b.js:1:1\n    at async a b.js:1:1"),
        "Error: x (src/app.ts:10:5)\n    at f (src/app.ts:12:3)\n    at src/app.ts:10:1\n    at async src/app.ts:10:1");
    EXPECT_EQ(turned("    at f (a b.js:2:1)\n    at c.js:1:1 a b.js:1: a b.js:1:x 1:2:3 :::"),
              "    at f (a b.js:2:1)\n    at c.js:1:1 a b.js:1: a b.js:1:x 1:2:3 :::");
    EXPECT_EQ(turned("(a b.js:99999999999:1)"), "(a b.js:99999999999:1)");
}

// Whatever a map is, it is refused or gives places.
TEST(SourceMapTest, SurvivesAnything) {
    std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same each time
    const std::string_view signs = "AAAACDEIgh+/9,,;;!\"\\{}[]:";
    for (int round = 0; round < 20'000; ++round) {
        std::string mappings;
        for (unsigned long i = random() % 40; i > 0; --i) mappings += signs[random() % signs.size()];
        const auto map = SourceMap::parse(R"({"version":3,"sources":["a","b"],"mappings":")" + mappings + "\"}");
        if (!map) continue;
        for (std::uint32_t line = 0; line < 5; ++line) {
            if (const auto place = map->find(line, static_cast<std::uint32_t>(random() % 100))) {
                ASSERT_TRUE(place->file == "a" || place->file == "b");
            }
        }
    }
}

constexpr const char* kCode = "function handler() { throw new Error('mapped'); }";

TEST(ScriptSourceMapTest, ErrorsNameThePlacesOfTheSource) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content(kCode, "out.js").with_source_map(kMap)));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_THAT(loaded->handle_event("main", "null").error().stack, HasSubstr("(src/app.ts:10:5)"));
    const auto snapshot = loaded->snapshot();
    ASSERT_TRUE(snapshot);
    auto other = LoadedSandbox::from_snapshot(*snapshot);
    ASSERT_TRUE(other);
    EXPECT_THAT(other->handle_event("main", "null").error().stack, HasSubstr("(src/app.ts:10:5)"));
}

TEST(ScriptSourceMapTest, TheMapMayBeInTheScript) {
    // The map above, in base64.
    const std::string code =
        std::string(kCode) +
        "\n//# sourceMappingURL=data:application/json;base64,"
        "eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbInNyYy9hcHAudHMiXSwibmFtZXMiOltdLCJtYXBwaW5ncyI6IkFBU0EsVUFBSTs7RUFFRiJ9\n";
    auto sandbox = start_sandbox().load_without_handlers();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(code, "out.js")));
    EXPECT_THAT(sandbox->handle_event("main", "null").error().stack, HasSubstr("(src/app.ts:10:5)"));
}

TEST(ScriptSourceMapTest, AMapThatCannotBeUsedIsRefused) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content(kCode, "out.js").with_source_map("{}")));
    const auto loaded = std::move(sandbox).load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(loaded.error().message, HasSubstr("the source map of the script \"out.js\" cannot be used"));
}

}  // namespace
}  // namespace curfew
