#include "monitor/runtime/parking.h"

#include <array>
#include <cstdint>

#include "base/forks.h"
#include "base/immortal.h"

namespace curfew::monitor::detail {

namespace {

using Places = std::array<ParkingPlace, 64>;

constinit base::Immortal<Places> g_places;

// A child's copies may be locked or waited at by threads that do not exist there: new ones are made.
const base::ChildHandler g_in_child([]() noexcept { g_places.abandon(); });

}  // namespace

ParkingPlace& parking_place(const void* object) noexcept {
    Places& places = g_places.get();
    return places[(reinterpret_cast<std::uintptr_t>(object) >> 6) % places.size()];
}

}  // namespace curfew::monitor::detail
