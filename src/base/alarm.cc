#include "base/alarm.h"

namespace curfew::base {

namespace {

constinit thread_local Alarm* t_alarm = nullptr;

}  // namespace

Alarm*& Alarm::of_this_thread() noexcept { return t_alarm; }

}  // namespace curfew::base
