#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>

#include "cli/doctor.h"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

MachineReport machine_with(std::vector<MachineReport::Item> items) {
    return {.kernel = "6.1.0",
            .cpus = 2,
            .same_cpu_wake_us = 8.04,
            .other_cpu_wake_us = 91.2,
            .spin_us = 0.56,
            .coarse_time_us = 10.2,
            .items = std::move(items)};
}

const Result<Trial> kWorks = Trial{.start = 1200us, .call = 48us};
const Result<Trial> kFails = std::unexpected(Error{.code = ErrorCode::unavailable, .message = "No memfd here."});

const std::array kEngines{
    EngineReport{.info = {.engine = Engine::quickjs, .name = "quickjs", .product = "QuickJS-NG", .version = "1.2.3"},
                 .state = {.is_embedded = true}}};

TEST(DescribeMachine, SaysWhatIsThere) {
    const std::string text = describe(machine_with({{"seccomp", true, true, "filters with arguments"},
                                                    {"KVM", false, false, "no /dev/kvm; micro-VM cells need it"}}),
                                      kEngines, kWorks);
    EXPECT_THAT(text, AllOf(HasSubstr("kernel                  6.1.0\n"), HasSubstr("CPUs                    2\n"),
                            HasSubstr("8.04 us there and back on one CPU, 91.2 us on two, 0.56 us when"),
                            HasSubstr("coarse time             a handler without fine clocks"),
                            HasSubstr("costs 10.2 us more for each call"),
                            HasSubstr("seccomp       yes       filters with arguments\n"),
                            HasSubstr("KVM           no        no /dev/kvm; micro-VM cells need it\n"),
                            HasSubstr("engine        quickjs   QuickJS-NG 1.2.3\n"),
                            HasSubstr("a cell        yes       started in 1.2 ms; a call took 48 us\n"),
                            EndsWith("\nHandlers can run on this machine.")));
}

TEST(DescribeMachine, NamesWhatIsMissing) {
    const std::string text = describe(
        machine_with({{"seccomp", true, true, ""}, {"memfd", false, true, "needs Linux 3.17"}}), kEngines, kFails);
    EXPECT_THAT(text,
                AllOf(HasSubstr("memfd         MISSING   needs Linux 3.17\n"),
                      HasSubstr("a cell        FAILED    No memfd here.\n"), HasSubstr("What is missing: memfd.")));
}

TEST(DescribeMachine, GivesTheReasonWhenNothingSeemsToBeMissing) {
    EXPECT_THAT(describe(machine_with({}), kEngines, kFails), EndsWith("cannot run on this machine: No memfd here."));
}

TEST(DescribeMachine, LeavesOutWhatOneCpuCannotDo) {
    MachineReport machine = machine_with({});
    machine.cpus = 1;
    const std::string text = describe(machine, kEngines, kWorks);
    EXPECT_THAT(text, Not(HasSubstr("on two")));
    EXPECT_THAT(text, HasSubstr("block: with one CPU"));
}

TEST(DescribeMachine, SaysWhereCoarseTimeCostsNothing) {
    MachineReport machine = machine_with({});
    machine.coarse_time_us = 0;
    EXPECT_THAT(describe(machine, kEngines, kWorks), HasSubstr("costs nothing here that can be measured"));
}

TEST(DescribeMachine, GivesNoFiguresThatWereNotMeasured) {
    const std::string text = describe({.kernel = "6.1.0", .cpus = 2, .items = {}}, kEngines, kFails);
    EXPECT_THAT(text, AllOf(HasSubstr("wake-up                 not measured"), Not(HasSubstr(" us"))));
}

TEST(DescribeMachineAsJson, HasTheKeysThatItsHelpNames) {
    MachineReport machine = machine_with({{"memfd", false, true, "needs Linux 3.17"}});
    const json works = json::parse(describe_as_json(machine, kEngines, kWorks));
    EXPECT_EQ(works, json::parse(R"({"usable": true, "kernel": "6.1.0", "cpus": 2,
        "wake_up": {"same_cpu_us": 8.04, "other_cpu_us": 91.2, "spinning_us": 0.56},
        "coarse_time_us": 10.2,
        "items": [{"name": "memfd", "available": false, "required": true, "detail": "needs Linux 3.17"}],
        "engines": [{"name": "quickjs", "product": "QuickJS-NG", "version": "1.2.3", "embedded": true,
            "cache_folder": null, "packages": [], "image": null, "image_bytes": null, "jitless_image": null, "jitless_image_bytes": null, "problem": null}],
        "cell": {"start_ns": 1200000, "call_ns": 48000}})"));
    machine.spin_us = 0;
    machine.coarse_time_us = 0;
    const json fails = json::parse(describe_as_json(machine, kEngines, kFails));
    EXPECT_EQ(fails["usable"], false);
    EXPECT_EQ(fails["wake_up"]["spinning_us"], nullptr);
    EXPECT_EQ(fails["coarse_time_us"], 0);
    machine.same_cpu_wake_us = 0;
    EXPECT_EQ(json::parse(describe_as_json(machine, kEngines, kFails))["coarse_time_us"], nullptr);
    EXPECT_EQ(fails["cell"], json::parse(R"({"code": "unavailable", "message": "No memfd here."})"));
}

}  // namespace
}  // namespace curfew::cli
