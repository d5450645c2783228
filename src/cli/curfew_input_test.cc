// What the command reads: scripts and events, from files, pipes and devices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <string>

#include "cli/testing/command_fixture.h"

namespace curfew::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

TEST_F(CurfewRun, ReadsTheEventFromAFileOrFromStandardInput) {
    const std::string event = file("event.json", "{\"request\":{\"uri\":\"/index.html\"}}\n");
    const char* const expected = "{\"request\":{\"uri\":\"/redirected.html\"}}\n";
    EXPECT_EQ(curfew({"run", kRedirect, "--event-file", event}).out, expected);
    EXPECT_EQ(curfew({"run", kRedirect, "--event-file", "-"}, R"({"request":{"uri":"/index.html"}})").out, expected);
}

TEST_F(CurfewRun, RefusesFilesThatCannotBeRead) {
    const Finished missing = curfew({"run", folder_ / "missing.js"});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.err, AllOf(HasSubstr("missing.js"), HasSubstr("no such file")));
    const Finished folder = curfew({"run", folder_});
    EXPECT_EQ(folder.status, 2);
    EXPECT_THAT(folder.err, AllOf(HasSubstr(folder_.string()), HasSubstr("folder")));
    const Finished binary = curfew({"run", file("binary.js", "\xff\xfe")});
    EXPECT_EQ(binary.status, 2);
    EXPECT_THAT(binary.err, AllOf(HasSubstr("binary.js"), HasSubstr("UTF-8")));
}

TEST_F(CurfewRun, RefusesEventsThatAreNotJson) {
    const Finished text = curfew({"run", kRedirect, "--event", "{\"a\":1,}"});
    EXPECT_EQ(text.status, 2);
    EXPECT_THAT(text.err, AllOf(HasSubstr("--event"), HasSubstr("not JSON"), HasSubstr("offset 7")));
    const Finished from_file = curfew({"run", kRedirect, "--event-file", file("event.json", "{\n  \"a\": nothing\n}")});
    EXPECT_EQ(from_file.status, 2);
    EXPECT_THAT(from_file.err, AllOf(HasSubstr("event.json"), HasSubstr("offset 9"), HasSubstr("line 2, column 8")));
    EXPECT_EQ(curfew({"run", kRedirect, "--event-file", "-"}).status, 2);
    EXPECT_EQ(curfew({"run", kRedirect, "--event", ""}).status, 2);
}

TEST_F(CurfewRun, ReadsAnEventOfCborAndShowsTheResultAsJson) {
    const std::string script = file(
        "cbor.js", "export const handler = (bytes) => ({ bytes, n: 255n, not: NaN, map: new Map([[1, undefined]]) })");
    const std::string event = file("event.cbor", "\x43\x01\x02\x03");
    const Finished done = curfew({"run", script, "--event-cbor", event});
    EXPECT_EQ(done.out,
              "{\"bytes\":{\"$bytes\":\"AQID\"},\"n\":{\"$bigint\":\"0xff\"},\"not\":{\"$number\":\"NaN\"},"
              "\"map\":{\"$map\":[[1,{\"$undefined\":true}]]}}\n")
        << done.err;
    EXPECT_EQ(json::parse(curfew({"run", script, "--event-cbor", "-", "--json"}, "\x41\x07").out)["result"]["bytes"],
              json({{"$bytes", "Bw=="}}));
    const Finished wrong = curfew({"run", script, "--event-cbor", file("wrong.cbor", "\x44\x01")});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_THAT(wrong.err, AllOf(HasSubstr("wrong.cbor"), HasSubstr("offset 0")));
    EXPECT_THAT(curfew({"run", script, "--event-cbor", event, "--event", "1"}).err, HasSubstr("exclude each other"));
}

TEST_F(CurfewRun, RefusesEventFilesThatCannotBeRead) {
    const Finished missing = curfew({"run", kRedirect, "--event-file", folder_ / "missing.json"});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.err, AllOf(HasSubstr("missing.json"), HasSubstr("No such file")));
    const Finished folder = curfew({"run", kRedirect, "--event-file", folder_});
    EXPECT_EQ(folder.status, 2);
    EXPECT_THAT(folder.err, HasSubstr("folder"));
}

TEST_F(CurfewRun, ReadsTheScriptFromStandardInput) {
    const Finished done = curfew({"run", "-", "--event", "2"}, "function handler(e) { return 2 * e; }");
    EXPECT_EQ(done.out, "4\n") << done.err;
    const std::string saved = folder_ / "a.snap";
    EXPECT_EQ(curfew({"snapshot", "-", "-o", saved}, "function handler(e) { return 3 * e; }").status, 0);
    EXPECT_EQ(curfew({"run", "--snapshot", saved, "--event", "2"}).out, "6\n");
}

TEST_F(CurfewRun, ReadsNoMoreThanFitsIntoAnyCell) {
    for (const Words& arguments : {Words{"run", "/dev/zero"},
                                   {"run", kRedirect, "--event-file", "/dev/zero"},
                                   {"snapshot", "/dev/zero", "-o", "x"}}) {
        const Finished done = curfew(arguments);
        EXPECT_EQ(done.status, 2);
        EXPECT_THAT(done.err, AllOf(HasSubstr("/dev/zero"), HasSubstr("256 MiB"), HasSubstr("no end")));
    }
}

// What is read may have no end, or no beginning.
TEST_F(CurfewRun, HoldsLimitsOnTimeWhileItReads) {
    const std::string fifo = folder_ / "fifo";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    struct Case {
        Words words;
        const char* limit;
    };
    for (const auto& [words, limit] :
         {Case{{"run", fifo, "--json", "--wall", "50ms"}, "wall-clock"},
          Case{{"run", fifo, "--json", "--deadline", "+50ms", "--wall", "1m"}, "deadline"},
          Case{{"run", kRedirect, "--event-file", fifo, "--json", "--wall", "50ms"}, "wall-clock"},
          Case{{"run", "/dev/zero", "--json", "--wall", "1ms"}, "wall-clock"}}) {
        const Finished done = curfew(words);
        EXPECT_EQ(done.status, 3) << done.out << done.err;
        EXPECT_EQ(json::parse(done.out)["terminated_by"], limit);
    }
    const Finished saved = curfew({"snapshot", fifo, "-o", folder_ / "a.snap", "--wall", "50ms"});
    EXPECT_EQ(saved.status, 3);
    EXPECT_THAT(saved.err, AllOf(HasSubstr(fifo), HasSubstr("\"wall-clock\" (50ms) was reached")));
}

TEST_F(CurfewRun, ReadsFromAPipeUnderALimit) {
    const Finished done =
        curfew({"run", "/dev/stdin", "--event", "2", "--wall", "1m"}, "function handler(e) { return 2 * e; }");
    EXPECT_EQ(done.out, "4\n") << done.err;
}

TEST_F(CurfewRun, TakesTheDeepestEventThatItAllows) {
    const std::string event = file("deep.json", std::string(5000, '[') + std::string(5000, ']'));
    EXPECT_EQ(run("function handler() { return 1; }", {"--event-file", event}).out, "1\n");
    const std::string deeper = file("deeper.json", std::string(5001, '[') + std::string(5001, ']'));
    EXPECT_EQ(run("function handler() { return 1; }", {"--event-file", deeper}).status, 2);
}

TEST_F(CurfewRun, SaysWhatToWriteInsteadOfWhatItDoesNotKnow) {
    EXPECT_THAT(run("export default (event) => event;").err, HasSubstr("write export function handler(event)"));
    EXPECT_THAT(run("module.exports = { handler(event) { return 1; } };").err, HasSubstr("in place of module.exports"));
    EXPECT_THAT(run("export function handler() { return fetch('https://a.example/'); }").err, HasSubstr("no network"));
    EXPECT_THAT(curfew({"run", file("a.tsx", "interface A { x: number }")}).err, HasSubstr("TypeScript"));
    EXPECT_THAT(run("function handler() {}", {"--memory", "1KiB"}).err, HasSubstr("still being loaded"));
}

}  // namespace
}  // namespace curfew::cli
