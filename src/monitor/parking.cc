#include "monitor/parking.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace curfew::monitor::detail {

namespace {

using Places = std::array<ParkingPlace, 64>;

// Never destroyed: see the header.
constinit std::atomic<Places*> g_places{nullptr};

}  // namespace

ParkingPlace& parking_place(const void* object) noexcept {
    Places* places = g_places.load(std::memory_order_acquire);
    if (places == nullptr) {
        auto made = std::make_unique<Places>();
        if (g_places.compare_exchange_strong(places, made.get(), std::memory_order_acq_rel)) places = made.release();
    }
    return (*places)[(reinterpret_cast<std::uintptr_t>(object) >> 6) % places->size()];
}

void abandon_parking_places() noexcept { g_places.store(nullptr, std::memory_order_relaxed); }

}  // namespace curfew::monitor::detail
