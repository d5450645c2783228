#include <curfew/monitor/quota.h>
#include <curfew/monitor/wait.h>

#include "base/quantity_text.h"
#include "monitor/limits/budget.h"
#include "monitor/limits/limits.h"

namespace curfew {

using monitor::detail::Budget;
using monitor::detail::BudgetLease;
using monitor::detail::Builtin;

namespace {

MonitorTask watch(Builtin, std::shared_ptr<Budget> budget, const Invocation& call) {
    BudgetLease lease(std::move(budget), call);
    while (lease.has_some()) {
        // One that waits uses nothing. It keeps its part, which others take if they have need of it.
        const UsageMeter::PauseTime pause = call.usage().pause_time(std::chrono::steady_clock::now());
        if (pause.paused) co_await call.usage().exceeds(Counter::pauses_finished, pause.finished);
        co_await lease.used_up();
    }
}

MonitorTask watch_nothing(Builtin) { co_await monitor::forever(); }

std::unexpected<Error> failure(ErrorCode code, const char* message) {
    Error error;
    error.code = code;
    error.message = message;
    return std::unexpected(std::move(error));
}

}  // namespace

QuotaMonitor::QuotaMonitor(Checked, std::chrono::nanoseconds budget, std::chrono::nanoseconds period)
    : budget_(std::make_shared<Budget>(monitor::detail::positive_limit("QuotaMonitor", budget),
                                       monitor::detail::positive_limit("QuotaMonitor", period))) {}

std::chrono::nanoseconds QuotaMonitor::available() const {
    return budget_ == nullptr ? std::chrono::nanoseconds::zero() : budget_->available();
}

Result<MonitorTask> QuotaMonitor::get_monitor(const Invocation& call) const {
    if (budget_ == nullptr) {
        return failure(ErrorCode::consumed, "this QuotaMonitor was moved from; use the one that it was moved to");
    }
    if (!call.can_measure_cpu_time()) {
        return failure(
            ErrorCode::unavailable,
            "the CPU time of this invocation cannot be measured; give supervise a CpuClock that can be read");
    }
    if (budget_->amount() == std::chrono::nanoseconds::max()) return watch_nothing(Builtin{});
    return watch(Builtin{}, budget_, call);
}

std::string QuotaMonitor::describe() const {
    if (budget_ == nullptr) return {};
    return base::duration_text(budget_->amount()) + " of CPU time per " + base::duration_text(budget_->period()) +
           ", for all who share it";
}

}  // namespace curfew
