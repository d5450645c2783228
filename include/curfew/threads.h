// Which threads do what for a sandbox.
#ifndef CURFEW_THREADS_H
#define CURFEW_THREADS_H

#include <curfew/language.h>

namespace curfew {

// How the calling thread and the cell hand the turn to each other. See docs/performance.md for what each costs.
enum class WaitMode {
    automatic,  // block; while a call is short, keep the cell on the caller's CPU, where a wake-up is cheapest
    spin,       // look for the answer for a while before blocking; for callers that have a CPU to spare
};

// Where the functions of the host run, and the print function.
enum class HostThread {
    kept,     // on a thread that the process keeps for it: an invocation ends at its limit, whatever a function does
    callers,  // on the thread that called load() or handle_event(): a function that hangs holds it up
};

}  // namespace curfew

#endif
