// Finds what someone may have meant to type.
#ifndef CURFEW_CLI_SUGGESTION_H
#define CURFEW_CLI_SUGGESTION_H

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace curfew::cli {

// The known word that is nearest to `typed`, if one is near enough that a slip of the fingers explains it.
std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> known);

}  // namespace curfew::cli

#endif
