// Orders to a test guest that may never come back.
#ifndef CURFEW_CELL_TESTING_WATCHDOG_H
#define CURFEW_CELL_TESTING_WATCHDOG_H

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "cell/testing/cell_fixture.h"

namespace curfew::cell::testing {

// Interrupts a cell if a call takes longer than it should. Guests that wait for ever burn no CPU, so this goes by the
// time; no expectation depends on how long it is.
class Watchdog {
  public:
    Watchdog(Cell& cell, std::chrono::nanoseconds patience)
        : thread_([this, &cell, patience] {
              std::unique_lock lock(mutex_);
              if (!over_.wait_for(lock, patience, [this] { return called_off_; })) cell.interrupt();
          }) {}
    ~Watchdog() {
        {
            const std::scoped_lock lock(mutex_);
            called_off_ = true;
        }
        over_.notify_one();
    }

  private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool called_off_ = false;
    std::jthread thread_;
};

// As order(), but interrupted after that time.
inline Stop order_for(Cell& cell, std::chrono::nanoseconds patience, Order what, std::uint64_t argument = 0) {
    const Watchdog watchdog(cell, patience);
    return order(cell, what, argument);
}

}  // namespace curfew::cell::testing

#endif
