#include "cli/run.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "cli/event.h"
#include "cli/handler.h"
#include "cli/hint.h"
#include "cli/input.h"
#include "cli/outcome.h"
#include "cli/pause.h"
#include "cli/stop_signals.h"

namespace curfew::cli {
namespace {

Outcome failure(Error error) {
    const Usage usage = error.usage;
    return Outcome{.result = std::unexpected(std::move(error)), .usage = usage};
}

ValueFormat format_of(const RunOptions& options) {
    return options.event_is_cbor ? ValueFormat::cbor : ValueFormat::json;
}

// Calls the handler as often as was asked for; the first failure is the last call.
Outcome call_repeatedly(LoadedSandbox& sandbox, const std::string& event, const RunOptions& options,
                        const std::vector<AnyMonitor>& monitors, StopSignals& signals) {
    const std::uint64_t count = options.repeat;
    // Counting takes longer than a short call, and would be in the times of --repeat.
    const CallOptions call_options{.count_pages = options.json && count == 1, .format = format_of(options)};
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
        outcome.usage = done->usage;
        outcome.result = shown_result(std::move(*done));
        if (!outcome.result) break;
        if (count > 1) times.push_back(end - start);
    }
    if (!times.empty()) outcome.times = summarize(std::move(times));
    return outcome;
}

Outcome call_until_it_waits(LoadedSandbox& sandbox, const std::string& event, const RunOptions& options,
                            const std::vector<AnyMonitor>& monitors) {
    Result<PendingInvocation> invocation =
        sandbox.begin_event(kHandler, event, monitors, {.count_pages = options.json, .format = format_of(options)});
    if (!invocation) return failure(std::move(invocation.error()));
    return finish_or_save(*invocation, sandbox, *options.out, options.sandbox.key_file);
}

}  // namespace

int run(const RunOptions& options, Console& console) {
    const auto report_early = [&](Error& error) { return report(failure(std::move(error)), options.json, console); };
    const auto start = std::chrono::steady_clock::now();
    Result<std::vector<AnyMonitor>> limits = make_limits(options.sandbox, start);
    if (!limits) return report_early(limits.error());
    const std::vector<AnyMonitor>& monitors = *limits;
    const Input input{.limit = first_time_limit(options.sandbox.limits, start)};
    std::optional<Script> script;
    if (options.code) {
        script = Script::from_program(*options.code);
    } else if (!options.snapshot) {
        Result<Script> read = read_script(options.file, input);
        if (!read) return report_early(read.error());
        script = options.is_program ? std::move(*read).as_program() : std::move(*read);
    }
    Result<std::string> event = read_event(options, input);
    if (!event) return report_early(event.error());

    StopSignals signals;
    const std::string source = script ? script->source() : std::string();
    RefusedCalls refused;
    CallTrace trace;
    if (options.trace_calls) trace = [&refused](const RefusedCall& call) { refused.add(call); };
    Result<LoadedSandbox> sandbox =
        script ? load_script(std::move(*script), options.sandbox, monitors, console, signals, std::move(trace))
               : load_snapshot(*options.snapshot, options.sandbox, console, signals, std::move(trace));
    Outcome outcome = !sandbox      ? failure(std::move(sandbox.error()))
                      : options.out ? call_until_it_waits(*sandbox, *event, options, monitors)
                                    : call_repeatedly(*sandbox, *event, options, monitors, signals);
    if (!outcome.result && script) {
        Error& error = outcome.result.error();
        const std::string hint = hint_for(error, sandbox ? Stage::calling : Stage::loading, options.file, source);
        if (!hint.empty()) error.message += "\n" + hint;
    }
    if (sandbox) outcome.engine = name_of(sandbox->engine());
    if (options.trace_calls) outcome.refused = refused;
    signals.finish();
    // A signal to the whole process group also reaches the cell, whose death may be noticed first.
    if (!outcome.result) outcome.signal = signals.received();
    return report(outcome, options.json, console);
}

}  // namespace curfew::cli
