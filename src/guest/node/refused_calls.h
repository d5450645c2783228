// What the engine asked of the system and did not get, for a host that wants to know (wire::Mailbox::traces_calls).
#ifndef CURFEW_GUEST_NODE_REFUSED_CALLS_H
#define CURFEW_GUEST_NODE_REFUSED_CALLS_H

namespace curfew::guest {

// A call and the error's number, negative.
void note_refused_call(long number, long result);

// Tells the host what was noted since the last time, if there is anything. Before a request is answered; nothing may be staged.
void report_refused_calls();

}  // namespace curfew::guest

#endif
