// What to write instead, for mistakes that many make.
#ifndef CURFEW_CLI_HINT_H
#define CURFEW_CLI_HINT_H

#include <string>
#include <string_view>

#include <curfew/error.h>

namespace curfew::cli {

enum class Stage { loading, calling };

// A sentence to put below the error's message; empty if there is nothing to say. `file` and `source` are the script's.
std::string hint_for(const Error& error, Stage stage, std::string_view file, std::string_view source);

}  // namespace curfew::cli

#endif
