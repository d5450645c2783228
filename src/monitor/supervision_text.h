// Names and reasons, for what is said of a supervised run.
#ifndef CURFEW_SRC_MONITOR_SUPERVISION_TEXT_H
#define CURFEW_SRC_MONITOR_SUPERVISION_TEXT_H

#include <exception>
#include <string>
#include <string_view>

#include <curfew/error.h>
#include <curfew/monitor/monitor_set.h>

namespace curfew::monitor::detail {

std::string what_of(const std::exception_ptr& thrown);

// Empty if there is no memory for it.
std::string monitor_name(const MonitorList::Entry& monitor) noexcept;

// The handler's name, or else `without_name`.
std::string subject(std::string_view handler, const char* without_name);

}  // namespace curfew::monitor::detail

#endif
