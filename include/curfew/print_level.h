// Where a line that a guest prints comes from.
#ifndef CURFEW_PRINT_LEVEL_H
#define CURFEW_PRINT_LEVEL_H

#include <curfew/language.h>

#include <string_view>

namespace curfew {

// print(), or the console's method.
enum class PrintLevel { print, log, info, warn, error, debug };

// The name as written above: "warn".
[[nodiscard]] constexpr std::string_view to_string(PrintLevel level) noexcept {
    switch (level) {
        case PrintLevel::print: return "print";
        case PrintLevel::log: return "log";
        case PrintLevel::info: return "info";
        case PrintLevel::warn: return "warn";
        case PrintLevel::error: return "error";
        case PrintLevel::debug: return "debug";
    }
    return "unknown";
}

}  // namespace curfew

#endif
