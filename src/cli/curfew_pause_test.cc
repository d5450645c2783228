// curfew run --pause-on, and curfew resume.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/testing/command_fixture.h"

namespace curfew::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kScript = R"(
    import { approve } from 'tools';
    export async function handler(names) {
        const yes = [];
        for (const name of names) if (await approve(name, { size: 1 })) yes.push(name);
        return yes;
    })";

class CurfewPause : public CurfewCommand {
  protected:
    std::string saved() const { return folder_ / "state.snap"; }
    Finished begin(const Words& more = {}) const {
        Words words{"--event", R"(["ada","bob"])", "--pause-on", "tools.approve", "-o", saved()};
        words.insert(words.end(), more.begin(), more.end());
        return run(kScript, words);
    }
};

TEST_F(CurfewPause, SavesAHandlerThatWaitsAndGoesOnWithIt) {
    const Finished begun = begin();
    EXPECT_EQ(begun.status, 5) << begun.err;
    EXPECT_EQ(begun.out, "");
    EXPECT_THAT(begun.err, AllOf(HasSubstr(R"(1  tools.approve["ada",{"size":1}])"),
                                 HasSubstr("Go on with: curfew resume " + saved() + " --reply 1=JSON")));

    const Finished shown = curfew({"resume", saved(), "--json"});
    EXPECT_EQ(shown.status, 5);
    const json waiting = json::parse(shown.out).at("waiting");
    EXPECT_EQ(waiting.at("snapshot"), saved());
    EXPECT_EQ(waiting.at("open_calls"),
              json::parse(R"([{"id":1,"module":"tools","function":"approve","arguments":["ada",{"size":1}]}])"));

    const std::string other = folder_ / "other.snap";
    const Finished again = curfew({"resume", saved(), "--reply", "1=true", "-o", other, "--json"});
    EXPECT_EQ(again.status, 5) << again.err << again.out;
    EXPECT_EQ(json::parse(again.out).at("waiting").at("open_calls").at(0).at("arguments").at(0), "bob");

    EXPECT_EQ(curfew({"resume", "--reply", "2=false", other}).out, "[\"ada\"]\n");
    EXPECT_EQ(curfew({"resume", other, "--reply", "2=true"}).out, "[\"ada\",\"bob\"]\n") << "the file stays as it was";
    EXPECT_EQ(curfew({"resume", saved(), "--reply", "1=false", "--reply", "2=true"}).out, "[\"bob\"]\n");
    const Finished failed = curfew({"resume", saved(), "--fail", "1=not today"});
    EXPECT_EQ(failed.status, 1);
    EXPECT_THAT(failed.err, HasSubstr("not today"));
}

TEST_F(CurfewPause, FilesThatAreSignedAreReadWithTheirKeyOnly) {
    const std::string key = file("key", "0123456789abcdef"), other = file("other", "0123456789abcdeF");
    EXPECT_EQ(begin({"--key-file", key}).status, 5);
    EXPECT_THAT(curfew({"resume", saved(), "--reply", "1=true", "--key-file", other}).err, HasSubstr("sign"));
    EXPECT_EQ(curfew({"resume", saved(), "--reply", "1=true", "--key-file", key}).status, 5);
    EXPECT_EQ(curfew({"resume", saved(), "--reply", "2=true", "--key-file", key}).out, "[\"ada\",\"bob\"]\n");
    EXPECT_THAT(curfew({"describe", "--snapshot", saved(), "--key-file", key}).out, HasSubstr("approve"));
    EXPECT_EQ(begin().status, 5);
    const Finished unsigned_one = curfew({"resume", saved(), "--key-file", key});
    EXPECT_EQ(unsigned_one.status, 2);
    EXPECT_THAT(unsigned_one.err, HasSubstr("sign"));

    const std::string handler = file("h.js", "function handler() { return 1; }"), snapshot = folder_ / "h.snap";
    EXPECT_EQ(curfew({"snapshot", handler, "-o", snapshot, "--key-file", key}).status, 0);
    EXPECT_EQ(curfew({"run", "--snapshot", snapshot, "--key-file", key}).out, "1\n");
    EXPECT_EQ(curfew({"run", "--snapshot", snapshot, "--key-file", other}).status, 2);
    EXPECT_THAT(curfew({"run", handler, "--key-file", key}).err, HasSubstr("only with --snapshot"));
    EXPECT_THAT(curfew({"run", "--snapshot", snapshot, "--key-file", file("short", "x")}).err, HasSubstr("16"));
}

TEST_F(CurfewPause, NeedsNoFileIfItDoesNotWait) {
    const Finished done = run(kScript, {"--event", "[]", "--pause-on", "tools.approve", "-o", saved()});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(done.out, "[]\n");
    EXPECT_FALSE(std::filesystem::exists(saved()));
}

TEST_F(CurfewPause, LimitsHoldOverTheFile) {
    ASSERT_EQ(begin().status, 5);
    const Finished ended = curfew({"resume", saved(), "--reply", "1=true", "--host-calls", "1"});
    EXPECT_EQ(ended.status, 3);
    EXPECT_THAT(ended.err, HasSubstr("\"host-calls\""));
}

TEST_F(CurfewPause, RefusesWhatMakesNoSense) {
    ASSERT_EQ(begin().status, 5);
    const auto refused = [](const Words& words) {
        const Finished done = curfew(words);
        EXPECT_EQ(done.status, 2) << done.out << done.err;
        return done.err;
    };
    EXPECT_THAT(refused({"resume", saved(), "--reply", "7=true"}), HasSubstr("it is not open; open: 1"));
    EXPECT_THAT(refused({"resume", saved(), "--reply", "1=yes"}), HasSubstr("is not JSON"));
    EXPECT_THAT(refused({"resume", saved(), "--reply", "true"}), HasSubstr("--reply needs ID=JSON"));
    EXPECT_THAT(refused({"resume", saved(), "--fail", "x=y"}), HasSubstr("--fail needs ID=TEXT"));
    EXPECT_THAT(refused({"resume"}), HasSubstr("The file is missing"));
    EXPECT_THAT(refused({"resume", folder_ / "none"}), HasSubstr("there is no such file"));
    EXPECT_THAT(refused({"run", "--snapshot", saved()}), HasSubstr("curfew resume --help"));
    const std::string script = file("a.js", "export const handler = () => 1;");
    EXPECT_THAT(refused({"run", script, "--pause-on", "tools"}), HasSubstr("a module and a function"));
    EXPECT_THAT(refused({"run", script, "--pause-on", "tools.a"}), HasSubstr("need -o"));
    EXPECT_THAT(refused({"run", script, "-o", saved()}), HasSubstr("only with --pause-on"));
    EXPECT_THAT(refused({"run", script, "--pause-on", "t.a", "-o", saved(), "--repeat", "2"}),
                HasSubstr("exclude --repeat and"));
    const std::string rested = folder_ / "rested.snap";
    ASSERT_EQ(curfew({"snapshot", script, "-o", rested}).status, 0);
    EXPECT_THAT(refused({"resume", rested, "--reply", "1=1"}), HasSubstr("is not of a handler that waits"));
}

}  // namespace
}  // namespace curfew::cli
