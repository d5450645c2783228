// The JavaScript that is part of the guest: the files of js/.
#ifndef CURFEW_GUEST_NODE_SCRIPTS_H
#define CURFEW_GUEST_NODE_SCRIPTS_H

#include <span>
#include <string_view>

namespace curfew::guest {

struct Script {
    std::string_view name;
    std::string_view source;
};

std::span<const Script> scripts();

// Empty if there is none.
std::string_view script_named(std::string_view name);

}  // namespace curfew::guest

#endif
