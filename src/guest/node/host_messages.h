// What a request asks of the host while it runs. Each call blocks until the host has answered.
#ifndef CURFEW_GUEST_NODE_HOST_MESSAGES_H
#define CURFEW_GUEST_NODE_HOST_MESSAGES_H

#include <stdint.h>

#include <string>
#include <string_view>

#include "wire/mailbox.h"

namespace curfew::guest {

struct HostAnswer {
    bool failed = false;
    uint32_t flags = 0;
    uint32_t value = 0;  // a wire::ModuleKind
    std::string name = {};
    std::string text = {};  // the result; or why it failed
};

// `arguments` are encoded as the protocol says.
HostAnswer call_host(std::string_view module, std::string_view function, uint32_t count, std::string_view arguments);

HostAnswer resolve_module(std::string_view importer, std::string_view specifier, bool is_built_in, bool is_required);

HostAnswer read_module(std::string_view name);

void print_text(wire::PrintLevel level, std::string_view text);

}  // namespace curfew::guest

#endif
