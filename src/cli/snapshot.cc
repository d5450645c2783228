#include "cli/snapshot.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "cli/exit_status.h"
#include "cli/outcome.h"
#include "cli/stop_signals.h"

namespace curfew::cli {
namespace {

Result<void> save(const SnapshotOptions& options, Console& console, StopSignals& signals) {
    Result<Script> script = Script::from_file(options.file);
    if (!script) return std::unexpected(std::move(script.error()));
    SandboxBuilder builder;
    if (options.heap) builder.with_heap_size(*options.heap);
    builder.with_print([&console](PrintLevel, std::string_view text) { console.guest(text); });
    Result<ProtoSandbox> proto = builder.build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    if (Result<void> added = sandbox->add_handler("handler", std::move(*script)); !added) return added;

    std::vector<AnyMonitor> monitors;
    if (options.cpu) monitors.emplace_back(CpuTimeMonitor(*options.cpu));
    if (options.wall) monitors.emplace_back(WallClockMonitor(*options.wall));
    signals.on_signal([handle = sandbox->interrupt_handle()] { handle.kill(); });
    Result<LoadedSandbox> loaded = std::move(*sandbox).load(monitors);
    signals.finish();
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    const Result<Snapshot> saved = loaded->snapshot();
    if (!saved) return std::unexpected(saved.error());
    return saved->save(options.out);
}

}  // namespace

int snapshot(const SnapshotOptions& options, Console& console) {
    StopSignals signals;
    Result<void> done = save(options, console, signals);
    signals.finish();
    if (done) return kDone;
    const Usage usage = done.error().usage;
    Outcome outcome{.result = std::unexpected(std::move(done.error())), .usage = usage};
    outcome.signal = signals.received();
    return report(outcome, false, console);
}

}  // namespace curfew::cli
