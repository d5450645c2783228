// Where the command writes.
#ifndef CURFEW_CLI_CONSOLE_H
#define CURFEW_CLI_CONSOLE_H

#include <ostream>
#include <string>
#include <string_view>

namespace curfew::cli {

// What came out of a cell is written with `result` and `guest`: on a terminal they show control characters instead of
// sending them.
class Console {
  public:
    Console(std::ostream& out, bool out_is_terminal, std::ostream& err, bool err_is_terminal)
        : out_(out), err_(err), out_is_terminal_(out_is_terminal), err_is_terminal_(err_is_terminal) {}

    // A line for standard output. False if it could not be written; standard error then says why.
    bool result(std::string_view line);

    // Text of a guest, for standard error, as it is.
    void guest(std::string_view text);

    // What takes long, and is about to be done: a sentence without its full stop. Shown on terminals only.
    void progress(std::string_view step);

    // A message of the command's own, for standard error: starts on a line of its own and ends one. It may quote what
    // came out of a cell.
    void message(std::string_view text);

  private:
    std::ostream& out_;
    std::ostream& err_;
    bool out_is_terminal_;
    bool err_is_terminal_;
    bool in_mid_line_ = false;  // the guest has not ended its last line
};

}  // namespace curfew::cli

#endif
