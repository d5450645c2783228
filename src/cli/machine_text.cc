#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/quantity_text.h"
#include "cli/doctor.h"

namespace curfew::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kNameWidth = 14;
constexpr std::size_t kStateWidth = 10;

std::string padded(std::string_view text, std::size_t width) {
    std::string cell(text);
    cell.resize(std::max(width, text.size() + 1), ' ');
    return cell;
}

std::string line(std::string_view name, std::string_view state, std::string_view detail) {
    return padded(name, kNameWidth) + padded(state, kStateWidth) + std::string(detail) + "\n";
}

std::string microseconds(double amount) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g us", amount);
    return text.data();
}

// False where no threads could be started.
bool measured(const MachineReport& machine) { return machine.same_cpu_wake_us > 0; }

std::string describe_wake_up(const MachineReport& machine) {
    if (!measured(machine)) return "not measured, for want of threads";
    std::string text = microseconds(machine.same_cpu_wake_us) + " there and back on one CPU";
    if (machine.cpus > 1) {
        text += ", " + microseconds(machine.other_cpu_wake_us) + " on two, " + microseconds(machine.spin_us) +
                " when both look out for it without sleeping";
    }
    return text;
}

// What to set where: WaitMode is a choice of the program that uses Curfew.
std::string advise_wait_mode(const MachineReport& machine) {
    if (machine.cpus < 2) return "block: with one CPU there is nothing to spin on";
    if (!measured(machine)) return "block";
    return "block, unless a host thread has a CPU to spare for waiting: WaitMode::spin then takes about " +
           microseconds(machine.spin_us) + " in place of " + microseconds(machine.same_cpu_wake_us) + " for each turn";
}

std::string describe_coarse_time(const MachineReport& machine) {
    if (!measured(machine)) return "not measured, for want of threads";
    const std::string what = "a handler without fine clocks (SideChannels::strict, --side-channels strict) ";
    if (machine.coarse_time_us == 0) return what + "costs nothing here that can be measured";
    return what + "costs " + microseconds(machine.coarse_time_us) + " more for each call, and each host call";
}

std::string state_of(const MachineReport::Item& item) {
    if (item.available) return "yes";
    return item.required ? "MISSING" : "no";
}

std::string verdict(const MachineReport& machine, const Result<Trial>& trial) {
    if (trial) return "Handlers can run on this machine.";
    std::string missing;
    for (const MachineReport::Item& item : machine.items) {
        if (!item.available && item.required) missing += (missing.empty() ? "" : ", ") + item.name;
    }
    if (missing.empty()) return "Handlers cannot run on this machine: " + trial.error().message;
    return "Handlers cannot run on this machine. What is missing: " + missing + ". See above for what to do about it.";
}

}  // namespace

std::string describe(const MachineReport& machine, std::span<const EngineReport> engines, const Result<Trial>& trial) {
    std::string text = line("kernel", "", machine.kernel);
    text += line("CPUs", "", std::to_string(machine.cpus));
    text += line("wake-up", "", describe_wake_up(machine));
    text += line("spin or block", "", advise_wait_mode(machine));
    text += line("coarse time", "", describe_coarse_time(machine));
    for (const MachineReport::Item& item : machine.items) text += line(item.name, state_of(item), item.detail);
    for (const EngineReport& report : engines) text += line("engine", report.info.name, describe(report));
    text += trial ? line("a cell", "yes",
                         "started in " + base::measured_duration_text(trial->start) + "; a call took " +
                             base::measured_duration_text(trial->call))
                  : line("a cell", "FAILED", trial.error().message);
    return text + "\n" + verdict(machine, trial);
}

std::string describe_as_json(const MachineReport& machine, std::span<const EngineReport> engines,
                             const Result<Trial>& trial) {
    const auto measured_or_null = [](double amount) { return amount > 0 ? Json(amount) : Json(nullptr); };
    Json json{{"usable", trial.has_value()},
              {"kernel", machine.kernel},
              {"cpus", machine.cpus},
              {"wake_up",
               {{"same_cpu_us", measured_or_null(machine.same_cpu_wake_us)},
                {"other_cpu_us", measured_or_null(machine.other_cpu_wake_us)},
                {"spinning_us", measured_or_null(machine.spin_us)}}},
              {"coarse_time_us", measured(machine) ? Json(machine.coarse_time_us) : Json(nullptr)},
              {"items", Json::array()},
              {"engines", Json::array()}};
    for (const MachineReport::Item& item : machine.items) {
        json["items"].push_back(
            {{"name", item.name}, {"available", item.available}, {"required", item.required}, {"detail", item.detail}});
    }
    for (const EngineReport& report : engines) json["engines"].push_back(to_json(report));
    json["cell"] = trial ? Json{{"start_ns", trial->start.count()}, {"call_ns", trial->call.count()}}
                         : Json{{"code", to_string(trial.error().code)}, {"message", trial.error().message}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace curfew::cli
