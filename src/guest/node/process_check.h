// Whether a process can be frozen.
#ifndef CURFEW_GUEST_NODE_PROCESS_CHECK_H
#define CURFEW_GUEST_NODE_PROCESS_CHECK_H

namespace curfew::guest {

// Ends the process with a message if it has a thread besides this one and the one that started it, or a descriptor besides the
// standard ones and `image`.
void check_process(int image);

}  // namespace curfew::guest

#endif
