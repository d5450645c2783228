// What libuv waits with: eventfds, pipes, and epoll on them. Their descriptors are numbers that the kernel knows nothing of, before
// the freeze too, so that none of it is left open. There is nobody to wait for but the host, and pool threads that are
// coroutines: waiting runs these, and passes the time until the next timer.
#ifndef CURFEW_GUEST_NODE_EVENTS_H
#define CURFEW_GUEST_NODE_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

namespace curfew::guest {

// Whether the descriptor is one of these.
bool is_event_source(int descriptor);

// What the system calls do on such a descriptor: a result, or an error's negative number.
long read_events(int descriptor, void* out, size_t size);
long write_events(int descriptor, const void* from, size_t size);
long close_events(int descriptor);

long make_eventfd(unsigned count);
long make_pipe(int descriptors[2]);
long make_epoll();
long change_epoll(int epoll, int operation, int descriptor, const epoll_event* event);
long wait_for_events(int epoll, epoll_event* out, int most, int milliseconds);

// Whether a wait without a timeout would find something, or run something.
bool events_are_pending();

}  // namespace curfew::guest

#endif
