#include "monitor/supervision_text.h"

#include "base/text.h"

namespace curfew::monitor::detail {

std::string what_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

std::string monitor_name(const MonitorList::Entry& monitor) noexcept {
    try {
        return monitor.traits.name(monitor.monitor);
    } catch (const std::exception&) {
        return {};  // no memory for a long name
    }
}

std::string subject(std::string_view handler, const char* without_name) {
    return handler.empty() ? without_name : "Handler " + base::in_quotes(handler);
}

}  // namespace curfew::monitor::detail
