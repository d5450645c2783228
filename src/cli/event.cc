#include "cli/event.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <curfew/value.h>

#include "base/error.h"
#include "cli/json_text.h"

namespace curfew::cli {
namespace {

// With the stack that handlers have if nobody asks for another.
constexpr std::size_t kDeepestEvent = 5000;

std::unexpected<Error> refuse(std::string message) {
    return base::fail(ErrorCode::invalid_argument, std::move(message));
}

// "line 3, column 14", both counted from one, columns in bytes.
std::string place(std::string_view text, std::size_t offset) {
    std::size_t line = 1;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < offset; ++i) {
        if (text[i] != '\n') continue;
        ++line;
        line_start = i + 1;
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(offset - line_start + 1);
}

Result<std::string> check_cbor(std::string event, const std::string& source) {
    const auto value = Value::from_cbor(event);
    if (value) return event;
    return refuse("The event in " + source + " cannot be taken: " + value.error().message);
}

}  // namespace

Result<std::string> read_event(const RunOptions& options, const Input& input) {
    Result<std::string> event = options.event;
    std::string source = "--event";
    if (options.event_file) {
        const bool standard_input = *options.event_file == "-";
        source = standard_input ? "standard input" : *options.event_file;
        event = standard_input ? read_standard_input(input, "The event") : read_file(source, input, "The event");
        if (!event) return event;
        if (options.event_is_cbor) return check_cbor(std::move(*event), source);
        // Some editors begin a file with a byte order mark, which is no part of JSON.
        if (event->starts_with("\xef\xbb\xbf")) event->erase(0, 3);
    }
    if (const std::optional<JsonFault> fault = find_json_fault(*event)) {
        std::string message = "The event in " + source + " is not JSON: " + fault->reason + ", at offset " +
                              std::to_string(fault->offset);
        if (event->find('\n') != std::string::npos) message += " (" + place(*event, fault->offset) + ")";
        return refuse(message + R"(. Write for example {"name":"World"}.)");
    }
    if (const std::size_t depth = json_depth(*event); depth > kDeepestEvent) {
        return refuse("The event in " + source + " is nested " + std::to_string(depth) +
                      " levels deep, which is more than a handler's stack holds; " + std::to_string(kDeepestEvent) +
                      " are the most.");
    }
    return event;
}

}  // namespace curfew::cli
