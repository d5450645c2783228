// Ends a running invocation from any thread.
#ifndef CURFEW_INTERRUPT_HANDLE_H
#define CURFEW_INTERRUPT_HANDLE_H

#include <curfew/language.h>

#include <utility>

#include <curfew/monitor/kill_switch.h>

namespace curfew {

// Refers to one sandbox. May be copied, used from any number of threads at once, and outlive its sandbox.
class InterruptHandle {
  public:
    // Ends the invocation that is running now, wherever it is; its caller gets `cancelled`, terminated by "kill".
    // Returns true if this call is what ended it. Does nothing, and returns false, when no invocation is running,
    // when it is being ended already, or when the sandbox is gone; a kill that comes too late never reaches the next
    // invocation. Does not wait for the invocation to return.
    bool kill() const noexcept { return kill_switch_.kill(); }

    explicit InterruptHandle(KillSwitch kill_switch) : kill_switch_(std::move(kill_switch)) {}  // for sandboxes

  private:
    KillSwitch kill_switch_;
};

}  // namespace curfew

#endif
