#include <curfew/monitor/any_monitor.h>

namespace curfew {

Result<MonitorTask> AnyMonitor::get_monitor(const Invocation& call) const {
    if (monitor_ == nullptr) {
        Error error;
        error.code = ErrorCode::consumed;
        error.message = "this AnyMonitor was moved from, so it holds no monitor; use the one that it was moved to";
        return std::unexpected(std::move(error));
    }
    return traits_.get_monitor(monitor_.get(), call);
}

std::string AnyMonitor::name() const noexcept {
    return monitor_ == nullptr ? std::string("moved-from") : traits_.name(monitor_.get());
}

std::string AnyMonitor::describe() const {
    return monitor_ == nullptr ? std::string() : traits_.describe(monitor_.get());
}

bool AnyMonitor::soft() const noexcept { return monitor_ != nullptr && traits_.soft(monitor_.get()); }

}  // namespace curfew
