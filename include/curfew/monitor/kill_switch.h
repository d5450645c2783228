// KillSwitch: ends a supervised invocation from outside, from any thread, at any time.
#ifndef CURFEW_MONITOR_KILL_SWITCH_H
#define CURFEW_MONITOR_KILL_SWITCH_H

#include <curfew/language.h>

#include <memory>

#include <curfew/export.h>

namespace curfew {

namespace monitor::detail {
class Supervision;
}

// Copies share one switch. Give it to supervise in SuperviseOptions::kill_switch; one invocation at a time
// can be attached to it, so calls that overlap need a switch each.
class CURFEW_EXPORT KillSwitch {
  public:
    KillSwitch();

    // Ends the attached invocation as a monitor that fires would: exactly one of them wins, and if it is this
    // one, the error's terminated_by is "kill". The interrupt is called on this thread. Returns whether it
    // was this call that ended an invocation: false when none was running, and when it had ended or been
    // ended already.
    bool kill() const noexcept;

  private:
    friend class monitor::detail::Supervision;
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace curfew

#endif
