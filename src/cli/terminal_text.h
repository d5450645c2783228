// Makes text that came out of a cell fit for a terminal.
#ifndef CURFEW_CLI_TERMINAL_TEXT_H
#define CURFEW_CLI_TERMINAL_TEXT_H

#include <string>
#include <string_view>

namespace curfew::cli {

// Writes control characters as \u001b and the like, so that hostile text cannot move the cursor, change the title or
// answer for the user. Line feeds and tabs stay, and so does everything else. A sequence that is not UTF-8 becomes
// U+FFFD. In JSON, where control characters stand only inside strings, the value stays the same.
std::string for_terminal(std::string_view text);

}  // namespace curfew::cli

#endif
