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
    bool pending = false;
    uint32_t flags = 0;
    uint32_t value = 0;  // a wire::ModuleKind, or a call's number
    std::string name = {};
    std::string text = {};  // the result; or why it failed
};

// `arguments` are encoded as the protocol says.
HostAnswer call_host(std::string_view module, std::string_view function, uint32_t count, std::string_view arguments);

// The same, but the host need not have the result yet: then `pending` is true, `value` the call's number, and a reply will
// come.
HostAnswer call_host_async(std::string_view module, std::string_view function, uint32_t count,
                           std::string_view arguments);

// Replies to such calls. They belong to the request: at its end they are forgotten.
bool calls_are_open();    // and the host has not replied
bool reply_has_come();    // and was not taken
HostAnswer take_reply();  // its number is `value`. REQUIRES: reply_has_come()
void forget_open_calls();

// Passes the time until the host replies to a call, or until the time of monotonic_time(), whichever comes first. REQUIRES:
// calls_are_open().
void wait_for_reply(uint64_t until);
inline constexpr uint64_t kNoEnd = ~uint64_t{0};

HostAnswer resolve_module(std::string_view importer, std::string_view specifier, bool is_built_in, bool is_required);

HostAnswer read_module(std::string_view name);

void print_text(wire::PrintLevel level, std::string_view text);

}  // namespace curfew::guest

#endif
