// Says which thread is in the middle of a sandbox's invocation.
#ifndef CURFEW_SANDBOX_BUSY_SCOPE_H
#define CURFEW_SANDBOX_BUSY_SCOPE_H

#include <atomic>
#include <thread>

namespace curfew::sandbox {

// As long as it lives, its thread is the invoker.
class BusyScope {
  public:
    explicit BusyScope(std::atomic<std::thread::id>& invoker) noexcept : invoker_(invoker) {
        invoker_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    }
    ~BusyScope() { invoker_.store({}, std::memory_order_relaxed); }
    BusyScope(const BusyScope&) = delete;
    BusyScope& operator=(const BusyScope&) = delete;

  private:
    std::atomic<std::thread::id>& invoker_;
};

}  // namespace curfew::sandbox

#endif
