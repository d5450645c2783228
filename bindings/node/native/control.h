// What reaches into an invocation from outside: what ends it, and which of its tool calls have no answer. The pieces of one
// that waits in between share it.
#ifndef CURFEW_NODE_CONTROL_H
#define CURFEW_NODE_CONTROL_H

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include <curfew/reply.h>

#include "monitors.h"

namespace curfew::node {

struct Control {
    std::stop_source stop;      // of kill(), of signals, and of the end of JavaScript
    CustomMonitors monitors{};  // in the order in which they were given
    bool may_wait = false;      // somebody answers deferred tools
    std::vector<Reply<HostValue>>
        kept{};  // of their calls, which are answered by another way; of the invocation's thread
    std::vector<std::uint64_t> calls{};  // of tools, that may not have been answered; of JavaScript's thread
};

}  // namespace curfew::node

#endif
