// Static objects that are never destroyed.
#ifndef CURFEW_BASE_IMMORTAL_H
#define CURFEW_BASE_IMMORTAL_H

#include <atomic>
#include <memory>

namespace curfew::base {

// A static object that is made when first needed and never destroyed: calls may end while static destructors
// run. Unlike a static variable of a function it has no lock that a fork could find taken; when two threads
// make it at once, one of both is dropped.
template <typename T>
class Immortal {
  public:
    constexpr Immortal() noexcept = default;

    T& get() {
        T* object = object_.load(std::memory_order_acquire);
        if (object == nullptr) {
            auto made = std::make_unique<T>();
            // On failure `object` is the other thread's.
            if (object_.compare_exchange_strong(object, made.get(), std::memory_order_acq_rel)) object = made.release();
        }
        return *object;
    }

    // Null if it was not made yet.
    T* present() const noexcept { return object_.load(std::memory_order_acquire); }

    // For a child: the next get() makes a new one, because threads of the parent may be using this one.
    void abandon() noexcept { object_.store(nullptr, std::memory_order_relaxed); }

  private:
    std::atomic<T*> object_{nullptr};
};

}  // namespace curfew::base

#endif
