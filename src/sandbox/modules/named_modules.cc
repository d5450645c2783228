#include "sandbox/modules/named_modules.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::array<std::string_view, 4> kReserved{"host", "node", "file", "data"};  // they mean something else

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What is wrong with a name; empty if nothing is.
std::string_view fault_of(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.size() > kLongestName) return "is longer than 256 bytes";
    if (!base::is_utf8(name)) return "is not UTF-8";
    if (name.contains(':')) return "has a colon in it";
    if (std::ranges::any_of(name, is_control)) return "has a control character in it";
    if (std::ranges::all_of(name, [](char c) { return c == ' '; })) return "is blank";
    return {};
}

}  // namespace

Result<std::string> module_specifier(std::string_view name, std::string_view space) {
    if (const auto fault = fault_of(name); !fault.empty()) {
        return fail(ErrorCode::invalid_argument,
                    "the name of a module, " + base::in_quotes(name) + ", " + std::string(fault));
    }
    if (const auto fault = fault_of(space); !fault.empty()) {
        return fail(ErrorCode::invalid_argument, "the name space of the module " + base::in_quotes(name) + ", " +
                                                     base::in_quotes(space) + ", " + std::string(fault));
    }
    if (std::ranges::find(kReserved, space) != kReserved.end()) {
        return fail(ErrorCode::invalid_argument, "the module " + base::in_quotes(name) + " cannot be added as " +
                                                     base::in_quotes(std::string(space) + ':' + std::string(name)) +
                                                     ": that name space means something else; take \"user\"");
    }
    return std::string(space) + ':' + std::string(name);
}

bool is_module_specifier(std::string_view specifier) {
    const std::size_t colon = specifier.find(':');
    return colon != std::string_view::npos &&
           module_specifier(specifier.substr(colon + 1), specifier.substr(0, colon)).has_value();
}

}  // namespace curfew::sandbox
