#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/parsed.h"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::uint64_t bytes(std::uint64_t count) { return count; }

RunOptions run_options(const Arguments& arguments) { return options_of<RunOptions>(arguments); }

TEST(RunCommandLine, NeedsOnlyAFile) {
    RunOptions expected;
    expected.file = "handler.js";
    EXPECT_EQ(run_options({"run", "handler.js"}), expected);
    EXPECT_EQ(expected.event, "{}");
    EXPECT_EQ(expected.repeat, 1u);
}

TEST(RunCommandLine, TakesEveryOption) {
    const RunOptions run =
        run_options({"run",      "--event",  "[1]",        "--wall", "2s",        "--cpu", "500ms",        "--heap",
                     "16MiB",    "--repeat", "3",          "--json", "--memory",  "8MiB",  "--host-calls", "1000",
                     "--output", "1MB",      "--deadline", "+1.5s",  "--modules", "lib",   "a.js"});
    EXPECT_EQ(run.file, "a.js");
    EXPECT_EQ(run.event, "[1]");
    EXPECT_EQ(run.event_file, std::nullopt);
    EXPECT_THAT(run.sandbox.limits,
                UnorderedElementsAre(LimitSetting{"wall-clock", 2s}, LimitSetting{"cpu-time", 500ms},
                                     LimitSetting{"memory", bytes(8 << 20)}, LimitSetting{"host-calls", bytes(1000)},
                                     LimitSetting{"output", bytes(1'000'000)}, LimitSetting{"deadline", 1500ms}));
    EXPECT_EQ(run.sandbox.heap, 16u << 20);
    EXPECT_EQ(run.repeat, 3u);
    EXPECT_TRUE(run.json);
    EXPECT_EQ(run.sandbox.modules, "lib");
}

TEST(RunCommandLine, TakesAnEngine) {
    EXPECT_EQ(run_options({"run", "a.js"}).sandbox.engine, std::nullopt);
    EXPECT_EQ(run_options({"run", "a.js", "--engine", "quickjs"}).sandbox.engine, Engine::quickjs);
    EXPECT_EQ(run_options({"run", "a.js", "--engine=node"}).sandbox.engine, Engine::node);
    EXPECT_TRUE(run_options({"run", "a.js", "--jitless"}).sandbox.jitless);
    EXPECT_TRUE(run_options({"run", "a.js", "--trace-calls"}).trace_calls);
    EXPECT_THAT(refusal({"run", "a.js", "--engine", "V8"}), HasSubstr("there is no engine \"V8\"; take quickjs"));
    EXPECT_THAT(refusal({"run", "--snapshot", "a.snap", "--engine", "quickjs"}), HasSubstr("exclude each other"));
}

TEST(RunCommandLine, TakesHowStrictIsolationIs) {
    EXPECT_FALSE(run_options({"run", "a.js"}).sandbox.strict);
    EXPECT_EQ(run_options({"run", "a.js"}).sandbox.side_channels, std::nullopt);
    EXPECT_TRUE(run_options({"run", "a.js", "--strict"}).sandbox.strict);
    EXPECT_EQ(run_options({"run", "a.js", "--side-channels", "strict"}).sandbox.side_channels, SideChannels::strict);
    EXPECT_EQ(run_options({"run", "a.js", "--side-channels=basic"}).sandbox.side_channels, SideChannels::basic);
    EXPECT_EQ(run_options({"run", "a.js", "--side-channels=strict", "--strict"}).sandbox.side_channels,
              SideChannels::strict);
    EXPECT_THAT(refusal({"run", "a.js", "--side-channels", "none"}),
                HasSubstr("--side-channels needs basic or strict"));
    EXPECT_THAT(refusal({"run", "a.js", "--strict", "--side-channels", "basic"}), HasSubstr("exclude each other"));
}

TEST(RunCommandLine, TakesABranchBarrier) {
    EXPECT_EQ(run_options({"run", "a.js", "--strict"}).sandbox.branch_barrier, std::nullopt);
    EXPECT_EQ(run_options({"run", "a.js", "--branch-barrier=none"}).sandbox.branch_barrier, BranchBarrier::none);
    EXPECT_EQ(run_options({"run", "a.js", "--branch-barrier", "possible"}).sandbox.branch_barrier,
              BranchBarrier::where_possible);
    EXPECT_EQ(run_options({"run", "a.js", "--strict", "--branch-barrier", "required"}).sandbox.branch_barrier,
              BranchBarrier::required);
    EXPECT_THAT(refusal({"run", "a.js", "--branch-barrier", "yes"}), HasSubstr("none, possible or required"));
    EXPECT_THAT(refusal({"run", "a.js", "--strict", "--branch-barrier", "none"}), HasSubstr("exclude each other"));
}

TEST(RunCommandLine, TakesACgroup) {
    EXPECT_EQ(run_options({"run", "a.js"}).sandbox.cgroup, std::nullopt);
    EXPECT_EQ(run_options({"run", "a.js", "--cgroup", "auto"}).sandbox.cgroup, CgroupLimits());
    EXPECT_EQ(run_options({"run", "a.js", "--cgroup", "/a/b"}).sandbox.cgroup, CgroupLimits{.parent = "/a/b"});
    EXPECT_EQ(run_options({"run", "a.js", "--cgroup-memory", "64MiB"}).sandbox.cgroup,
              CgroupLimits{.memory_max = 64 << 20});
    const CgroupLimits both{.parent = "c", .cpu_max = CgroupLimits::CpuShare{.quota = 20ms}};
    EXPECT_EQ(run_options({"run", "a.js", "--cgroup", "c", "--cgroup-cpu", "20ms"}).sandbox.cgroup, both);
    EXPECT_THAT(refusal({"run", "a.js", "--cgroup", ""}), HasSubstr("a folder, or auto"));
    EXPECT_THAT(refusal({"run", "a.js", "--cgroup-memory", "much"}), HasSubstr("--cgroup-memory: \"much\" is not a"));
    EXPECT_THAT(refusal({"run", "a.js", "--cgroup-cpu", "50"}), HasSubstr("--cgroup-cpu"));
}

TEST(RunCommandLine, TakesValuesAfterAnEqualsSign) {
    const RunOptions run = run_options({"run", "a.js", "--wall=1m", "--event={\"a\":\"b=c\"}"});
    EXPECT_THAT(run.sandbox.limits, ElementsAre(LimitSetting{"wall-clock", 1min}));
    EXPECT_EQ(run.event, "{\"a\":\"b=c\"}");
}

TEST(RunCommandLine, TakesNoneForNoWallLimitAtAll) {
    EXPECT_FALSE(run_options({"run", "a.js"}).sandbox.without_wall_limit);
    const RunOptions run = run_options({"run", "a.js", "--wall", "none"});
    EXPECT_TRUE(run.sandbox.without_wall_limit);
    EXPECT_THAT(run.sandbox.limits, IsEmpty());
    EXPECT_THAT(refusal({"run", "a.js", "--cpu", "none"}), HasSubstr("--cpu: \"none\" is not a duration"));
}

TEST(RunCommandLine, TakesADeadlineByTheClock) {
    const std::chrono::system_clock::time_point time = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
    EXPECT_THAT(run_options({"run", "a.js", "--deadline", "2200-01-01T00:00:00Z"}).sandbox.limits,
                ElementsAre(LimitSetting{"deadline", time}));
}

TEST(RunCommandLine, HasAnOptionForEachLimitThatCanBeWritten) {
    const std::string help = shown_text({"run", "--help"});
    for (const LimitKind& kind : limit_kinds()) {
        if (kind.option.empty()) continue;
        const std::string option(kind.option);
        const std::string example(kind.example);
        EXPECT_THAT(run_options({"run", "a.js", option, example}).sandbox.limits,
                    ElementsAre(parse_limit(kind.name, example).value()));
        EXPECT_THAT(help, HasSubstr(option + " " + std::string(placeholder(kind.form))));
        EXPECT_THAT(refusal({"run", "a.js", option, "wrong"}), HasSubstr(option + ": \"wrong\" is not a"));
    }
}

TEST(RunCommandLine, TakesEventsAsTheyAre) {
    for (const std::string event : {R"({"request":{"uri":"/index.html"}})", "[]", "[1,2]", "[\"a\",[\"b\"]]", "-5",
                                    "--wall", "\"quoted\"", "", " ", "{\"a\": \"'\"}", "%"}) {
        EXPECT_EQ(run_options({"run", "a.js", "--event", event}).event, event);
    }
}

TEST(RunCommandLine, TakesAFileThatLooksLikeAnOptionAfterADoubleDash) {
    EXPECT_EQ(run_options({"run", "--json", "--", "--handler.js"}).file, "--handler.js");
}

TEST(RunCommandLine, TakesStandardInputForTheEvent) {
    EXPECT_EQ(run_options({"run", "a.js", "--event-file", "-"}).event_file, "-");
}

TEST(RunCommandLine, TakesStandardInputOnce) {
    EXPECT_EQ(run_options({"run", "-"}).file, "-");
    EXPECT_THAT(refusal({"run", "-", "--event-file", "-"}), HasSubstr("cannot both be standard input"));
    EXPECT_THAT(refusal({"snapshot", "a.js", "-o", "-"}), HasSubstr("cannot be written to standard output"));
}

TEST(RunCommandLine, RefusesTwoEvents) {
    EXPECT_THAT(refusal({"run", "a.js", "--event", "1", "--event-file", "e.json"}), HasSubstr("exclude each other"));
}

TEST(RunCommandLine, NamesTheNearestOption) {
    EXPECT_THAT(refusal({"run", "--wal", "1s", "a.js"}), HasSubstr("no option --wal; did you mean --wall?"));
    EXPECT_THAT(refusal({"run", "a.js", "--evnt=1"}), HasSubstr("no option --evnt; did you mean --event?"));
    EXPECT_THAT(refusal({"run", "a.js", "--memory-limit", "1"}), HasSubstr("There is no option --memory-limit"));
}

TEST(RunCommandLine, SaysWhatIsMissing) {
    EXPECT_THAT(refusal({"run"}), HasSubstr("file is missing"));
    EXPECT_THAT(refusal({"run", ""}), HasSubstr("file is missing"));
    EXPECT_THAT(refusal({"run", "a.js", "--wall"}), HasSubstr("--wall needs a value"));
}

TEST(RunCommandLine, RefusesWhatIsTooMuch) {
    EXPECT_THAT(refusal({"run", "a.js", "b.js"}), HasSubstr("\"b.js\" is one argument too many"));
    EXPECT_THAT(refusal({"run", "a.js", "--wall", "1s", "--wall", "2s"}), HasSubstr("--wall is given more than once"));
}

TEST(RunCommandLine, NamesTheOptionOfAWrongValue) {
    EXPECT_THAT(refusal({"run", "a.js", "--wall", "500"}), HasSubstr("--wall: \"500\" is not a duration"));
    EXPECT_THAT(refusal({"run", "a.js", "--cpu", "-1s"}), HasSubstr("--cpu: \"-1s\" is not a duration"));
    EXPECT_THAT(refusal({"run", "a.js", "--heap", "big"}), HasSubstr("--heap: \"big\" is not a size"));
    EXPECT_THAT(refusal({"run", "a.js", "--memory", "8M"}), HasSubstr("--memory: \"8M\" is not a size"));
    EXPECT_THAT(refusal({"run", "a.js", "--memory", "0"}), HasSubstr("--memory: \"0\" is not a size"));
    EXPECT_THAT(refusal({"run", "a.js", "--output", "-1"}), HasSubstr("--output: \"-1\" is not a size"));
    EXPECT_THAT(refusal({"run", "a.js", "--deadline", "tomorrow"}),
                HasSubstr("--deadline: \"tomorrow\" is not a point in time"));
    EXPECT_THAT(refusal({"run", "a.js", "--deadline", "2001-01-01T00:00:00Z"}),
                HasSubstr("--deadline: \"2001-01-01T00:00:00Z\" is not a point in time: it has passed"));
    EXPECT_THAT(refusal({"run", "a.js", "--deadline", "+0s"}), HasSubstr("--deadline: \"0s\" is not a duration"));
    for (const std::string count : {"0", "-1", "1.5", "many", "9223372036854775808"}) {
        EXPECT_THAT(refusal({"run", "a.js", "--host-calls", count}),
                    HasSubstr("--host-calls: \"" + count + "\" is not a whole number from 1"));
    }
    for (const std::string count : {"0", "-1", "1.5", "ten", "10000001", "99999999999999999999", ""}) {
        EXPECT_THAT(refusal({"run", "a.js", "--repeat", count}), HasSubstr("--repeat: \"" + count + "\""));
    }
}

TEST(RunCommandLine, EveryRefusalGivesAnExampleAndTheWayToHelp) {
    for (const Arguments& arguments :
         {Arguments{"run"}, {"run", "a.js", "--nothing"}, {"run", "a.js", "--wall", "x"}, {"run", "a.js", "--event"}}) {
        EXPECT_THAT(refusal(arguments), HasSubstr("Example: curfew run "));
        EXPECT_THAT(refusal(arguments), HasSubstr("curfew run --help"));
    }
}

TEST(CommandLine, ShowsHelpAndVersion) {
    for (const Arguments& arguments : {Arguments{"--help"}, {"-h"}, {"help"}}) {
        EXPECT_THAT(shown_text(arguments), HasSubstr("Usage: curfew COMMAND"));
    }
    for (const Arguments& arguments : {Arguments{"--version"}, {"-V"}, {"version"}}) {
        const Result<Request> version = parse_command_line(arguments);
        EXPECT_THAT(std::get<ShowVersion>(version.value()).version, testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
    }
}

TEST(CommandLine, ShowsHelpForEachCommand) {
    for (const std::string command : {"run", "doctor", "bench"}) {
        EXPECT_THAT(shown_text({command, "--help"}), HasSubstr("curfew " + command));
        EXPECT_EQ(shown_text({command, "-h"}), shown_text({command, "--help"}));
        EXPECT_EQ(shown_text({"help", command}), shown_text({command, "--help"}));
    }
    const std::string help = shown_text({"run", "--help"});
    for (const char* const part :
         {"--event", "--event-file", "--wall", "--cpu", "--memory", "--host-calls", "--output", "--deadline", "--heap",
          "--strict", "--side-channels", "--repeat", "--json", "Exit status", "Examples"}) {
        EXPECT_THAT(help, HasSubstr(part));
    }
}

TEST(CommandLine, RefusesWhatIsNoCommand) {
    EXPECT_THAT(refusal({}), HasSubstr("A command is missing"));
    EXPECT_THAT(refusal({"rnu"}), HasSubstr("did you mean curfew run?"));
    EXPECT_THAT(refusal({"handler.js"}), HasSubstr("did you mean curfew run handler.js?"));
    EXPECT_THAT(refusal({"--json"}), HasSubstr("no option --json before a command's name"));
    EXPECT_THAT(refusal({"help", "nothing"}), HasSubstr("no command nothing"));
}

TEST(CommandLine, TakesTheOtherCommands) {
    EXPECT_EQ(std::get<DoctorOptions>(parse_command_line(Arguments{"doctor"}).value()), DoctorOptions{});
    const Result<Request> bench = parse_command_line(Arguments{"bench", "--only", "restore", "--json"});
    EXPECT_EQ(std::get<BenchOptions>(bench.value()), (BenchOptions{.filter = "restore", .json = true}));
    const auto on_engine = parse_command_line(Arguments{"bench", "--engine", "quickjs"});
    ASSERT_TRUE(on_engine);
    EXPECT_EQ(std::get<BenchOptions>(on_engine.value()).engine, Engine::quickjs);
    EXPECT_THAT(refusal({"bench", "--engine", "V8"}), HasSubstr("there is no engine \"V8\""));
    EXPECT_THAT(refusal({"doctor", "now"}), HasSubstr("one argument too many"));
}

}  // namespace
}  // namespace curfew::cli
