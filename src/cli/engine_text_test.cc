#include "cli/engine_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace curfew::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

EngineReport report_with(EngineState state) {
    return {.info = {.engine = Engine::node, .name = "node", .product = "Node.js", .version = "1.2.3"},
            .state = std::move(state)};
}

TEST(EngineText, OfOneInTheLibraryIsShort) {
    const EngineReport report = report_with({.is_embedded = true});
    EXPECT_EQ(describe(report), "Node.js 1.2.3");
    EXPECT_EQ(json(to_json(report)), json::parse(R"({"name": "node", "product": "Node.js", "version": "1.2.3",
        "embedded": true, "cache_folder": null, "packages": [], "image": null, "image_bytes": null, "jitless_image": null, "jitless_image_bytes": null, "problem": null})"));
}

TEST(EngineText, SaysWhereThePackageIsAndWhetherTheImageIsMade) {
    EngineReport report =
        report_with({.cache_folder = "/c",
                     .packages = {{.version = "1.2.3", .folder = "/c/engines/node-1.2.3", .is_tested = true}}});
    EXPECT_EQ(describe(report),
              "Node.js 1.2.3, installed in /c/engines/node-1.2.3; its image is made at the first use");
    report.state.image = "/c/images/k.image";
    report.state.image_bytes = 3 << 20;
    EXPECT_THAT(describe(report), HasSubstr("; its image is ready (3 MiB)"));
    EXPECT_EQ(json(to_json(report)), json::parse(R"({"name": "node", "product": "Node.js", "version": "1.2.3",
        "embedded": false, "cache_folder": "/c",
        "packages": [{"version": "1.2.3", "folder": "/c/engines/node-1.2.3", "tested": true, "named": false}],
        "image": "/c/images/k.image", "image_bytes": 3145728, "jitless_image": null, "jitless_image_bytes": null, "problem": null})"));
}

TEST(EngineText, SaysWhatIsNotTested) {
    const EngineReport report = report_with(
        {.packages = {{.folder = "/n", .is_named = true}, {.version = "9.9.9", .folder = "/c/engines/node-9.9.9"}}});
    EXPECT_THAT(describe(report),
                HasSubstr("Node.js of an unknown version, in CURFEW_NODE_DIR: /n, which Curfew is not "
                          "tested with; its image is made at the first use"));
    EXPECT_THAT(describe(report),
                HasSubstr("; also Node.js 9.9.9, installed in /c/engines/node-9.9.9, which Curfew is not"));
    EXPECT_EQ(to_json(report)["packages"][0]["version"], nullptr);
}

TEST(EngineText, SaysWhatIsWrong) {
    EXPECT_EQ(describe(report_with({.problem = "nothing is there"})), "nothing is there");
}

TEST(EngineText, IsThereForEveryEngineOfTheBuild) {
    const auto reports = inspect_engines();
    ASSERT_EQ(reports.size(), engines().size());
    for (const EngineReport& report : reports) EXPECT_NE(describe(report), "") << report.info.name;
    EXPECT_TRUE(reports.front().state.is_embedded);
}

}  // namespace
}  // namespace curfew::cli
