// curfew engine, and handlers on engines that are not part of Curfew, by the command itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "cli/testing/command_fixture.h"

namespace curfew::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// With a cache folder of its own, in which nothing is.
class CurfewEngine : public CurfewCommand {
  protected:
    void SetUp() override {
        CurfewCommand::SetUp();
        ::setenv("CURFEW_CACHE_DIR", (folder_ / "cache").c_str(), 1);
        ::unsetenv("CURFEW_NODE_DIR");
        ::unsetenv("CURFEW_ENGINE");
    }

    static void skip_without_node() {
#ifndef CURFEW_NODE_PACKAGE
        GTEST_SKIP() << "this build is without the engine node";
#else
        ::setenv("CURFEW_NODE_DIR", CURFEW_NODE_PACKAGE, 1);
#endif
    }

    static bool has_node() {
#ifdef CURFEW_NODE_PACKAGE
        return true;
#else
        return false;
#endif
    }
};

TEST_F(CurfewEngine, ThatIsPartOfCurfewNeedsNothing) {
    EXPECT_EQ(curfew({"engine", "install", "quickjs"}).out,
              "QuickJS-NG is part of Curfew; there is nothing to install.\n");
    EXPECT_EQ(curfew({"engine", "prepare", "quickjs"}).out, "QuickJS-NG is ready\n");
    EXPECT_EQ(curfew({"engine", "remove", "quickjs"}).status, 0);
    const Finished path = curfew({"engine", "path", "quickjs"});
    EXPECT_EQ(path.status, 4);
    EXPECT_THAT(path.err, HasSubstr("is part of Curfew, and has no folder"));
    EXPECT_THAT(curfew({"engine", "list"}).out, StartsWith("quickjs   QuickJS-NG "));
}

TEST_F(CurfewEngine, ThatIsNotInstalledIsUnavailableEverywhere) {
    const char* const cure = has_node() ? "install it with curfew engine install node" : "built with CURFEW_NODE=OFF";
    const std::string script = file("h.js", "export function handler() { return 1; }");
    for (const Words& words :
         {Words{"run", script, "--engine", "node"}, Words{"engine", "prepare", "node"},
          Words{"snapshot", script, "-o", folder_ / "s", "--engine", "node"}, Words{"engine", "path", "node"}}) {
        const Finished done = curfew(words);
        EXPECT_EQ(done.status, 4) << words.front();
        EXPECT_EQ(done.out, "");
        EXPECT_THAT(done.err, HasSubstr(cure));
    }
    const Finished as_json = curfew({"run", script, "--engine", "node", "--json"});
    EXPECT_EQ(as_json.status, 4);
    EXPECT_EQ(json::parse(as_json.out)["error"]["code"], "unavailable");
    EXPECT_EQ(curfew({"doctor"}).status, 0) << "the other engine runs";
    EXPECT_FALSE(fs::exists(folder_ / "cache")) << "who only looks changes nothing";
}

TEST_F(CurfewEngine, CannotBeInstalledFromJustAnyFile) {
    const Finished done = curfew({"engine", "install", "node", "--from", file("a.tgz", "no archive")});
    EXPECT_EQ(done.status, has_node() ? 2 : 4);
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.err, HasSubstr(has_node() ? "the archive is not the one that is expected" : "CURFEW_NODE=OFF"));
    EXPECT_EQ(curfew({"engine", "install", "node", "--version", "latest"}).status, has_node() ? 2 : 4);
}

TEST_F(CurfewEngine, IsPreparedOnce) {
    skip_without_node();
    if (IsSkipped()) return;
    const Finished first = curfew({"engine", "prepare", "node", "--json"});
    ASSERT_EQ(first.status, 0) << first.err;
    const json made = json::parse(first.out);
    EXPECT_EQ(made["made"], true);
    EXPECT_EQ(made["warning"], nullptr);
    EXPECT_TRUE(fs::exists(made["image"].get<std::string>()));
    const json again = json::parse(curfew({"engine", "prepare", "node", "--json"}).out);
    EXPECT_EQ(again["made"], false);
    EXPECT_EQ(again["image"], made["image"]);

    const json node = json::parse(curfew({"engine", "list", "--json"}).out)[1];
    EXPECT_EQ(node["name"], "node");
    EXPECT_EQ(node["image"], made["image"]);
    EXPECT_EQ(node["packages"][0]["named"], true);
    EXPECT_EQ(node["problem"], nullptr);
    EXPECT_EQ(json::parse(curfew({"doctor", "--json"}).out)["engines"][1], node);
    EXPECT_THAT(curfew({"doctor"}).out, HasSubstr("engine        node      Node.js "));
    EXPECT_EQ(curfew({"engine", "path", "node"}).out, std::string(::getenv("CURFEW_NODE_DIR")) + "\n");

    EXPECT_EQ(curfew({"engine", "remove", "node"}).out, "Node.js: nothing was installed\n");
    EXPECT_FALSE(fs::exists(made["image"].get<std::string>()));
}

TEST_F(CurfewEngine, RunsHandlersAndTheirSnapshots) {
    skip_without_node();
    if (IsSkipped()) return;
    const std::string script = file("h.js", "let n = 0; export function handler() { return [++n, typeof process]; }");
    const Finished done = curfew({"run", script, "--engine", "node", "--json"});
    ASSERT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(done.err, "") << "progress is for terminals";
    EXPECT_EQ(json::parse(done.out)["engine"], "node");
    EXPECT_EQ(json::parse(done.out)["result"], json::parse(R"([1, "object"])"));
    const std::string saved = folder_ / "h.snap";
    ASSERT_EQ(curfew({"snapshot", script, "-o", saved, "--engine", "node"}).status, 0);
    const Finished from = curfew({"run", "--snapshot", saved, "--json"});
    ASSERT_EQ(from.status, 0) << from.err;
    EXPECT_EQ(json::parse(from.out)["engine"], "node");
}

TEST_F(CurfewEngine, RunsWithoutACacheAndSaysSo) {
    skip_without_node();
    if (IsSkipped()) return;
    ::setenv("CURFEW_CACHE_DIR", file("no-folder", "").c_str(), 1);
    const Finished done = curfew({"run", file("h.js", "export function handler() { return 1; }"), "--engine", "node"});
    EXPECT_EQ(done.status, 0);
    EXPECT_EQ(done.out, "1\n");
    EXPECT_THAT(done.err, AllOf(StartsWith("curfew: Warning: the image of Node.js is kept in memory only"),
                                HasSubstr("no-folder/images cannot be ")));
}

}  // namespace
}  // namespace curfew::cli
