#include "cli/resume.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/error.h"
#include "cli/handler.h"
#include "cli/outcome.h"
#include "cli/pause.h"
#include "cli/snapshot_file.h"
#include "cli/stop_signals.h"

namespace curfew::cli {
namespace {

Outcome failure(Error error) {
    const Usage usage = error.usage;
    return Outcome{.result = std::unexpected(std::move(error)), .usage = usage};
}

// The file is written again only if all went well up to the next wait.
Outcome go_on(const Snapshot& snapshot, const ResumeOptions& options, const std::vector<AnyMonitor>& monitors,
              Console& console, StopSignals& signals) {
    Result<LoadedSandbox> sandbox = load_waiting(snapshot, options.file, options.sandbox, console, signals);
    if (!sandbox) return failure(std::move(sandbox.error()));
    Result<PendingInvocation> invocation = sandbox->continue_event(monitors);
    if (!invocation) return failure(std::move(invocation.error()));
    for (const CallAnswer& answer : options.answers) {
        const Result<void> done =
            answer.failed ? invocation->fail(answer.id, answer.text) : invocation->resume(answer.id, answer.text);
        if (!done) return failure(done.error());
    }
    Outcome outcome =
        finish_or_save(*invocation, *sandbox, options.out.value_or(options.file), options.sandbox.key_file);
    outcome.engine = name_of(sandbox->engine());
    return outcome;
}

}  // namespace

int resume(const ResumeOptions& options, Console& console) {
    const auto fail = [&](Error error) { return report(failure(std::move(error)), options.json, console); };
    const auto start = std::chrono::steady_clock::now();
    const Result<std::vector<AnyMonitor>> monitors = make_limits(options.sandbox, start);
    if (!monitors) return fail(monitors.error());
    const Result<Snapshot> snapshot = load_file(options.file, options.sandbox.key_file);
    if (!snapshot) return fail(snapshot.error());
    std::optional<WaitingInvocation> waiting = snapshot->waiting();
    if (!waiting) {
        return fail({.code = ErrorCode::invalid_argument,
                     .message = "The snapshot " + options.file +
                                " is not of a handler that waits for answers; curfew run --snapshot starts from it."});
    }
    if (options.answers.empty()) {
        return report({.result = {},
                       .usage = waiting->usage,
                       .waiting = Waiting{.file = options.file, .open_calls = std::move(waiting->open_calls)}},
                      options.json, console);
    }
    StopSignals signals;
    Outcome outcome = go_on(*snapshot, options, *monitors, console, signals);
    signals.finish();
    if (!outcome.result) outcome.signal = signals.received();
    return report(outcome, options.json, console);
}

}  // namespace curfew::cli
