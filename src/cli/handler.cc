#include "cli/handler.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "base/quantity_text.h"
#include "base/text.h"
#include "cli/engine.h"
#include "cli/fetch.h"
#include "cli/snapshot_file.h"
#include "cli/tools.h"

namespace curfew::cli {
namespace {

// What a handler may put out at most if the option says so, which is more than its sandbox would let pass by itself.
std::uint64_t output_limit(const SandboxOptions& options) {
    const auto given = std::ranges::find(options.limits, "output", &LimitSetting::name);
    if (given == options.limits.end()) return SandboxBuilder::kDefaultOutputLimit;
    return std::max(given->value.count().value(), SandboxBuilder::kDefaultOutputLimit);
}

// What the sandbox reaches of its host. A script that does not lie in the folder of the modules is taken as if it did.
Result<ProtoSandbox> make_host(const SandboxOptions& options, Script* script, Console& console, CallTrace trace) {
    SandboxBuilder builder;
    if (options.jitless) builder.with_jitless();
    if (trace) builder.with_call_trace(std::move(trace));
    // Only a script has none yet: a snapshot goes on in its own.
    if (script != nullptr) {
        const Result<Engine> engine = options.engine ? Result<Engine>(*options.engine) : default_engine();
        if (!engine) return std::unexpected(engine.error());
        if (auto ready = make_ready(*engine, options.jitless, console); !ready)
            return std::unexpected(std::move(ready.error()));
        builder.with_engine(*engine);
    }
    if (options.heap) builder.with_heap_size(*options.heap);
    builder.with_output_limit(output_limit(options));
    if (options.without_wall_limit) builder.without_default_wall_limit();
    if (options.strict) builder.with_strict_isolation();
    if (options.side_channels) builder.with_side_channels(*options.side_channels);
    if (options.branch_barrier) builder.with_branch_barrier(*options.branch_barrier);
    if (options.cgroup) builder.with_cgroup(*options.cgroup);
    if (options.modules) {
        auto files = DirectoryFileSystem::open(*options.modules);
        if (!files) return std::unexpected(std::move(files.error()));
        const std::string& mount_point = (*files)->mount_point();
        if (script != nullptr && mount_point != "/" && !(script->folder() + '/').starts_with(mount_point + '/')) {
            *script = std::move(*script).with_virtual_base(mount_point);
        }
        builder.with_modules(std::move(*files));
    }
    if (!options.fetch_origins.empty()) {
        if (auto given = give_fetch(builder, options); !given) return std::unexpected(std::move(given.error()));
    }
    builder.with_print([&console](PrintLevel, std::string_view text) { console.guest(text); });
    Result<ProtoSandbox> proto = builder.build();
    if (!proto) return proto;
    if (Result<void> added = add_tools(*proto, options); !added) return std::unexpected(std::move(added.error()));
    return proto;
}

Result<LoadedSandbox> start_from(const Snapshot& snapshot, const std::string& file, const SandboxOptions& options,
                                 Console& console, StopSignals& signals, CallTrace trace) {
    if (snapshot.heap_size() > options.heap.value_or(SandboxBuilder::kDefaultHeapSize)) {
        const std::string size = base::size_text(snapshot.heap_size());
        std::string option = size;
        std::erase(option, ' ');
        return base::fail(ErrorCode::invalid_argument, "The snapshot " + file + " is of a sandbox with a heap of " +
                                                           size + "; allow it with --heap " + option + ".");
    }
    const Result<ProtoSandbox> host = make_host(options, nullptr, console, std::move(trace));
    if (!host) return std::unexpected(host.error());
    Result<LoadedSandbox> loaded = LoadedSandbox::from_snapshot(snapshot, *host);
    if (loaded) signals.on_signal([handle = loaded->interrupt_handle()] { handle.kill(); });
    return loaded;
}

}  // namespace

Result<std::vector<AnyMonitor>> make_limits(const SandboxOptions& options,
                                            std::chrono::steady_clock::time_point start) {
    std::vector<AnyMonitor> monitors;
    for (const LimitSetting& limit : options.limits) {
        Result<AnyMonitor> monitor = make_limit(limit, start);
        if (!monitor) return std::unexpected(std::move(monitor.error()));
        monitors.push_back(std::move(*monitor));
    }
    return monitors;
}

Result<void> add_tools(ProtoSandbox& host, const SandboxOptions& options) {
    Result<std::vector<Tool>> tools = tools_of(options);
    if (!tools) return std::unexpected(std::move(tools.error()));
    for (Tool& tool : *tools) {
        try {
            host.host_module(tool.name.module)
                .add_deferred(tool.name.function)
                .describe(tool.name.function, std::move(tool.description));
        } catch (const std::invalid_argument& refused) {
            return base::fail(ErrorCode::invalid_argument,
                              "The host function " + base::in_quotes(tool.name.module + "." + tool.name.function) +
                                  " cannot be registered: " + refused.what());
        }
    }
    return {};
}

void leave_open(const SnapshotRequirements& requirements, SandboxOptions& options) {
    for (const HostModuleRequirement& module : requirements.host_modules) {
        for (const std::string& function : module.functions) options.left_open.push_back({module.module, function});
    }
}

Result<LoadedSandbox> load_script(Script script, const SandboxOptions& options, const std::vector<AnyMonitor>& monitors,
                                  Console& console, StopSignals& signals, CallTrace trace) {
    Result<ProtoSandbox> proto = make_host(options, &script, console, std::move(trace));
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
                                    StopSignals& signals, CallTrace trace) {
    const Result<Snapshot> snapshot = load_file(file, options.key_file);
    if (!snapshot) return std::unexpected(snapshot.error());
    if (snapshot->waiting()) {
        return base::fail(ErrorCode::invalid_argument, "The snapshot " + file +
                                                           " is of a handler that waits for answers; see curfew resume "
                                                           "--help.");
    }
    return start_from(*snapshot, file, options, console, signals, std::move(trace));
}

Result<LoadedSandbox> load_waiting(const Snapshot& snapshot, const std::string& file, SandboxOptions options,
                                   Console& console, StopSignals& signals) {
    leave_open(snapshot.requirements(), options);
    return start_from(snapshot, file, options, console, signals, {});
}

}  // namespace curfew::cli
