// Somebody who waits for something without a thread.
#ifndef CURFEW_SRC_MONITOR_WAKER_H
#define CURFEW_SRC_MONITOR_WAKER_H

namespace curfew::monitor {

// Told that it has come.
class Waker {
  public:
    // From any thread, timer threads included: must not block for long, nor call what users gave.
    virtual void wake() noexcept = 0;

  protected:
    ~Waker() = default;
};

}  // namespace curfew::monitor

#endif
