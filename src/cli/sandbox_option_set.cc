#include "cli/sandbox_option_set.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <curfew/engine.h>
#include <curfew/sandbox.h>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/engine_options.h"

namespace curfew::cli {
namespace {

constexpr std::string_view kWallOption = "--wall";
static_assert(SandboxBuilder::kDefaultWallLimit == std::chrono::seconds(30));  // as the help says

std::string wrong(const TextOption& option, const Error& error) {
    return option.option->get_name() + ": " + error.message;
}

}  // namespace

SandboxOptionSet::SandboxOptionSet(CLI::App& app) {
    const auto add = [&app](TextOption& target, std::string_view name, std::string_view type, std::string help) {
        target.option = app.add_option(std::string(name), target.value, std::move(help))->type_name(std::string(type));
    };
    add(engine_, "--engine", "NAME", "What runs the handler: " + known_engines() + "; the first if none is given");
    app.add_flag("--jitless", jitless_,
                 "Node.js without V8's compiler: no memory is writable and executable, and code is many times slower");
    add(modules_, "--modules", "DIR", "A folder whose files the handler can import, and no others");
    // With an origin each, since a file may stand behind them.
    constexpr int kOneEach = 1;
    fetch_ =
        app.add_option("--fetch", origins_,
                       "Let the handler fetch from this origin, as https://api.example.com or https://*.example.com; "
                       "may be given several times")
            ->type_name("ORIGIN")
            ->expected(kOneEach)
            ->take_all();
    fetch_addresses_ = app.add_option("--fetch-allow-address", addresses_,
                                      "Let it also reach these addresses, as 127.0.0.1 or 10.0.0.0/8, which are not "
                                      "public; may be given several times")
                           ->type_name("ADDRESS")
                           ->expected(kOneEach)
                           ->take_all();
    for (const LimitKind& kind : limit_kinds()) {
        if (kind.option.empty()) continue;
        limits_.push_back({&kind, std::make_unique<TextOption>()});
        std::string help = "Limit on " + std::string(kind.help);
        if (kind.option == kWallOption) help += "; 30s if none is given, and without end with none";
        add(*limits_.back().option, kind.option, placeholder(kind.form), std::move(help));
    }
    add(heap_, "--heap", "SIZE", "Memory for the handler and the JavaScript engine; 16MiB if none is given");
    app.add_flag("--strict", strict_,
                 "All isolation that costs each call something, for tenants who may be after each other's secrets");
    add(side_channels_, "--side-channels", "basic|strict",
        "What the handler has to measure with; strict: clocks that go by the kernel's ticks. curfew doctor says what "
        "that "
        "costs here");
    add(branch_barrier_, "--branch-barrier", "none|possible|required",
        "Whether predictions of branches are kept apart from others': where that is possible, or else not at all");
    add(cgroup_, "--cgroup", "DIR",
        "A cgroup v2 folder in which the handler's cell gets a leaf of its own; auto: this process's, if it was "
        "delegated");
    add(cgroup_memory_, "--cgroup-memory", "SIZE", "The leaf's memory.max; without --cgroup: in auto");
    add(cgroup_cpu_, "--cgroup-cpu", "DURATION", "The leaf's time of the CPU in each 100ms (cpu.max); likewise");
    add(key_file_, "--key-file", "PATH",
        "A file whose content is a secret of 16 bytes or more: files of snapshots are signed with it, and others "
        "refused");
}

std::string SandboxOptionSet::read(SandboxOptions& into) const {
    if (const auto name = engine_.given()) {
        into.engine = engine_named(*name);
        if (!into.engine)
            return "--engine: there is no engine " + base::in_quotes(*name) + "; take " + known_engines() + ".";
    }
    into.jitless = jitless_;
    if (modules_.given() && modules_.value.empty()) return "--modules needs a folder.";
    into.modules = modules_.given();
    into.key_file = key_file_.given();
    into.fetch_origins = origins_;
    into.fetch_addresses = addresses_;
    if (fetch_addresses_->count() > 0 && fetch_->count() == 0) {
        return "--fetch-allow-address needs --fetch, which says where requests may go.";
    }
    for (const auto& [kind, option] : limits_) {
        if (!option->given()) continue;
        if (kind->option == kWallOption && option->value == "none") {
            into.without_wall_limit = true;
            continue;
        }
        const Result<LimitSetting> limit = parse_limit(kind->name, option->value);
        if (!limit) return wrong(*option, limit.error());
        into.limits.push_back(*limit);
    }
    if (std::string fault = read_isolation(into); !fault.empty()) return fault;
    if (std::string fault = read_cgroup(into); !fault.empty()) return fault;
    if (!heap_.given()) return {};
    const Result<std::uint64_t> heap = base::parse_size(heap_.value);
    if (!heap) return wrong(heap_, heap.error());
    into.heap = *heap;
    return {};
}

std::string SandboxOptionSet::read_isolation(SandboxOptions& into) const {
    into.strict = strict_;
    if (const auto given = side_channels_.given()) {
        if (given != "basic" && given != "strict") return "--side-channels needs basic or strict.";
        if (strict_ && given == "basic") return "--strict and --side-channels basic exclude each other.";
        into.side_channels = given == "strict" ? SideChannels::strict : SideChannels::basic;
    }
    if (const auto given = branch_barrier_.given()) {
        constexpr std::array<std::pair<std::string_view, BranchBarrier>, 3> kNames{
            {{"none", BranchBarrier::none},
             {"possible", BranchBarrier::where_possible},
             {"required", BranchBarrier::required}}};
        const auto* const named = std::ranges::find(kNames, *given, [](const auto& each) { return each.first; });
        if (named == kNames.end()) return "--branch-barrier needs none, possible or required.";
        if (strict_ && given == "none") return "--strict and --branch-barrier none exclude each other.";
        into.branch_barrier = named->second;
    }
    return {};
}

std::string SandboxOptionSet::read_cgroup(SandboxOptions& into) const {
    if (cgroup_.given()) {
        if (cgroup_.value.empty()) return "--cgroup needs a folder, or auto.";
        into.cgroup = CgroupLimits{.parent = cgroup_.value == "auto" ? "" : cgroup_.value};
    }
    if (cgroup_memory_.given()) {
        const Result<std::uint64_t> size = base::parse_size(cgroup_memory_.value);
        if (!size) return wrong(cgroup_memory_, size.error());
        if (!into.cgroup) into.cgroup.emplace();
        into.cgroup->memory_max = *size;
    }
    if (cgroup_cpu_.given()) {
        const Result<std::chrono::nanoseconds> time = base::parse_duration(cgroup_cpu_.value);
        if (!time) return wrong(cgroup_cpu_, time.error());
        if (!into.cgroup) into.cgroup.emplace();
        into.cgroup->cpu_max =
            CgroupLimits::CpuShare{.quota = std::chrono::duration_cast<std::chrono::microseconds>(*time)};
    }
    return {};
}

}  // namespace curfew::cli
