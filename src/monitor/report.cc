#include "monitor/report.h"

#include <atomic>

namespace curfew::reporting {

namespace {

std::atomic<MonitorObserver*> the_reporter{nullptr};

template <typename Event>
void tell(void (MonitorObserver::*what)(const Event&) noexcept, const Event& event, MonitorObserver* own) noexcept {
    if (own != nullptr) (own->*what)(event);
    if (MonitorObserver* reporter = the_reporter.load(std::memory_order_acquire)) (reporter->*what)(event);
}

}  // namespace

// The release makes what the reporter was made of visible to tell().
void set_reporter(MonitorObserver* reporter) noexcept { the_reporter.store(reporter, std::memory_order_release); }

void report(const monitor::Termination& termination, MonitorObserver* own) noexcept {
    tell(&MonitorObserver::terminated, termination, own);
}

void report(const monitor::Warning& warning, MonitorObserver* own) noexcept {
    tell(&MonitorObserver::warned, warning, own);
}

}  // namespace curfew::reporting
