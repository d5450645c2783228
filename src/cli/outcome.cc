#include "cli/outcome.h"

#include <nlohmann/json.hpp>
#include <signal.h>

#include <algorithm>
#include <cstddef>

#include <curfew/value.h>

#include "base/error.h"
#include "base/quantity_text.h"
#include "cli/error_text.h"
#include "cli/exit_status.h"
#include "cli/json_text.h"

namespace curfew::cli {
namespace {

using Json = nlohmann::ordered_json;

int exit_status(const Outcome& outcome) {
    if (outcome.result) return outcome.waiting ? kWaiting : kDone;
    if (outcome.signal) return kSignalBase + *outcome.signal;
    switch (outcome.result.error().code) {
        case ErrorCode::invalid_argument: return kWrongUsage;
        case ErrorCode::cancelled:
        case ErrorCode::not_run: return kLimitReached;
        case ErrorCode::unavailable: return kUnavailable;
        case ErrorCode::consumed:
        case ErrorCode::poisoned:
        case ErrorCode::handler_error:
        case ErrorCode::syntax_error:
        case ErrorCode::stack_overflow:
        case ErrorCode::out_of_memory:
        case ErrorCode::guest_abort:
        case ErrorCode::monitor_failed:
        case ErrorCode::overloaded:
        case ErrorCode::internal: break;
    }
    return kFailed;
}

Json to_json(const Usage& usage) {
    return Json{{"wall_time_ns", usage.wall_time.count()},
                {"cpu_time_ns", usage.cpu_time.count()},
                {"host_cpu_time_ns", usage.host_cpu_time.count()},
                {"peak_heap_bytes", usage.peak_heap},
                {"host_calls", usage.host_calls},
                {"bytes_in", usage.bytes_in},
                {"bytes_out", usage.bytes_out},
                {"bytes_printed", usage.bytes_printed},
                {"pages_dirtied", usage.pages_dirtied},
                {"waiting_time_ns", usage.waiting_time.count()}};
}

Json to_json(const CallTimes& times) {
    return Json{{"calls", times.calls},
                {"min_ns", times.minimum.count()},
                {"median_ns", times.median.count()},
                {"p99_ns", times.p99.count()},
                {"max_ns", times.maximum.count()}};
}

Json to_json(const Waiting& waiting) {
    Json calls = Json::array();
    for (const OpenHostCall& call : waiting.open_calls) {
        // Of a file that was forged, it may be anything.
        Json arguments = Json::parse(call.arguments, nullptr, false);
        if (arguments.is_discarded()) arguments = call.arguments;
        calls.push_back({{"id", call.id},
                         {"module", call.module},
                         {"function", call.function},
                         {"arguments", std::move(arguments)}});
    }
    return Json{{"snapshot", waiting.file}, {"open_calls", std::move(calls)}};
}

// One object. The result goes in as the text that it is: reading and writing it anew would change numbers.
std::string describe(const Outcome& outcome) {
    Json rest = Json::object();
    if (!outcome.result) rest["error"] = error_json(outcome.result.error());
    const bool named = !outcome.result && !outcome.result.error().terminated_by.empty();
    rest["terminated_by"] = named ? Json(outcome.result.error().terminated_by) : Json(nullptr);
    rest["engine"] = outcome.engine.empty() ? Json(nullptr) : Json(outcome.engine);
    rest["usage"] = to_json(outcome.usage);
    if (outcome.times) rest["repeat"] = to_json(*outcome.times);
    if (outcome.refused) rest["refused_calls"] = outcome.refused->to_json();
    if (outcome.waiting) rest["waiting"] = to_json(*outcome.waiting);

    // What came from a cell need not be UTF-8, and JSON has to be.
    std::string text = rest.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (outcome.result && !outcome.waiting) text.replace(0, 1, "{\"result\":" + *outcome.result + ",");
    return text;
}

std::string describe(const Waiting& waiting) {
    std::string text = "The handler waits, and is saved in " + waiting.file + ". Open calls:";
    for (const OpenHostCall& call : waiting.open_calls) {
        text += "\n  " + std::to_string(call.id) + "  " + call.module + "." + call.function + call.arguments;
    }
    const std::string id = waiting.open_calls.empty() ? "ID" : std::to_string(waiting.open_calls.front().id);
    return text + "\nGo on with: curfew resume " + waiting.file + " --reply " + id + "=JSON";
}

std::string describe(const Usage& usage) { return "Used: " + base::usage_text(usage) + "."; }

std::string describe(const CallTimes& times) {
    return std::to_string(times.calls) + (times.calls == 1 ? " call: " : " calls: ") + "shortest " +
           base::measured_duration_text(times.minimum) + ", median " + base::measured_duration_text(times.median) +
           ", 99% within " + base::measured_duration_text(times.p99) + ", longest " +
           base::measured_duration_text(times.maximum) + ".";
}

std::string describe_failure(const Outcome& outcome) {
    const Error& error = outcome.result.error();
    if (outcome.signal) {
        std::string text = *outcome.signal == SIGINT ? "Interrupted." : "Terminated.";
        // Between calls nothing was running that could have used anything.
        if (outcome.usage.wall_time.count() > 0) text += "\n" + describe(outcome.usage);
        return text;
    }
    std::string text = error.message + "\n" + source_excerpt(error) + error.stack;
    while (text.ends_with('\n')) text.pop_back();
    text += causes(error);
    if (error.code == ErrorCode::out_of_memory) {
        text += "\nThe handler has used up its heap; --heap gives it a larger one.";
    }
    if (error.code == ErrorCode::cancelled && error.ran) text += "\n" + describe(outcome.usage);
    return text;
}

}  // namespace

CallTimes summarize(std::vector<std::chrono::nanoseconds> times) {
    std::ranges::sort(times);
    const std::size_t last = times.size() - 1;
    return {.calls = times.size(),
            .minimum = times.front(),
            .median = times[last / 2],
            .p99 = times[last - last / 100],
            .maximum = times.back()};
}

Result<std::string> shown_result(EventResult done) {
    if (done.format == ValueFormat::json) return std::move(done.result);
    const auto value = Value::from_cbor(done.result);
    auto shown = value ? value->to_shown_json() : std::unexpected(value.error());
    if (shown) return shown;
    return std::unexpected(Error{.code = ErrorCode::handler_error,
                                 .message = "The handler's result cannot be shown: " + shown.error().message,
                                 .usage = done.usage,
                                 .ran = true});
}

int report(const Outcome& told, bool as_json, Console& console) {
    Outcome outcome = told;
    // A cell that was taken over can send anything; whoever reads the output relies on JSON.
    if (outcome.result && !outcome.waiting && find_json_fault(*outcome.result)) {
        outcome.result = base::fail(ErrorCode::guest_abort, "What came out of the cell as the result is not JSON.");
    }

    bool written = true;
    if (as_json) {
        written = console.result(describe(outcome));
    } else if (outcome.result && outcome.waiting) {
        console.message(describe(*outcome.waiting));
    } else if (outcome.result) {
        written = console.result(*outcome.result);
    } else {
        console.message(describe_failure(outcome));
    }
    if (outcome.times && !as_json) console.message(describe(*outcome.times));
    if (outcome.refused && !as_json) console.message(outcome.refused->describe(outcome.engine));
    if (!written && outcome.result) return kFailed;
    return exit_status(outcome);
}

}  // namespace curfew::cli
