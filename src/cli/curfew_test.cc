// Runs the command itself, and looks at its exit status and at what it writes where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/testing/command_fixture.h"

namespace curfew::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

TEST_F(CurfewRun, PrintsTheResultAndNothingElse) {
    const Finished done = curfew({"run", kRedirect, "--event", R"({"request":{"uri":"/index.html"}})"});
    EXPECT_EQ(done.out, "{\"request\":{\"uri\":\"/redirected.html\"}}\n");
    EXPECT_EQ(done.err, "");
    EXPECT_EQ(done.status, 0);
}

TEST_F(CurfewRun, RunsTheOtherExamples) {
    EXPECT_EQ(curfew({"run", kExamples + "/word_count/handler.js", "--event", R"({"text":"to be or not to be"})"}).out,
              "{\"be\":2,\"not\":1,\"or\":1,\"to\":2}\n");
    const Finished async = curfew({"run", kExamples + "/async/handler.js", "--event", R"({"values":[1,2,3]})"});
    EXPECT_EQ(async.out, "[2,4,6]\n");
    EXPECT_EQ(async.err, "doubling 3 values\n");
}

TEST_F(CurfewRun, GivesAnEmptyObjectWithoutAnEvent) {
    EXPECT_EQ(run("function handler(event) { return [event]; }").out, "[{}]\n");
}

TEST_F(CurfewRun, WritesTheHandlersOutputToStandardError) {
    const Finished done = run("function handler() { console.log('one', 2); print('three'); return 4; }");
    EXPECT_EQ(done.out, "4\n");
    EXPECT_THAT(done.err, StartsWith("one 2\nthree"));
}

TEST_F(CurfewRun, RepeatsCallsInOneSandbox) {
    const Finished done = run("let n = 0; function handler() { return ++n; }", {"--repeat", "20"});
    EXPECT_EQ(done.out, "20\n");
    EXPECT_THAT(done.err, MatchesRegex("curfew: 20 calls: shortest .*, median .*, 99% within .*, longest .*\\.\n"));
    EXPECT_EQ(done.status, 0);
}

TEST_F(CurfewRun, PrintsTheResultAsJson) {
    const Finished done = run("function handler(e) { console.log('hi'); return {twice: e * 2}; }",
                              {"--event", "21", "--repeat", "3", "--json"});
    const json object = json::parse(done.out);
    EXPECT_EQ(object["result"], json({{"twice", 42}}));
    EXPECT_EQ(object["terminated_by"], nullptr);
    EXPECT_EQ(object["engine"], "quickjs");
    EXPECT_GT(object["usage"]["cpu_time_ns"], 0);
    EXPECT_GE(object["usage"]["wall_time_ns"], object["usage"]["cpu_time_ns"]);
    EXPECT_GT(object["usage"]["peak_heap_bytes"], 0);
    EXPECT_EQ(object["usage"]["bytes_printed"], 16);
    EXPECT_EQ(object["repeat"]["calls"], 3);
    EXPECT_LE(object["repeat"]["min_ns"], object["repeat"]["median_ns"]);
    EXPECT_LE(object["repeat"]["median_ns"], object["repeat"]["max_ns"]);
    EXPECT_FALSE(object.contains("error"));
    EXPECT_EQ(done.err, "hi\nhi\nhi\n");
    EXPECT_EQ(done.status, 0);
}

TEST_F(CurfewRun, KeepsNumbersAsTheHandlerWroteThem) {
    const Finished done =
        run("function handler() { return [1e400 > 0, 0.1, 1e21, 12345678901234567890]; }", {"--json"});
    EXPECT_THAT(done.out, StartsWith("{\"result\":[true,0.1,1e+21,12345678901234567000],"));
}

// Files that handlers import.

class CurfewModules : public CurfewCommand {
  protected:
    void SetUp() override {
        CurfewCommand::SetUp();
        std::filesystem::create_directories(folder_ / "app/lib/node_modules/pkg");
        file("app/lib/node_modules/pkg/index.js", "export default 'a package';");
        file("app/lib/math.js", "export const twice = (x) => 2 * x;");
        file("app/lib/up.js",
             "import { twice } from './math.js'; import top from '../top.mjs'; export default top + twice(2);");
        file("app/top.mjs", "export default 'top';");
        file("secret.js", "export default 'secret';");
    }
    std::string app() const { return folder_ / "app"; }
};

TEST_F(CurfewModules, AreFoundFromTheScriptsOwnFolder) {
    const std::string script = file("app/lib/handler.js", R"(
        import { twice } from './math';
        import up from './up.js';
        import pkg from 'pkg';
        export const handler = (event) => [twice(event), up, pkg];)");
    const Finished done = curfew({"run", script, "--modules", app(), "--event", "21"});
    EXPECT_EQ(done.out, "[42,\"top4\",\"a package\"]\n") << done.err;
    EXPECT_EQ(done.status, 0);
}

TEST_F(CurfewModules, AreFoundFromTheirFolderByAScriptThatLiesElsewhere) {
    const std::string script = file("handler.js", R"(
        import up from './lib/up.js';
        export const handler = async () => [up, (await import('./top.mjs')).default];)");
    const Finished done = curfew({"run", script, "--modules", app()});
    EXPECT_EQ(done.out, "[\"top4\",\"top\"]\n") << done.err;
    EXPECT_EQ(done.status, 0);
}

// As docs/modules.md shows it.
TEST_F(CurfewModules, HaveAnExample) {
    const Finished done = curfew({"run", kExamples + "/modules/handler.js", "--modules", kExamples + "/modules",
                                  "--event", R"({"name":"World","language":"en"})"});
    EXPECT_EQ(done.out, "\"HELLO, WORLD!\"\n") << done.err;
}

TEST_F(CurfewModules, AreNotFoundOutsideOfTheirFolder) {
    std::filesystem::create_symlink("../secret.js", folder_ / "app/link.js");
    struct Way {
        std::string specifier;
        std::string why;
    };
    for (const auto& [specifier, why] :
         {Way{"../secret.js", "there is no such module"}, Way{"./link.js", "leads out of the folder"},
          Way{folder_ / "secret.js", "there is no such module"}, Way{"file:///etc/passwd", "not by a URL"}}) {
        const std::string script =
            file("app/handler.js", "import x from '" + specifier + "'; export const handler = () => x;");
        const Finished done = curfew({"run", script, "--modules", app()});
        EXPECT_EQ(done.status, 1) << specifier;
        EXPECT_EQ(done.out, "");
        EXPECT_THAT(done.err, AllOf(HasSubstr("handler.js imports \"" + specifier + "\""), HasSubstr(why)));
    }
}

TEST_F(CurfewModules, AreNotThereWithoutTheOption) {
    const std::string script = file("app/handler.js", "import x from './top.mjs'; export function handler() {}");
    const Finished done = curfew({"run", script});
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.err, AllOf(HasSubstr("handler.js imports \"./top.mjs\""), HasSubstr("curfew run --modules")));
}

TEST_F(CurfewModules, NeedAFolderAndAKernelThatSealsIt) {
    const Finished missing = curfew({"run", kRedirect, "--modules", folder_ / "none"});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.err, AllOf(HasSubstr("none"), HasSubstr("No such file")));
    const Finished no_folder = curfew({"run", kRedirect, "--modules", kRedirect});
    EXPECT_EQ(no_folder.status, 2);
    EXPECT_THAT(no_folder.err, HasSubstr("Not a directory"));
    EXPECT_EQ(curfew({"run", kRedirect, "--modules", ""}).status, 2);
    const Finished denied =
        run_program({kDeny, "openat2=ENOSYS", "--", kCommand, "run", kRedirect, "--modules", app()});
    EXPECT_EQ(denied.status, 4);
    EXPECT_THAT(denied.err, AllOf(HasSubstr("openat2"), HasSubstr("Linux 5.6"), HasSubstr("container profile")));
}

// The exit status and the messages for everything that goes wrong.

TEST_F(CurfewRun, TellsTheHandlersErrorWithItsStack) {
    const Finished done =
        run("function fail() {\n  throw new TypeError('no such thing');\n}\nfunction handler() {\n  fail();\n}\n");
    EXPECT_EQ(done.status, 1);
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.err, AllOf(StartsWith("curfew: "), HasSubstr("TypeError: no such thing"),
                                HasSubstr("handler.js:2"), HasSubstr("handler.js:5")));
}

TEST_F(CurfewRun, TellsTheHandlersErrorAsJson) {
    const Finished done = run("function handler() { throw new Error('sorry'); }", {"--json"});
    EXPECT_EQ(done.status, 1);
    const json object = json::parse(done.out);
    EXPECT_EQ(object["error"]["code"], "handler_error");
    EXPECT_THAT(object["error"]["message"], HasSubstr("sorry"));
    EXPECT_THAT(object["error"]["stack"], HasSubstr("handler.js:1"));
    EXPECT_EQ(object["terminated_by"], nullptr);
    EXPECT_FALSE(object.contains("result"));
    EXPECT_EQ(done.err, "");
}

TEST_F(CurfewRun, StartsMessagesOnALineOfTheirOwn) {
    const Finished done = run("function handler() { print('half a line'); throw new Error('sorry'); }");
    EXPECT_THAT(done.err, StartsWith("half a line\ncurfew: "));
}

TEST_F(CurfewRun, TellsThePlaceOfASyntaxError) {
    const Finished done = run("function handler(event) {\n  return event +;\n}\n");
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.err, AllOf(HasSubstr("SyntaxError"), HasSubstr("handler.js:2:")));
}

TEST_F(CurfewRun, RefusesScriptsWithoutAHandler) {
    for (const char* const script :
         {"", "const x = 1;", "export function other() {}", "var handler = 5;", "export const handler = 5;"}) {
        const Finished done = run(script);
        EXPECT_EQ(done.status, 1) << script;
        EXPECT_THAT(done.err, HasSubstr("handler")) << script;
        EXPECT_EQ(done.out, "");
    }
}

TEST_F(CurfewRun, RefusesAHeapThatIsTooSmallToStart) {
    for (const char* const size : {"1", "4KiB", "64KiB"}) {
        const Finished done = curfew({"run", kRedirect, "--heap", size});
        EXPECT_EQ(done.status, 2) << size;
        EXPECT_THAT(done.err, HasSubstr("heap")) << size;
    }
}

TEST_F(CurfewRun, RefusesWrongOptionsWithAnExample) {
    const Finished done = curfew({"run", kRedirect, "--wal", "1s"});
    EXPECT_EQ(done.status, 2);
    EXPECT_THAT(done.err, AllOf(StartsWith("curfew: There is no option --wal; did you mean --wall?\n"),
                                HasSubstr("Example: curfew run")));
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(curfew({}).status, 2);
    EXPECT_EQ(curfew({"rnu"}).status, 2);
}

TEST_F(CurfewRun, EndsAHandlerAtItsLimit) {
    for (const auto& [option, name] : {std::pair{"--wall", "wall-clock"}, std::pair{"--cpu", "cpu-time"}}) {
        const Finished done = curfew({"run", kExamples + "/endless/handler.js", option, "50ms"});
        EXPECT_EQ(done.status, 3);
        EXPECT_EQ(done.out, "");
        EXPECT_THAT(done.err, AllOf(StartsWith("curfew: "), HasSubstr(name), HasSubstr("\nUsed: ")));
        const Finished as_json = curfew({"run", kExamples + "/endless/handler.js", option, "50ms", "--json"});
        EXPECT_EQ(as_json.status, 3);
        const json object = json::parse(as_json.out);
        EXPECT_EQ(object["terminated_by"], name);
        EXPECT_EQ(object["error"]["code"], "cancelled");
        EXPECT_GE(object["usage"]["wall_time_ns"], 50'000'000);
    }
}

TEST_F(CurfewRun, EndsAHandlerAtEveryLimit) {
    struct Limit {
        Words option;
        const char* name;
        const char* statements;
        const char* used;  // what counts of the usage
        std::uint64_t least;
    };
    for (const auto& [option, name, statements, used, least] :
         {Limit{{"--wall", "50ms"}, "wall-clock", "for (;;);", "wall_time_ns", 50'000'000},
          Limit{{"--cpu", "50ms"}, "cpu-time", "for (;;);", "cpu_time_ns", 50'000'000},
          Limit{{"--memory", "2MiB"},
                "memory",
                "const kept = 'x'.repeat(4 << 20); for (;;);",
                "peak_heap_bytes",
                2 << 20},
          Limit{{"--output", "10kB"}, "output", "for (;;) print('x'.repeat(100));", "bytes_printed", 10'000},
          Limit{{"--deadline", "+100ms"}, "deadline", "for (;;);", "wall_time_ns", 1}}) {
        const std::string calling = std::string("function handler() { ") + statements + " }";
        const std::string loading = std::string(statements) + "\nfunction handler() {}";
        for (const std::string& script : {calling, loading}) {
            // Beside others that are far away.
            Words options{"--json"};
            for (const Words& other : {Words{"--wall", "1h"},
                                       {"--cpu", "1h"},
                                       {"--memory", "12MiB"},
                                       {"--host-calls", "1000"},
                                       {"--output", "12MiB"},
                                       {"--deadline", "+1h"}}) {
                const Words& given = other.front() == option.front() ? option : other;
                options.insert(options.end(), given.begin(), given.end());
            }
            const Finished done = run(script, options);
            EXPECT_EQ(done.status, 3) << name;
            const json object = json::parse(done.out);
            EXPECT_EQ(object["terminated_by"], name);
            EXPECT_EQ(object["error"]["code"], "cancelled");
            EXPECT_GE(object["usage"][used], least) << name;
            if (option.front() == "--deadline") continue;  // which may have passed before the script began
            EXPECT_GT(object["usage"]["peak_heap_bytes"], 0) << name;
            if (&script == &calling) {
                EXPECT_GT(object["usage"]["pages_dirtied"], 0) << name;
            }
        }
        const Finished told = run(calling, option);
        EXPECT_EQ(told.status, 3);
        EXPECT_EQ(told.out, "");
        EXPECT_THAT(told.err, AllOf(HasSubstr("curfew: "), HasSubstr(name), HasSubstr("\nUsed: ")));
    }
}

TEST_F(CurfewRun, LetsAHandlerBeThatStaysWithinEveryLimit) {
    const Finished done = run("function handler() { print('hello\\n'); return 1; }",
                              {"--wall", "1h", "--cpu", "1h", "--memory", "12MiB", "--host-calls", "1", "--output",
                               "17", "--deadline", "2200-01-01T00:00:00Z", "--json"});
    EXPECT_EQ(done.status, 0) << done.err;
    const json object = json::parse(done.out);
    EXPECT_EQ(object["result"], 1);
    EXPECT_EQ(object["usage"]["bytes_printed"], 16);
    EXPECT_EQ(object["usage"]["bytes_out"], 1);
    EXPECT_EQ(object["usage"]["host_calls"], 0);
    EXPECT_GT(object["usage"]["pages_dirtied"], 0);
}

TEST_F(CurfewRun, BoundsWhatAHandlerPrintsEvenWithoutLimits) {
    const char* const endless = "function handler() { const text = 'x'.repeat(1 << 20); for (;;) print(text); }";
    const Finished done = run(endless, {"--json"});
    EXPECT_EQ(done.status, 3);
    EXPECT_EQ(json::parse(done.out)["terminated_by"], "output");
    EXPECT_EQ(done.err.size(), 16u << 20);
    // An own limit may be larger.
    const Finished more = run(endless, {"--json", "--output", "20MiB"});
    EXPECT_EQ(json::parse(more.out)["terminated_by"], "output");
    EXPECT_EQ(more.err.size(), 20u << 20);
}

TEST_F(CurfewRun, RefusesADeadlineThatHasPassed) {
    const Finished done = curfew({"run", kRedirect, "--deadline", "2020-01-01T00:00:00Z"});
    EXPECT_EQ(done.status, 2);
    EXPECT_THAT(done.err, AllOf(HasSubstr("--deadline"), HasSubstr("has passed"), HasSubstr("Example:")));
}

TEST_F(CurfewRun, NamesTheFirstOfTwoLimits) {
    const Finished done = curfew({"run", kExamples + "/endless/handler.js", "--wall", "1m", "--cpu", "50ms", "--json"});
    EXPECT_EQ(json::parse(done.out)["terminated_by"], "cpu-time");
}

TEST_F(CurfewRun, HoldsTheLimitWhileTheScriptLoads) {
    const Finished done = run("for (;;) {}\nfunction handler() {}", {"--wall", "50ms", "--json"});
    EXPECT_EQ(done.status, 3);
    EXPECT_EQ(json::parse(done.out)["terminated_by"], "wall-clock");
}

TEST_F(CurfewRun, EndsOnSignals) {
    const std::string calling = file("calling.js", "function handler() { console.log('started'); for (;;) {} }");
    const std::string loading = file("loading.js", "console.log('started'); for (;;) {} function handler() {}");
    for (const std::string& script : {calling, loading}) {
        for (const int number : {SIGINT, SIGTERM}) {
            Subprocess process(command({"run", script}));
            ASSERT_TRUE(process.wait_for_err("started"));
            process.signal(number);
            const Finished done = process.finish();
            EXPECT_EQ(done.status, 128 + number);
            EXPECT_EQ(done.out, "");
            EXPECT_THAT(done.err, HasSubstr(number == SIGINT ? "curfew: Interrupted." : "curfew: Terminated."));
        }
    }
}

TEST_F(CurfewRun, SaysSoWhenTheResultCannotBeWritten) {
    const Finished done = run_program(command({"run", kRedirect, "--event", R"({"request":{}})"}), {}, "/dev/full");
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.err, AllOf(HasSubstr("could not be written"), HasSubstr("No space left on device")));
    for (const Words& arguments : {Words{"--help"}, {"--version"}, {"doctor"}}) {
        const Finished told = run_program(command(arguments), {}, "/dev/full");
        EXPECT_EQ(told.status, 1);
        EXPECT_THAT(told.err, HasSubstr("could not be written to standard output: No space left on device"));
    }
}

TEST_F(CurfewRun, TellsWrongUsageAsJsonIfThatWasAskedFor) {
    const Finished done = curfew({"run", kRedirect, "--json", "--wall", "5"});
    EXPECT_EQ(done.status, 2);
    EXPECT_EQ(done.err, "");
    const json object = json::parse(done.out);
    EXPECT_EQ(object["error"]["code"], "invalid_argument");
    EXPECT_THAT(object["error"]["message"], HasSubstr("\"5\" is not a duration"));
    EXPECT_EQ(curfew({"run", "--wal", "--", "--json"}).out, "");
}

TEST_F(CurfewRun, SaysSoWhenThereIsNoThreadForIt) {
    for (const bool as_json : {false, true}) {
        Words words{kDeny, "clone3=EPERM", "--", kCommand, "run", kRedirect};
        if (as_json) words.emplace_back("--json");
        const Finished done = run_program(words);
        EXPECT_EQ(done.status, 4);
        EXPECT_THAT(as_json ? done.out : done.err, HasSubstr("clone3"));
        EXPECT_THAT(done.err, Not(HasSubstr("should not have happened")));
    }
}

// A machine that lacks what cells need.

struct Lack {
    const char* denied;  // what curfew_deny is told
    const char* named;   // what the message has to name
};

class MachineThatLacks : public testing::TestWithParam<Lack> {};

TEST_P(MachineThatLacks, IsToldWithItsRemedy) {
    const auto& [denied, named] = GetParam();
    const Finished run = run_program({kDeny, denied, "--", kCommand, "run", kRedirect, "--event", R"({"request":{}})"});
    EXPECT_EQ(run.status, 4);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, AllOf(StartsWith("curfew: "), HasSubstr(named), HasSubstr("profile allow")));

    const Finished doctor = run_program({kDeny, denied, "--", kCommand, "doctor"});
    EXPECT_EQ(doctor.status, 4);
    EXPECT_THAT(doctor.out, AllOf(HasSubstr(named), HasSubstr("MISSING"), HasSubstr("profile allow"),
                                  HasSubstr("Handlers cannot run on this machine")));
}

INSTANTIATE_TEST_SUITE_P(All, MachineThatLacks,
                         testing::Values(Lack{"memfd_create=ENOSYS", "memfd"}, Lack{"memfd_create=EACCES", "memfd"},
                                         Lack{"seccomp=ENOSYS", "seccomp"}, Lack{"seccomp=EINVAL", "seccomp"},
                                         Lack{"seccomp=EACCES", "seccomp"}),
                         [](const auto& lack) {
                             std::string name = lack.param.denied;
                             std::ranges::replace(name, '=', '_');
                             return name;
                         });

TEST(CurfewDoctor, KnowsWhatForbidsNewCode) {
    const Finished run =
        run_program({kDeny, "new-code", "--", kCommand, "run", kRedirect, "--event", R"({"request":{}})"});
    if (run.status == 125) GTEST_SKIP() << run.err;
    EXPECT_EQ(run.status, 4);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, AllOf(StartsWith("curfew: "), HasSubstr("MemoryDenyWriteExecute")));

    const Finished doctor = run_program({kDeny, "new-code", "--", kCommand, "doctor"});
    EXPECT_EQ(doctor.status, 4);
    EXPECT_THAT(doctor.out, AllOf(HasSubstr("mprotect      MISSING"), HasSubstr("MemoryDenyWriteExecute= of systemd"),
                                  HasSubstr("Handlers cannot run on this machine")));
}

TEST(CurfewDoctor, FindsThisMachineUsable) {
    const Finished done = curfew({"doctor"});
    EXPECT_EQ(done.status, 0) << done.out;
    for (const char* const part :
         {"kernel ", "CPUs ", "wake-up ", "spin or block ", "seccomp ", "memfd ", "kvm ",
          "engine        quickjs   QuickJS-NG ", "a cell        yes", "Handlers can run on this machine."}) {
        EXPECT_THAT(done.out, HasSubstr(part));
    }
    EXPECT_THAT(done.out, Not(HasSubstr("MISSING")));
    EXPECT_EQ(done.err, "");
}

// What is only a second wall is named with the reason for its absence, and nothing else depends on it.
TEST(CurfewDoctor, NamesWallsThatAreNotThere) {
    const Words denied{kDeny, "landlock_create_ruleset=EPERM", "--", kCommand, "doctor"};
    const Finished done = run_program(denied);
    EXPECT_EQ(done.status, 0) << done.out;
    EXPECT_THAT(done.out,
                AllOf(HasSubstr("\nlandlock      no        Operation not permitted; let the container's seccomp"),
                      HasSubstr("Handlers can run on this machine.")));
    Words for_programs = denied;
    for_programs.emplace_back("--json");
    const json items = json::parse(run_program(for_programs).out)["items"];
    const auto landlock = std::ranges::find(items, "landlock", [](const json& item) { return item["name"]; });
    ASSERT_NE(landlock, items.end());
    EXPECT_EQ((*landlock)["available"], false);
    EXPECT_EQ((*landlock)["required"], false);
}

TEST(CurfewDoctor, AnswersProbes) {
    const Finished works = curfew({"doctor", "--json"});
    EXPECT_EQ(works.status, 0);
    EXPECT_EQ(works.err, "");
    EXPECT_EQ(json::parse(works.out)["usable"], true);
    EXPECT_GT(json::parse(works.out)["cell"]["call_ns"], 0);
    const Finished fails = run_program({kDeny, "memfd_create=ENOSYS", "--", kCommand, "doctor", "--json"});
    EXPECT_EQ(fails.status, 4);
    EXPECT_EQ(json::parse(fails.out)["usable"], false);
    EXPECT_EQ(json::parse(fails.out)["cell"]["code"], "unavailable");
}

TEST(CurfewVersion, NamesTheEnginesToo) {
    EXPECT_THAT(curfew({"--version"}).out,
                MatchesRegex("curfew [0-9]+\\.[0-9]+\\.[0-9]+\nquickjs: QuickJS-NG [0-9]+\\.[0-9]+\\.[0-9]+\n"
                             "(node: Node\\.js [0-9]+\\.[0-9]+\\.[0-9]+\n)?"));
}

TEST(CurfewHelp, GoesToStandardOutput) {
    for (const Words& arguments : {Words{"--help"}, {"run", "--help"}, {"help", "doctor"}, {"--version"}}) {
        const Finished done = curfew(arguments);
        EXPECT_EQ(done.status, 0);
        EXPECT_NE(done.out, "");
        EXPECT_EQ(done.err, "");
    }
}

using CurfewSnapshot = CurfewCommand;

TEST_F(CurfewSnapshot, IsRunFrom) {
    const std::string script =
        file("count.js", "let n = 41; console.log('loaded'); function handler(e) { return n += e; }");
    const std::string saved = folder_ / "count.snap";
    const Finished made = curfew({"snapshot", script, "-o", saved, "--cpu", "5s", "--heap", "8MiB"});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(made.out, "");
    EXPECT_EQ(made.err, "loaded\n");
    for (int i = 0; i < 2; ++i) {
        const Finished done = curfew({"run", "--snapshot", saved, "--event", "1", "--cpu", "5s"});
        EXPECT_EQ(done.out, "42\n");
        EXPECT_EQ(done.err, "");
        EXPECT_EQ(done.status, 0);
    }
}

// By ticks of 1 ms at least, where without it there are steps of 0.125 ms.
TEST_F(CurfewSnapshot, IsAsStrictAsTheStricterOfItsTwoSides) {
    const std::string script = file("step.js", R"(function handler() {
        const read = () => { const last = performance.now(); let now; do now = performance.now(); while (now === last); return now; };
        let least = Infinity;
        for (let i = 0, last = read(); i < 20; ++i) { const now = read(); least = Math.min(least, now - last); last = now; }
        return least > 0.8;
    })");
    const std::string strict = folder_ / "strict.snap";
    const std::string basic = folder_ / "basic.snap";
    ASSERT_EQ(curfew({"snapshot", script, "-o", strict, "--strict"}).status, 0);
    ASSERT_EQ(curfew({"snapshot", script, "-o", basic}).status, 0);
    EXPECT_EQ(curfew({"run", "--snapshot", basic}).out, "false\n");
    EXPECT_EQ(curfew({"run", "--snapshot", basic, "--strict"}).out, "true\n");
    EXPECT_EQ(curfew({"run", "--snapshot", basic, "--side-channels", "strict"}).out, "true\n");
    EXPECT_EQ(curfew({"run", "--snapshot", strict}).out, "true\n");
    EXPECT_EQ(curfew({"run", "--snapshot", strict, "--side-channels", "basic"}).out, "true\n");
    EXPECT_EQ(curfew({"run", script, "--strict"}).out, "true\n");
}

// Where there is no such cgroup, the handler does not run without.
TEST_F(CurfewSnapshot, RunsInACgroupOrNotAtAll) {
    const std::string script = file("run.js", "function handler() { return 1; }");
    const auto refused = curfew({"run", script, "--cgroup", "/nowhere/at/all"});
    EXPECT_EQ(refused.status, 4);
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, HasSubstr("cells cannot be put into the cgroup \"/nowhere/at/all\""));
    EXPECT_EQ(curfew({"run", script, "--cgroup-memory", "64"}).status, 2);
}

// The heap is the snapshot's, but whoever runs it says how large it may be.
TEST_F(CurfewSnapshot, HasNoMoreHeapThanItMay) {
    const std::string script = file("one.js", "function handler() { return 1; }");
    const std::string saved = folder_ / "one.snap";
    ASSERT_EQ(curfew({"snapshot", script, "-o", saved, "--heap", "20MiB"}).status, 0);
    const Finished refused = curfew({"run", "--snapshot", saved});
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.err, HasSubstr("with a heap of 20 MiB; allow it with --heap 20MiB"));
    EXPECT_EQ(curfew({"run", "--snapshot", saved, "--heap", "19MiB"}).status, 2);
    EXPECT_EQ(curfew({"run", "--snapshot", saved, "--heap", "20MiB"}).out, "1\n");
}

TEST_F(CurfewSnapshot, IsRefusedWithTheReason) {
    const std::string script = file("endless.js", "while (true) {} function handler() {}");
    const std::string saved = folder_ / "a.snap";
    const Finished ended = curfew({"snapshot", script, "-o", saved, "--cpu", "20ms"});
    EXPECT_EQ(ended.status, 3);
    EXPECT_THAT(ended.err, HasSubstr("cpu-time"));
    const Finished missing = curfew({"run", "--snapshot", saved});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.err, HasSubstr("there is no such file"));
    EXPECT_THAT(curfew({"run", "--snapshot", script}).err, HasSubstr("not a snapshot of Curfew"));
    EXPECT_THAT(curfew({"run", script, "--snapshot", saved}).err, HasSubstr("exclude each other"));
    EXPECT_THAT(curfew({"snapshot", script}).err, HasSubstr("-o is missing"));
    EXPECT_THAT(curfew({"snapshot", "-o", saved}).err, HasSubstr("file is missing"));
}

}  // namespace
}  // namespace curfew::cli
