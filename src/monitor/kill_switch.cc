#include "monitor/kill_switch.h"

namespace curfew {

KillSwitch::KillSwitch() : state_(std::make_shared<State>()) {}

bool KillSwitch::kill() const noexcept { return state_ != nullptr && state_->kill(); }

}  // namespace curfew
