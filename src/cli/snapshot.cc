#include "cli/snapshot.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "cli/exit_status.h"
#include "cli/handler.h"
#include "cli/input.h"
#include "cli/outcome.h"
#include "cli/snapshot_file.h"
#include "cli/stop_signals.h"

namespace curfew::cli {
namespace {

Result<void> save(Script script, const std::vector<AnyMonitor>& monitors, const SnapshotOptions& options,
                  Console& console, StopSignals& signals) {
    Result<LoadedSandbox> loaded = load_script(std::move(script), options.sandbox, monitors, console, signals);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    const Result<Snapshot> saved = loaded->snapshot();
    if (!saved) return std::unexpected(saved.error());
    return save_file(*saved, options.out, options.sandbox.key_file);
}

int fail(Error error, std::optional<int> signal, Console& console) {
    const Usage usage = error.usage;
    Outcome outcome{.result = std::unexpected(std::move(error)), .usage = usage};
    outcome.signal = signal;
    return report(outcome, false, console);
}

}  // namespace

int snapshot(const SnapshotOptions& options, Console& console) {
    const auto start = std::chrono::steady_clock::now();
    const Result<std::vector<AnyMonitor>> monitors = make_limits(options.sandbox, start);
    if (!monitors) return fail(monitors.error(), std::nullopt, console);
    Result<Script> script = read_script(options.file, {.limit = first_time_limit(options.sandbox.limits, start)});
    if (!script) return fail(std::move(script.error()), std::nullopt, console);

    StopSignals signals;
    Result<void> done = save(std::move(*script), *monitors, options, console, signals);
    signals.finish();
    return done ? int{kDone} : fail(std::move(done.error()), signals.received(), console);
}

}  // namespace curfew::cli
