#include "monitor/runtime/parking.h"

#include <array>
#include <cstdint>

#include "monitor/runtime/forks.h"

namespace curfew::monitor::detail {

namespace {

using Places = std::array<ParkingPlace, 64>;

constinit Immortal<Places> g_places;

}  // namespace

ParkingPlace& parking_place(const void* object) noexcept {
    Places& places = g_places.get();
    return places[(reinterpret_cast<std::uintptr_t>(object) >> 6) % places.size()];
}

void abandon_parking_places() noexcept { g_places.abandon(); }

}  // namespace curfew::monitor::detail
