#include <curfew/monitor/kill_switch.h>

#include "monitor/kill_state.h"
#include "monitor/supervision.h"

namespace curfew {

KillSwitch::KillSwitch() : state_(std::make_shared<State>()) {}

bool KillSwitch::kill() const noexcept { return state_ != nullptr && monitor::detail::Supervision::kill(*this); }

}  // namespace curfew
