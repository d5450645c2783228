// How what happens to a sandbox reaches those who listen: its own observers, and those of the process.
#ifndef CURFEW_SANDBOX_EVENT_SOURCE_H
#define CURFEW_SANDBOX_EVENT_SOURCE_H

#include <any>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/observer.h>

namespace curfew::sandbox {

// A sandbox's own; never changes. None instead of an empty one.
using ObserverList = std::vector<std::shared_ptr<Observer>>;

// The process's. Never changes: adding and removing makes a new one, so that it can be read without a lock.
struct ProcessObserver {
    std::uint64_t id;
    std::shared_ptr<Observer> observer;
};
using ProcessObservers = std::vector<ProcessObserver>;

// The number of times that the process's observers were changed; zero while there are none.
extern constinit std::atomic<std::uint64_t> process_observers_generation;

// Of one sandbox. Used by one thread at a time, as its sandbox is; but what monitors do comes from any thread. It keeps the
// process's observers as it has found them last, so that an event costs one load while nobody listens, and writes nothing
// that sandboxes share while somebody does.
class EventSource final : public MonitorObserver {
  public:
    EventSource() noexcept = default;
    EventSource(const EventSource&) = delete;
    EventSource& operator=(const EventSource&) = delete;

    // Before the first event.
    void set_own(std::shared_ptr<const ObserverList> own) noexcept { own_ = std::move(own); }

    // A number that no other source of this process has.
    std::uint64_t number() const noexcept { return number_; }

    // Whether an event would be told to anybody.
    bool heard() noexcept {
        // Relaxed: who has been added just now may miss this event; the lock in catch_up() orders everything else.
        if (process_observers_generation.load(std::memory_order_relaxed) != seen_) [[unlikely]]
            catch_up();
        return own_ != nullptr || process_ != nullptr;
    }

    template <typename Event>
    void tell(void (Observer::*what)(const Event&) noexcept, const Event& event) noexcept {
        if (heard()) tell_all(what, event);
    }

    // Who hears of this sandbox's monitors besides the process's observers; null: nobody.
    MonitorObserver* own() noexcept { return own_ ? this : nullptr; }
    void terminated(const monitor::Termination& event) noexcept override;
    void warned(const monitor::Warning& event) noexcept override;

  private:
    template <typename Event>
    void tell_all(void (Observer::*what)(const Event&) noexcept, const Event& event) noexcept {
        if (own_) {
            for (const auto& observer : *own_) (observer.get()->*what)(event);
        }
        if (process_) {
            for (const ProcessObserver& one : *process_) (one.observer.get()->*what)(event);
        }
    }
    void catch_up() noexcept;
    static std::uint64_t next_number() noexcept;

    const std::uint64_t number_ = next_number();
    std::shared_ptr<const ObserverList> own_;
    std::shared_ptr<const ProcessObservers> process_;
    std::uint64_t seen_ = 0;  // the generation that process_ is of
};

// One invocation, from its beginning to its end, which is told whatever happens in between.
class InvocationScope {
  public:
    InvocationScope(EventSource& events, std::string_view handler, bool collects_garbage,
                    const std::any* context = nullptr) noexcept;
    ~InvocationScope();
    InvocationScope(const InvocationScope&) = delete;
    InvocationScope& operator=(const InvocationScope&) = delete;

    void completed(const Usage& usage) noexcept;
    void failed(const Error& error) noexcept;

  private:
    void end(observed::InvocationOutcome outcome, const Error* error, const Usage& usage) noexcept;

    EventSource& events_;
    const std::string_view handler_;
    const bool collects_garbage_;
    const std::any* const context_;
    bool ended_ = false;
};

// One call of a host function; likewise.
class HostCallEventScope {
  public:
    HostCallEventScope(EventSource& events, std::string_view handler, std::string_view module,
                       std::string_view function, const std::any* context) noexcept;
    ~HostCallEventScope();
    HostCallEventScope(const HostCallEventScope&) = delete;
    HostCallEventScope& operator=(const HostCallEventScope&) = delete;

    void returned() noexcept { end(observed::HostCallOutcome::returned, {}); }
    void failed(std::string_view error) noexcept { end(observed::HostCallOutcome::failed, error); }

    // Its end is told later, by ended(), as of a call that began here.
    void goes_on() noexcept { ended_ = true; }
    static void ended(EventSource& events, const observed::HostCallEnded& event) noexcept {
        events.tell(&Observer::host_call_ended, event);
    }

  private:
    void end(observed::HostCallOutcome outcome, std::string_view error) noexcept;

    EventSource& events_;
    const std::string_view handler_;
    const std::string_view module_;
    const std::string_view function_;
    const std::any* const context_;
    const bool timed_;
    std::chrono::steady_clock::time_point begun_{};
    bool ended_ = false;
};

}  // namespace curfew::sandbox

#endif
