#include "cli/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include <sstream>

#include <curfew/error_details.h>

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

struct Reported {
    int status;
    std::string out;
    std::string err;
};

Reported report_of(const Outcome& outcome, bool as_json = false, bool on_terminal = false) {
    std::ostringstream out, err;
    Console console(out, on_terminal, err, on_terminal);
    const int status = report(outcome, as_json, console);
    return {status, out.str(), err.str()};
}

Outcome failed_with(Error error) { return {.result = std::unexpected(std::move(error)), .usage = {}}; }

TEST(Report, WritesTheResultAsALine) {
    const Reported reported = report_of({.result = "{\"a\":1}", .usage = {}});
    EXPECT_EQ(reported.status, 0);
    EXPECT_EQ(reported.out, "{\"a\":1}\n");
    EXPECT_EQ(reported.err, "");
}

TEST(Report, HasAStatusForEveryError) {
    using enum ErrorCode;
    for (const auto& [code, status] :
         {std::pair{invalid_argument, 2}, std::pair{handler_error, 1}, std::pair{guest_abort, 1},
          std::pair{cancelled, 3}, std::pair{not_run, 3}, std::pair{syntax_error, 1}, std::pair{stack_overflow, 1},
          std::pair{unavailable, 4}, std::pair{poisoned, 1}, std::pair{consumed, 1}, std::pair{monitor_failed, 1},
          std::pair{internal, 1}}) {
        for (const bool as_json : {false, true}) {
            EXPECT_EQ(report_of(failed_with({.code = code, .message = "So it is."}), as_json).status, status)
                << to_string(code);
        }
    }
}

TEST(Report, PutsTheStackBelowTheMessage) {
    const Reported reported = report_of(
        failed_with({.code = ErrorCode::handler_error, .message = "Error: no", .stack = "    at f (a.js:1)\n"}));
    EXPECT_EQ(reported.err, "curfew: Error: no\n    at f (a.js:1)\n");
    EXPECT_EQ(reported.out, "");
}

TEST(Report, ShowsTheLineAndTheColumn) {
    Error error{.code = ErrorCode::handler_error, .message = "Error: no", .stack = "    at f (a.js:12:6)"};
    error.details = std::make_shared<const ErrorDetails>(ErrorDetails{.name = "Error",
                                                                      .file = "a.js",
                                                                      .line = 12,
                                                                      .column = 6,
                                                                      .source_line = "\t\u00e9\u00e9  throw x;\x1b",
                                                                      .source_column = 6});
    EXPECT_EQ(report_of(failed_with(error)).err,
              "curfew: Error: no\n  12 |  \u00e9\u00e9  throw x;\\u001b\n     |      ^\n    at f (a.js:12:6)\n");
    auto minified = *error.details;
    minified.source_line = std::string(600, 'a') + "X" + std::string(400, 'b');
    minified.source_column = 601;
    error.details = std::make_shared<const ErrorDetails>(minified);
    const std::string shown = report_of(failed_with(error)).err;
    EXPECT_LT(shown.size(), 500);
    const std::size_t code = shown.find(" | ") + 3;
    const std::size_t caret = shown.find(" | ", code) + 3;
    EXPECT_EQ(shown.find('X') - code, shown.find('^') - caret);
}

TEST(Report, ShowsCausesUnlessTheStackHasThem) {
    Error error{.code = ErrorCode::handler_error, .message = "Error: no", .stack = "    at f (a.js:1:2)"};
    ErrorDetails cause{.name = "TypeError", .message = "a\x1b", .stack = "    at g (a.js:3:4)\n    at f (a.js:1:2)\n"};
    cause.cause = std::make_shared<const ErrorDetails>(ErrorDetails{.message = "5"});
    ErrorDetails details{.name = "AggregateError", .message = "no"};
    details.cause = std::make_shared<const ErrorDetails>(std::move(cause));
    details.errors.push_back(std::make_shared<const ErrorDetails>(ErrorDetails{.name = "RangeError"}));
    details.errors.push_back(std::make_shared<const ErrorDetails>(ErrorDetails{.name = "Error", .message = "b"}));
    error.details = std::make_shared<const ErrorDetails>(std::move(details));
    EXPECT_EQ(report_of(failed_with(error)).err,
              "curfew: Error: no\n    at f (a.js:1:2)\n  [cause]: TypeError: a\\u001b\n      at g (a.js:3:4)\n"
              "      at f (a.js:1:2)\n    [cause]: 5\n  [errors][0]: RangeError\n  [errors][1]: Error: b\n");
    error.stack = "    at f (a.js:1:2)\n  [cause]: TypeError: a\n";
    EXPECT_THAT(report_of(failed_with(error)).err, Not(HasSubstr("[errors]")));
}

TEST(Report, WritesAllThatIsKnownOfAnErrorAsJson) {
    Error error{.code = ErrorCode::handler_error, .message = "Error: no", .stack = "    at f (a.js:3:5)", .ran = true};
    ErrorDetails details{
        .name = "Error", .message = "no", .file = "a.js", .line = 3, .column = 5, .source_line = "throw x;"};
    details.value = Value::Object{{"code", "E"}, {"big", 1ULL << 60U}, {"when", Value::Date{0}}};
    details.cause = std::make_shared<const ErrorDetails>(ErrorDetails{.message = "text", .value = "text"});
    details.errors.push_back(std::make_shared<const ErrorDetails>(ErrorDetails{.name = "TypeError", .message = "t"}));
    error.details = std::make_shared<const ErrorDetails>(std::move(details));
    const std::string expected =
        R"~({"code": "handler_error", "message": "Error: no", "ran": true, "stack": "    at f (a.js:3:5)", "name": "Error",)~"
        R"~("file": "a.js", "line": 3, "column": 5, "source_line": "throw x;",)~"
        R"~("properties": {"code": "E", "when": "1970-01-01T00:00:00.000Z"},)~"
        R"~("cause": {"message": "text", "value": "text"}, "errors": [{"message": "t", "name": "TypeError"}]})~";
    EXPECT_EQ(nlohmann::json::parse(report_of(failed_with(error), true).out)["error"], nlohmann::json::parse(expected));
}

TEST(Report, NamesTheOptionForAHandlerWithoutMemory) {
    const Reported reported = report_of(failed_with(
        {.code = ErrorCode::out_of_memory, .message = "InternalError: out of memory", .stack = "    at f\n"}));
    EXPECT_THAT(reported.err, HasSubstr("    at f\nThe handler has used up its heap; --heap"));
}

TEST(Report, SaysNothingOfUseWhenASignalCameBetweenCalls) {
    Outcome outcome = failed_with({.code = ErrorCode::cancelled, .message = "Stopped.", .terminated_by = "kill"});
    outcome.signal = SIGINT;
    EXPECT_EQ(report_of(outcome).err, "curfew: Interrupted.\n");
}

TEST(Report, SaysWhatWasUsedWhenALimitWasReached) {
    Outcome outcome =
        failed_with({.code = ErrorCode::cancelled, .message = "Too long.", .terminated_by = "cpu-time", .ran = true});
    outcome.usage = {
        .wall_time = 501ms, .cpu_time = 500ms, .peak_heap = 1 << 20, .host_calls = 3, .bytes_printed = 2048};
    EXPECT_EQ(report_of(outcome).err,
              "curfew: Too long.\nUsed: 501 ms of wall-clock time, 500 ms of CPU time, 1 MiB of heap at most, 3 host "
              "calls, 2 KiB "
              "printed.\n");
}

TEST(Report, WritesAllThatWasUsedAsJson) {
    const Usage used{.wall_time = 1ns,
                     .cpu_time = 2ns,
                     .host_cpu_time = 3ns,
                     .peak_heap = 4,
                     .host_calls = 5,
                     .bytes_in = 6,
                     .bytes_out = 7,
                     .bytes_printed = 8,
                     .pages_dirtied = 9,
                     .waiting_time = 10ns};
    const auto expected = nlohmann::json::parse(R"({"wall_time_ns":1,"cpu_time_ns":2,"host_cpu_time_ns":3,
        "peak_heap_bytes":4,"host_calls":5,"bytes_in":6,"bytes_out":7,"bytes_printed":8,"pages_dirtied":9,
        "waiting_time_ns":10})");
    EXPECT_EQ(nlohmann::json::parse(report_of({.result = "1", .usage = used}, true).out)["usage"], expected);
    Outcome outcome = failed_with({.code = ErrorCode::cancelled, .message = "Too much.", .terminated_by = "memory"});
    outcome.usage = used;
    const auto told = nlohmann::json::parse(report_of(outcome, true).out);
    EXPECT_EQ(told["usage"], expected);
    EXPECT_EQ(told["engine"], nullptr);
}

TEST(Report, TakesTheSignalForTheCause) {
    Outcome outcome = failed_with({.code = ErrorCode::guest_abort, .message = "The cell died."});
    outcome.signal = 2;
    EXPECT_EQ(report_of(outcome).status, 130);
    EXPECT_THAT(report_of(outcome).err, StartsWith("curfew: Interrupted.\n"));
    outcome.signal = 15;
    EXPECT_EQ(report_of(outcome, true).status, 143);
    EXPECT_THAT(report_of(outcome).err, StartsWith("curfew: Terminated.\n"));
}

TEST(Report, DoesNotPassOnAResultThatIsNotJson) {
    for (const bool as_json : {false, true}) {
        const Reported reported = report_of({.result = "{\"a\":", .usage = {}}, as_json);
        EXPECT_EQ(reported.status, 1);
        EXPECT_THAT(reported.out + reported.err, HasSubstr("not JSON"));
    }
}

TEST(Report, WritesJsonWhateverTheCellSaid) {
    const Reported reported =
        report_of(failed_with({.code = ErrorCode::handler_error, .message = "\xff\"\n", .stack = "\xe4\xb8"}), true);
    const auto json = nlohmann::json::parse(reported.out);
    EXPECT_EQ(json["error"]["message"], "\uFFFD\"\n");
}

TEST(Report, ShowsControlCharactersOnATerminal) {
    const Outcome outcome{.result = "\"\u009b2J\x7f\"", .usage = {}};
    EXPECT_EQ(report_of(outcome, false, true).out, "\"\\u009b2J\\u007f\"\n");
    EXPECT_EQ(report_of(outcome).out, "\"\u009b2J\x7f\"\n");
    const Outcome failure = failed_with({.code = ErrorCode::handler_error, .message = "\x1b[2J"});
    EXPECT_EQ(report_of(failure, false, true).err, "curfew: \\u001b[2J\n");
}

TEST(Report, AddsTheTimesOfRepeatedCalls) {
    std::vector<std::chrono::nanoseconds> times;
    for (int i = 200; i >= 1; --i) times.emplace_back(i * 1us);
    const Outcome outcome{.result = "1", .usage = {}, .times = summarize(times)};
    EXPECT_EQ(report_of(outcome).err,
              "curfew: 200 calls: shortest 1 us, median 100 us, 99% within 199 us, longest 200 us.\n");
    const auto json = nlohmann::json::parse(report_of(outcome, true).out);
    EXPECT_EQ(json["repeat"], nlohmann::json::parse(R"({"calls":200,"min_ns":1000,"median_ns":100000,
        "p99_ns":199000,"max_ns":200000})"));
}

}  // namespace
}  // namespace curfew::cli
