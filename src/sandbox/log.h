// Entries for the logger of <curfew/log.h>, if there is one.
#ifndef CURFEW_SANDBOX_LOG_H
#define CURFEW_SANDBOX_LOG_H

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <curfew/log.h>

namespace curfew::sandbox {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

// The logger for entries of this level; null if nobody wants them.
std::shared_ptr<spdlog::logger> logger_for(LogLevel level);

// Writes a text as one line, escaped.
void write_line(spdlog::logger& logger, LogLevel level, std::string_view text);

// Logs what `text` returns; it is called only if somebody wants it.
template <std::invocable Text>
void log(LogLevel level, Text&& text) noexcept {
    try {
        if (const std::shared_ptr<spdlog::logger> logger = logger_for(level)) write_line(*logger, level, text());
    } catch (const std::exception&) {
        // No memory for the entry.
    }
}

// The text escaped (see base/text.h), as one line of 8 KiB at most and a note about the rest.
std::string to_log_line(std::string_view text);

}  // namespace curfew::sandbox

#endif
