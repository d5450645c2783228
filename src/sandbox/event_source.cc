#include "sandbox/event_source.h"

#include <algorithm>
#include <stdexcept>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "monitor/report.h"

namespace curfew::sandbox {

constinit std::atomic<std::uint64_t> process_observers_generation{0};

namespace {

struct Listeners {
    base::ForkSafeMutex mutex;
    std::shared_ptr<const ProcessObservers> all GUARDED_BY(mutex);  // none instead of an empty list
    std::uint64_t changes GUARDED_BY(mutex) = 0;
    std::uint64_t last_id GUARDED_BY(mutex) = 0;
};
constinit base::Immortal<Listeners> g_listeners;  // sandboxes may outlive the static objects' end

std::shared_ptr<const ProcessObservers> process_observers() noexcept {
    Listeners& listeners = g_listeners.get();
    const base::Lock lock(listeners.mutex);
    return listeners.all;
}

// Tells the process's observers what monitors do, in sandboxes and elsewhere.
class ProcessRelay final : public MonitorObserver {
  public:
    void terminated(const monitor::Termination& event) noexcept override { tell(&Observer::terminated, event); }
    void warned(const monitor::Warning& event) noexcept override { tell(&Observer::warned, event); }

  private:
    template <typename Event>
    static void tell(void (MonitorObserver::*what)(const Event&) noexcept, const Event& event) noexcept {
        if (process_observers_generation.load(std::memory_order_relaxed) == 0) return;
        const auto all = process_observers();
        if (!all) return;
        for (const ProcessObserver& one : *all) (one.observer.get()->*what)(event);
    }
};
constinit base::Immortal<ProcessRelay> g_relay;

// Puts a changed copy in the place of the list, and returns what `change` does.
template <typename Change>
std::uint64_t change_observers(Change change) {
    Listeners& listeners = g_listeners.get();
    std::shared_ptr<const ProcessObservers> before;  // goes without the lock: observers are the program's own classes
    const base::Lock lock(listeners.mutex);
    auto next =
        listeners.all ? std::make_shared<ProcessObservers>(*listeners.all) : std::make_shared<ProcessObservers>();
    const std::uint64_t changed = change(*next, listeners.last_id);
    before = std::exchange(listeners.all, next->empty() ? nullptr : std::move(next));
    ++listeners.changes;
    process_observers_generation.store(listeners.all ? listeners.changes : 0, std::memory_order_relaxed);
    return changed;
}

}  // namespace

std::uint64_t EventSource::next_number() noexcept {
    static constinit std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void EventSource::catch_up() noexcept {
    Listeners& listeners = g_listeners.get();
    std::shared_ptr<const ProcessObservers> before;  // as above
    const base::Lock lock(listeners.mutex);
    before = std::exchange(process_, listeners.all);
    // Not the one that was seen to differ, which may be older than the list.
    seen_ = process_observers_generation.load(std::memory_order_relaxed);
}

void EventSource::terminated(const monitor::Termination& event) noexcept {
    for (const auto& observer : *own_) observer->terminated(event);
}

void EventSource::warned(const monitor::Warning& event) noexcept {
    for (const auto& observer : *own_) observer->warned(event);
}

// --- InvocationScope ---

InvocationScope::InvocationScope(EventSource& events, std::string_view handler, bool collects_garbage,
                                 const std::any* context) noexcept
    : events_(events), handler_(handler), collects_garbage_(collects_garbage), context_(context) {
    events_.tell(
        &Observer::invocation_begun,
        {.sandbox = events_.number(), .handler = handler_, .collects_garbage = collects_garbage_, .context = context_});
}

// Not ended: a thread is being cancelled, or what the program gave throws although it must not.
InvocationScope::~InvocationScope() {
    if (ended_ || !events_.heard()) return;
    const Error error{.message = "an exception left the invocation"};
    end(observed::InvocationOutcome::failed, &error, error.usage);
}

void InvocationScope::completed(const Usage& usage) noexcept {
    end(observed::InvocationOutcome::completed, nullptr, usage);
}

void InvocationScope::failed(const Error& error) noexcept {
    using enum observed::InvocationOutcome;
    const bool cancelled = error.code == ErrorCode::cancelled;
    const bool kept_from_starting = error.code == ErrorCode::monitor_failed || error.code == ErrorCode::not_run;
    end(kept_from_starting ? not_started
        : cancelled        ? terminated
                           : observed::InvocationOutcome::failed,
        &error, error.usage);
}

void InvocationScope::end(observed::InvocationOutcome outcome, const Error* error, const Usage& usage) noexcept {
    ended_ = true;
    events_.tell(&Observer::invocation_ended, {.sandbox = events_.number(),
                                               .handler = handler_,
                                               .collects_garbage = collects_garbage_,
                                               .outcome = outcome,
                                               .error = error,
                                               .usage = usage,
                                               .context = context_});
}

// --- HostCallEventScope ---

HostCallEventScope::HostCallEventScope(EventSource& events, std::string_view handler, std::string_view module,
                                       std::string_view function, const std::any* context) noexcept
    : events_(events),
      handler_(handler),
      module_(module),
      function_(function),
      context_(context),
      timed_(events.heard()) {
    if (!timed_) return;
    events_.tell(&Observer::host_call_begun, {.sandbox = events_.number(),
                                              .handler = handler_,
                                              .module = module_,
                                              .function = function_,
                                              .context = context_});
    begun_ = std::chrono::steady_clock::now();
}

// Not ended: the thread is being cancelled.
HostCallEventScope::~HostCallEventScope() {
    if (!ended_) failed("the host function did not return");
}

void HostCallEventScope::end(observed::HostCallOutcome outcome, std::string_view error) noexcept {
    ended_ = true;
    if (!timed_) return;
    events_.tell(&Observer::host_call_ended, {.sandbox = events_.number(),
                                              .handler = handler_,
                                              .module = module_,
                                              .function = function_,
                                              .time = std::chrono::steady_clock::now() - begun_,
                                              .outcome = outcome,
                                              .error = error,
                                              .context = context_});
}

}  // namespace curfew::sandbox

namespace curfew {

using sandbox::ProcessObserver;
using sandbox::ProcessObservers;

ObserverRegistration add_observer(std::shared_ptr<Observer> observer) {
    if (!observer) throw std::invalid_argument("add_observer was given no observer (a null pointer)");
    reporting::set_reporter(&sandbox::g_relay.get());
    ObserverRegistration registration;
    registration.id_ = sandbox::change_observers([&](ProcessObservers& all, std::uint64_t& last_id) {
        all.push_back({++last_id, std::move(observer)});
        return last_id;
    });
    return registration;
}

void ObserverRegistration::replace(std::shared_ptr<Observer> observer) {
    if (!observer) return remove();
    if (id_ == 0) {
        *this = add_observer(std::move(observer));
        return;
    }
    sandbox::change_observers([&](ProcessObservers& all, std::uint64_t&) {
        std::ranges::find(all, id_, &ProcessObserver::id)->observer = std::move(observer);
        return id_;
    });
}

void ObserverRegistration::remove() noexcept {
    if (id_ == 0) return;
    sandbox::change_observers([&](ProcessObservers& all, std::uint64_t&) {
        std::erase_if(all, [&](const ProcessObserver& one) { return one.id == id_; });
        return std::exchange(id_, 0);
    });
}

}  // namespace curfew
