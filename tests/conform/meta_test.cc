#include "meta.h"

#include <gmock/gmock.h>

namespace curfew::conform {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

TEST(ConformMeta, ReadsTheLinesAtTheTop) {
    const Meta meta = parse_meta(
        "// Copyright\n// META: title=A title\r\n// META: global=window,worker\n// META: script=a.js\n// META: "
        "script=/common/b.js\n"
        "// META: variant=?1-10\n// META: variant=?11-last\ntest();\n// META: script=late.js\n");
    EXPECT_EQ(meta.title, "A title");
    EXPECT_THAT(meta.globals, ElementsAre("window", "worker"));
    EXPECT_THAT(meta.scripts, ElementsAre("a.js", "/common/b.js"));
    EXPECT_THAT(meta.variants, ElementsAre("?1-10", "?11-last"));
}

TEST(ConformMeta, SaysWhyACellCannotRunIt) {
    const Meta none;
    EXPECT_EQ(reason_to_skip("url/a.any.js", none, "test(() => new URL('a:b'));"), std::nullopt);
    EXPECT_EQ(reason_to_skip("url/a.any.js", {.globals = {"window", "shadowrealm-in-window"}}, ""), std::nullopt);
    EXPECT_THAT(reason_to_skip("url/a.any.js", none, "document.title"), Optional(Eq("needs a DOM")));
    EXPECT_THAT(reason_to_skip("url/a.sub.any.js", none, ""),
                Optional(Eq("needs a server, which fills in its addresses")));
    EXPECT_THAT(reason_to_skip("url/a.any.js", {.scripts = {"/common/get-host-info.sub.js"}}, ""),
                Optional(Eq("needs a server, which fills in its addresses")));
    EXPECT_THAT(reason_to_skip("url/a.any.js", {.globals = {"window"}}, ""),
                Optional(Eq("is for windows or service workers alone")));
}

}  // namespace
}  // namespace curfew::conform
