#include "cli/run.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/curfew.h>

#include "cli/event.h"
#include "cli/outcome.h"
#include "cli/stop_signals.h"

namespace curfew::cli {
namespace {

constexpr std::string_view kHandler = "handler";

Outcome failure(Error error) {
    const Usage usage = error.usage;
    return Outcome{.result = std::unexpected(std::move(error)), .usage = usage};
}

// `start` is when the command began, from where a deadline counts that is so long from now.
DeadlineMonitor at(const Deadline& deadline, std::chrono::steady_clock::time_point start) {
    if (const auto* time = std::get_if<std::chrono::system_clock::time_point>(&deadline)) return DeadlineMonitor(*time);
    const auto never = std::chrono::steady_clock::time_point::max();
    const auto from_start = std::get<std::chrono::nanoseconds>(deadline);
    return DeadlineMonitor(from_start < never - start ? start + from_start : never);
}

// The same limits hold for loading the script, which runs its top level, and for every call.
std::vector<AnyMonitor> limits(const RunOptions& options, std::chrono::steady_clock::time_point start) {
    std::vector<AnyMonitor> monitors;
    if (options.cpu) monitors.emplace_back(CpuTimeMonitor(*options.cpu));
    if (options.wall) monitors.emplace_back(WallClockMonitor(*options.wall));
    if (options.memory) monitors.emplace_back(MemoryMonitor(*options.memory));
    if (options.host_calls) monitors.emplace_back(HostCallMonitor(*options.host_calls));
    if (options.output) monitors.emplace_back(OutputMonitor(*options.output));
    if (options.deadline) monitors.emplace_back(at(*options.deadline, start));
    return monitors;
}

// Calls the handler as often as was asked for; the first failure is the last call.
Outcome call_repeatedly(LoadedSandbox& sandbox, const std::string& event, const RunOptions& options,
                        const std::vector<AnyMonitor>& monitors, StopSignals& signals) {
    const std::uint64_t count = options.repeat;
    // Counting takes longer than a short call, and would be in the times of --repeat.
    const CallOptions call_options{.count_pages = options.json && count == 1};
    Outcome outcome{.result = {}, .usage = {}};
    std::vector<std::chrono::nanoseconds> times;
    if (count > 1) times.reserve(count);
    for (std::uint64_t call = 0; call < count; ++call) {
        if (signals.received()) {
            outcome =
                failure({.code = ErrorCode::cancelled, .message = "Stopped before a call.", .terminated_by = "kill"});
            break;
        }
        const auto start = std::chrono::steady_clock::now();
        Result<EventResult> done = sandbox.handle_event(kHandler, event, monitors, call_options);
        const auto end = std::chrono::steady_clock::now();
        if (!done) {
            outcome = failure(std::move(done.error()));
            break;
        }
        outcome.result = std::move(done->result);
        outcome.usage = done->usage;
        if (count > 1) times.push_back(end - start);
    }
    if (!times.empty()) outcome.times = summarize(std::move(times));
    return outcome;
}

// Serves imports from a folder. A script that does not lie in it is taken as if it did.
Result<void> serve_modules(const std::string& folder, SandboxBuilder& builder, Script& script) {
    auto files = DirectoryFileSystem::open(folder);
    if (!files) return std::unexpected(std::move(files.error()));
    const std::string& mount_point = (*files)->mount_point();
    const bool inside = mount_point == "/" || (script.folder() + '/').starts_with(mount_point + '/');
    if (!inside) script = std::move(script).with_virtual_base(mount_point);
    builder.with_modules(std::move(*files));
    return {};
}

Outcome run_in_sandbox(const RunOptions& options, const std::string& event, Script script,
                       const std::vector<AnyMonitor>& monitors, Console& console, StopSignals& signals) {
    SandboxBuilder builder;
    if (options.heap) builder.with_heap_size(*options.heap);
    if (options.output) builder.with_output_limit(std::max(*options.output, SandboxBuilder::kDefaultOutputLimit));
    if (options.modules) {
        if (auto served = serve_modules(*options.modules, builder, script); !served) {
            return failure(std::move(served.error()));
        }
    }
    builder.with_print([&console](PrintLevel, std::string_view text) { console.guest(text); });
    Result<ProtoSandbox> proto = builder.build();
    if (!proto) return failure(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return failure(std::move(sandbox.error()));
    if (Result<void> added = sandbox->add_handler(std::string(kHandler), std::move(script)); !added) {
        return failure(std::move(added.error()));
    }

    signals.on_signal([handle = sandbox->interrupt_handle()] { handle.kill(); });
    Result<LoadedSandbox> loaded = std::move(*sandbox).load(monitors);
    if (!loaded) return failure(std::move(loaded.error()));
    signals.on_signal([handle = loaded->interrupt_handle()] { handle.kill(); });
    Outcome outcome = call_repeatedly(*loaded, event, options, monitors, signals);
    signals.finish();
    return outcome;
}

Outcome run_from_snapshot(const RunOptions& options, const std::string& event, const std::vector<AnyMonitor>& monitors,
                          Console& console, StopSignals& signals) {
    const Result<Snapshot> snapshot = Snapshot::load(*options.snapshot);
    if (!snapshot) return failure(snapshot.error());
    SandboxBuilder builder;
    if (options.modules) {
        auto files = DirectoryFileSystem::open(*options.modules);
        if (!files) return failure(std::move(files.error()));
        builder.with_modules(std::move(*files));
    }
    builder.with_print([&console](PrintLevel, std::string_view text) { console.guest(text); });
    Result<ProtoSandbox> proto = builder.build();
    if (!proto) return failure(std::move(proto.error()));
    Result<LoadedSandbox> loaded = LoadedSandbox::from_snapshot(*snapshot, *proto);
    if (!loaded) return failure(std::move(loaded.error()));
    signals.on_signal([handle = loaded->interrupt_handle()] { handle.kill(); });
    Outcome outcome = call_repeatedly(*loaded, event, options, monitors, signals);
    signals.finish();
    return outcome;
}

}  // namespace

int run(const RunOptions& options, Console& console) {
    const std::vector<AnyMonitor> monitors = limits(options, std::chrono::steady_clock::now());
    const auto report_early = [&](Error& error) { return report(failure(std::move(error)), options.json, console); };
    std::optional<Script> script;
    if (!options.snapshot) {
        Result<Script> read = Script::from_file(options.file);
        if (!read) return report_early(read.error());
        script = std::move(*read);
    }
    Result<std::string> event = read_event(options, console.in());
    if (!event) return report_early(event.error());

    StopSignals signals;
    Outcome outcome = script ? run_in_sandbox(options, *event, std::move(*script), monitors, console, signals)
                             : run_from_snapshot(options, *event, monitors, console, signals);
    signals.finish();
    // A signal to the whole process group also reaches the cell, whose death may be noticed first.
    if (!outcome.result) outcome.signal = signals.received();
    return report(outcome, options.json, console);
}

}  // namespace curfew::cli
