#include <atomic>
#include <utility>

#include <curfew/monitor/observer.h>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "monitor/report.h"

namespace curfew::monitor {

namespace {

struct Holder {
    base::ForkSafeMutex mutex;
    std::shared_ptr<Observer> observer GUARDED_BY(mutex);
};
constinit base::Immortal<Holder> g_holder;

}  // namespace

std::shared_ptr<Observer> set_observer(std::shared_ptr<Observer> observer) {
    Holder& holder = g_holder.get();
    const base::Lock lock(holder.mutex);
    return std::exchange(holder.observer, std::move(observer));
}

std::shared_ptr<Observer> observer() {
    Holder& holder = g_holder.get();
    const base::Lock lock(holder.mutex);
    return holder.observer;
}

namespace detail {

namespace {
std::atomic<Observer*> the_reporter{nullptr};
}  // namespace

// The release makes what the reporter was made of visible to report().
void set_reporter(Observer* reporter) noexcept { the_reporter.store(reporter, std::memory_order_release); }

void report(const Termination& termination) noexcept {
    if (Observer* reporter = the_reporter.load(std::memory_order_acquire)) reporter->terminated(termination);
    if (const std::shared_ptr<Observer> watching = observer()) watching->terminated(termination);
}

void report(const Warning& warning) noexcept {
    if (Observer* reporter = the_reporter.load(std::memory_order_acquire)) reporter->warned(warning);
    if (const std::shared_ptr<Observer> watching = observer()) watching->warned(warning);
}

}  // namespace detail

}  // namespace curfew::monitor
