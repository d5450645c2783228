// How a run ended, and how that is told.
#ifndef CURFEW_CLI_OUTCOME_H
#define CURFEW_CLI_OUTCOME_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <curfew/call_options.h>
#include <curfew/error.h>
#include <curfew/snapshot.h>
#include <curfew/usage.h>

#include "cli/console.h"
#include "cli/refused_calls.h"

namespace curfew::cli {

// How long the calls of --repeat took, as their caller sees it.
struct CallTimes {
    std::uint64_t calls;
    std::chrono::nanoseconds minimum;
    std::chrono::nanoseconds median;
    std::chrono::nanoseconds p99;
    std::chrono::nanoseconds maximum;
};

// Needs at least one time.
CallTimes summarize(std::vector<std::chrono::nanoseconds> times);

// What a handler waits for that was saved.
struct Waiting {
    std::string file;
    std::vector<OpenHostCall> open_calls;
};

struct Outcome {
    Result<std::string> result;             // the last call's, as JSON
    Usage usage;                            // of the last call, whether it succeeded or not
    std::optional<CallTimes> times{};       // with --repeat, of the calls that succeeded
    std::optional<int> signal{};            // what ended it from outside
    std::string engine{};                   // what ran it; empty if nothing did
    std::optional<RefusedCalls> refused{};  // with --trace-calls
    std::optional<Waiting> waiting{};       // then there is no result yet
};

// A handler's result as JSON. Of CBOR, what JSON cannot hold is shown (Value::to_shown_json()).
Result<std::string> shown_result(EventResult done);

// Tells how it ended: the result on standard output and everything else on standard error or, as JSON, everything on
// standard output. Returns the command's exit status.
int report(const Outcome& outcome, bool as_json, Console& console);

}  // namespace curfew::cli

#endif
