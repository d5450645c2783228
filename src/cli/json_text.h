// Checks that a text is JSON without building anything from it.
#ifndef CURFEW_CLI_JSON_TEXT_H
#define CURFEW_CLI_JSON_TEXT_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace curfew::cli {

struct JsonFault {
    std::size_t offset;  // of the first byte that cannot be part of a JSON text; the text's length if it ends too soon
    std::string reason;  // "a value is missing"
};

// Looks for the first fault in a text that should be JSON (RFC 8259) in UTF-8. Takes what JSON.parse takes, lone
// surrogates in escapes included. Nesting may be of any depth.
std::optional<JsonFault> find_json_fault(std::string_view text);

// How many arrays and objects lie in each other at most. For text without a fault.
std::size_t json_depth(std::string_view text);

}  // namespace curfew::cli

#endif
