// Texts as they can stand in a line of a log.
#ifndef CURFEW_OBSERVE_SPDLOG_LOG_LINE_H
#define CURFEW_OBSERVE_SPDLOG_LOG_LINE_H

#include <string>
#include <string_view>

namespace curfew::observe {

// Valid UTF-8 in which control characters, line breaks, and characters that change the direction of text are escaped; at
// most 8 KiB of the text and a note about the rest.
std::string to_log_line(std::string_view text);

// " name=value", the value as <curfew/spdlog.h> says.
std::string field(std::string_view name, std::string_view value);

}  // namespace curfew::observe

#endif
