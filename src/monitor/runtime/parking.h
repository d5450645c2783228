// Waiting for another thread to let go of an object that may vanish right afterwards.
//
// A condition variable inside such an object would still be in use while the waiter destroys it. So threads
// wait at one of a few places that live for ever, chosen by the object's address. Only slow paths come here.
#ifndef CURFEW_SRC_MONITOR_PARKING_H
#define CURFEW_SRC_MONITOR_PARKING_H

#include "base/mutex.h"

namespace curfew::monitor::detail {

struct ParkingPlace {
    base::Mutex mutex;
    base::Condition changed;
};
ParkingPlace& parking_place(const void* object) noexcept;

// Returns when `done()` is true. Who makes it true calls unpark(object) after that, and need not touch the
// object.
template <typename Predicate>
void park_until(const void* object, Predicate done) {
    if (done()) return;
    ParkingPlace& place = parking_place(object);
    base::Lock lock(place.mutex);
    while (!done()) place.changed.wait(lock);
}

inline void unpark(const void* object) noexcept {
    ParkingPlace& place = parking_place(object);
    const base::Lock lock(place.mutex);
    place.changed.notify_all();
}

}  // namespace curfew::monitor::detail

#endif
