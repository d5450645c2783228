// What a thread has to do at points in time that may find it waiting for somebody else. Whoever makes it wait looks here:
// waits no longer than until then, rings, and goes on waiting. Nobody else is woken for it.
#ifndef CURFEW_BASE_ALARM_H
#define CURFEW_BASE_ALARM_H

#include <chrono>
#include <utility>

namespace curfew::base {

// Used by one thread only.
class Alarm {
  public:
    static constexpr auto kNotDue = std::chrono::nanoseconds::max();

    // How long after it was set it is due for the first time. Costs no look at the clock.
    virtual std::chrono::nanoseconds first() const noexcept = 0;

    // How long from now until it is due next; zero if it is.
    virtual std::chrono::nanoseconds left() const noexcept = 0;

    // Does what is due, if anything is. Does not block.
    virtual void ring() noexcept = 0;

    // The calling thread's; null if it has none.
    static Alarm*& of_this_thread() noexcept;

  protected:
    ~Alarm() = default;
};

// Sets the calling thread's alarm, in place of the one that it had, which is set again at the end.
class AlarmScope {
  public:
    explicit AlarmScope(Alarm* alarm) noexcept : before_(std::exchange(Alarm::of_this_thread(), alarm)) {}
    ~AlarmScope() { Alarm::of_this_thread() = before_; }
    AlarmScope(const AlarmScope&) = delete;
    AlarmScope& operator=(const AlarmScope&) = delete;

  private:
    Alarm* before_;
};

}  // namespace curfew::base

#endif
