#include "cli/console.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "base/text.h"

namespace curfew::cli {

bool Console::result(std::string_view line) {
    errno = 0;
    out_ << (out_is_terminal_ ? base::escaped(line, base::LineBreaks::keep) : line) << '\n' << std::flush;
    if (out_.good()) return true;
    const std::string reason = errno != 0 ? std::generic_category().message(errno) : "writing failed";
    message("The result could not be written to standard output: " + reason + ".");
    return false;
}

void Console::guest(std::string_view text) {
    if (text.empty()) return;
    err_ << (err_is_terminal_ ? base::escaped(text, base::LineBreaks::keep) : text) << std::flush;
    in_mid_line_ = text.back() != '\n';
}

void Console::progress(std::string_view step) {
    if (err_is_terminal_) message(std::string(step) + " ...");
}

void Console::message(std::string_view text) {
    if (in_mid_line_) guest("\n");
    err_ << "curfew: " << (err_is_terminal_ ? base::escaped(text, base::LineBreaks::keep) : text);
    if (!text.ends_with('\n')) err_ << '\n';
    err_ << std::flush;
}

}  // namespace curfew::cli
