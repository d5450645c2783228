// The threads that the engine wants: each is a coroutine on the one thread that there is, with its thread-local storage. It runs when
// it is made and when somebody waits, until it waits for a condition itself or ends. That is enough for libuv's pool, whose work
// neither touches the engine nor waits for anything but more work.
#ifndef CURFEW_GUEST_NODE_POOL_THREADS_H
#define CURFEW_GUEST_NODE_POOL_THREADS_H

namespace curfew::guest {

// Runs all coroutines that can. Whether any did.
bool run_pool_threads();

bool pool_threads_can_run();

// From now on there can be no other. A thread that appears later would not be meant as a coroutine.
void allow_no_more_threads();

// Runs a function on a thread of its own, whose stack and thread-local storage lie where frozen images have them. Never comes back.
[[noreturn]] void run_on_frozen_stack(void* (*run)(void*));

}  // namespace curfew::guest

#endif
