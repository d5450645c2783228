#include "cli/handler.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace curfew::cli {
namespace {

DeadlineMonitor at(const Deadline& deadline, std::chrono::steady_clock::time_point start) {
    if (const auto* time = std::get_if<std::chrono::system_clock::time_point>(&deadline)) return DeadlineMonitor(*time);
    const auto never = std::chrono::steady_clock::time_point::max();
    const auto from_start = std::get<std::chrono::nanoseconds>(deadline);
    return DeadlineMonitor(from_start < never - start ? start + from_start : never);
}

// What the sandbox reaches of its host. A script that does not lie in the folder of the modules is taken as if it did.
Result<ProtoSandbox> make_host(const SandboxOptions& options, Script* script, Console& console) {
    SandboxBuilder builder;
    if (options.heap) builder.with_heap_size(*options.heap);
    if (options.output) builder.with_output_limit(std::max(*options.output, SandboxBuilder::kDefaultOutputLimit));
    if (options.modules) {
        auto files = DirectoryFileSystem::open(*options.modules);
        if (!files) return std::unexpected(std::move(files.error()));
        const std::string& mount_point = (*files)->mount_point();
        if (script != nullptr && mount_point != "/" && !(script->folder() + '/').starts_with(mount_point + '/')) {
            *script = std::move(*script).with_virtual_base(mount_point);
        }
        builder.with_modules(std::move(*files));
    }
    builder.with_print([&console](PrintLevel, std::string_view text) { console.guest(text); });
    return builder.build();
}

}  // namespace

std::vector<AnyMonitor> limits(const SandboxOptions& options, std::chrono::steady_clock::time_point start) {
    std::vector<AnyMonitor> monitors;
    if (options.cpu) monitors.emplace_back(CpuTimeMonitor(*options.cpu));
    if (options.wall) monitors.emplace_back(WallClockMonitor(*options.wall));
    if (options.memory) monitors.emplace_back(MemoryMonitor(*options.memory));
    if (options.host_calls) monitors.emplace_back(HostCallMonitor(*options.host_calls));
    if (options.output) monitors.emplace_back(OutputMonitor(*options.output));
    if (options.deadline) monitors.emplace_back(at(*options.deadline, start));
    return monitors;
}

Result<LoadedSandbox> load_script(Script script, const SandboxOptions& options, const std::vector<AnyMonitor>& monitors,
                                  Console& console, StopSignals& signals) {
    Result<ProtoSandbox> proto = make_host(options, &script, console);
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    if (Result<void> added = sandbox->add_handler(std::string(kHandler), std::move(script)); !added) {
        return std::unexpected(std::move(added.error()));
    }
    // The loaded sandbox has the same handle.
    signals.on_signal([handle = sandbox->interrupt_handle()] { handle.kill(); });
    return std::move(*sandbox).load(monitors);
}

Result<LoadedSandbox> load_snapshot(const std::string& file, const SandboxOptions& options, Console& console,
                                    StopSignals& signals) {
    const Result<Snapshot> snapshot = Snapshot::load(file);
    if (!snapshot) return std::unexpected(snapshot.error());
    const Result<ProtoSandbox> host = make_host(options, nullptr, console);
    if (!host) return std::unexpected(host.error());
    Result<LoadedSandbox> loaded = LoadedSandbox::from_snapshot(*snapshot, *host);
    if (loaded) signals.on_signal([handle = loaded->interrupt_handle()] { handle.kill(); });
    return loaded;
}

}  // namespace curfew::cli
