#include "cli/snapshot.h"

#include <chrono>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "cli/exit_status.h"
#include "cli/handler.h"
#include "cli/input.h"
#include "cli/outcome.h"
#include "cli/stop_signals.h"

namespace curfew::cli {
namespace {

Result<void> save(const SnapshotOptions& options, Console& console, StopSignals& signals) {
    const Result<std::vector<AnyMonitor>> monitors = make_limits(options.sandbox, std::chrono::steady_clock::now());
    if (!monitors) return std::unexpected(monitors.error());
    Result<Script> script = read_script(options.file, console.in());
    if (!script) return std::unexpected(std::move(script.error()));
    Result<LoadedSandbox> loaded = load_script(std::move(*script), options.sandbox, *monitors, console, signals);
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
