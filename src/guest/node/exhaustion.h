// The end of an engine that has no memory to go on.
#ifndef CURFEW_GUEST_NODE_EXHAUSTION_H
#define CURFEW_GUEST_NODE_EXHAUSTION_H

namespace curfew::guest {

// Answers the request that is under way: there was not enough memory. To the next one the guest says that it cannot go on. Before the
// freeze, ends the process with a message. REQUIRES: the guest has the turn, and no message is half sent.
[[noreturn]] void end_for_lack_of_memory();

}  // namespace curfew::guest

#endif
