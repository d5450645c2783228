#include "sandbox/alarms.h"

#include <new>
#include <utility>

namespace curfew {

std::string_view to_string(observed::AlarmKind kind) noexcept {
    using enum observed::AlarmKind;
    switch (kind) {
        case refused_system_call: return "refused_system_call";
        case broken_protocol: return "broken_protocol";
        case ran_between_calls: return "ran_between_calls";
    }
    return "unknown";
}

namespace sandbox {

std::optional<observed::AlarmKind> alarm_of(cell::DeathKind kind) noexcept {
    switch (kind) {
        case cell::DeathKind::refused_call: return observed::AlarmKind::refused_system_call;
        case cell::DeathKind::protocol: return observed::AlarmKind::broken_protocol;
        case cell::DeathKind::ran_on: return observed::AlarmKind::ran_between_calls;
        case cell::DeathKind::none:
        case cell::DeathKind::unavailable:
        case cell::DeathKind::fault:  // an engine's flaw that nobody made use of looks the same
        case cell::DeathKind::no_reaction:
        case cell::DeathKind::no_memory:
        case cell::DeathKind::killed: break;
    }
    return std::nullopt;
}

void Alarms::look_at(const cell::Cell& cell, std::string_view handler, std::string_view complaint) noexcept {
    if (!complaint.empty()) broken_protocol(complaint, handler);
    if (const auto kind = alarm_of(cell.death().kind)) tell(*kind, cell.death().text, handler);
}

void Alarms::look_a_last_time(cell::Cell& cell) noexcept {
    try {
        if (!cell.wake()) look_at(cell);
    } catch (const std::bad_alloc&) {
        // Then it stays untold.
    }
}

void Alarms::broken_protocol(std::string_view complaint, std::string_view handler) noexcept {
    tell(observed::AlarmKind::broken_protocol, complaint, handler);
}

void Alarms::tell(observed::AlarmKind kind, std::string_view text, std::string_view handler) noexcept {
    if (std::exchange(told_, true)) return;
    events_.tell(&Observer::alarmed, {.sandbox = events_.number(), .handler = handler, .kind = kind, .text = text});
}

}  // namespace sandbox

}  // namespace curfew
