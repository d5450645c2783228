// The command with programs in place of handlers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

#include "cli/testing/command_fixture.h"

namespace curfew::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST_F(CurfewRun, RunsCodeOfTheCommandLine) {
    const Finished done = curfew({"run", "-e", "const x = await event.a; x * 2", "--event", R"({"a":21})"});
    EXPECT_EQ(done.out, "42\n");
    EXPECT_EQ(done.err, "");
    EXPECT_EQ(done.status, 0);
    EXPECT_EQ(curfew({"run", "--eval", "const nothing = 1"}).out, "null\n");
}

TEST_F(CurfewRun, RunsAProgramOfAFile) {
    const std::string path = file("program.js", "console.log('working');\nreturn { event };\n");
    const Finished done = curfew({"run", "--program", path, "--json", "--repeat", "2"});
    EXPECT_EQ(json::parse(done.out)["result"], json({{"event", json::object()}}));
    EXPECT_EQ(done.err, "working\nworking\n");
    EXPECT_EQ(done.status, 0);
}

TEST_F(CurfewRun, NamesThePlaceInAProgramThatFails) {
    const Finished done = curfew({"run", "-e", "1;\n throw new TypeError('no')"});
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.err, HasSubstr("TypeError: no"));
    EXPECT_THAT(done.err, HasSubstr("program.js:2:"));
    const Finished wrong = curfew({"run", "-e", "const = 1"});
    EXPECT_EQ(wrong.status, 1);
    EXPECT_THAT(wrong.err, HasSubstr("program.js:1:7"));
}

TEST_F(CurfewRun, HoldsLimitsForPrograms) {
    const Finished done = curfew({"run", "-e", "for (;;) {}", "--cpu", "20ms"});
    EXPECT_EQ(done.status, 3);
    EXPECT_THAT(done.err, HasSubstr("cpu-time"));
}

TEST_F(CurfewRun, RunsOneThingAtATime) {
    const Finished done = curfew({"run", "handler.js", "-e", "1"});
    EXPECT_EQ(done.status, 2);
    EXPECT_THAT(done.err, HasSubstr("exclude each other"));
}

}  // namespace
}  // namespace curfew::cli
