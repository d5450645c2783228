#include <mutex>
#include <utility>

#include <curfew/monitor/observer.h>

#include "monitor/fork_safe_mutex.h"

namespace curfew::monitor {

namespace {

struct Holder {
    detail::ForkSafeMutex mutex;
    std::shared_ptr<Observer> observer;
};
Holder& holder() {
    static auto& one = *new Holder();  // never destroyed: calls may end while static destructors run
    return one;
}

}  // namespace

std::shared_ptr<Observer> set_observer(std::shared_ptr<Observer> observer) {
    std::lock_guard lock(holder().mutex);
    return std::exchange(holder().observer, std::move(observer));
}

std::shared_ptr<Observer> observer() {
    std::lock_guard lock(holder().mutex);
    return holder().observer;
}

}  // namespace curfew::monitor
