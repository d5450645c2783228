// Tells of guests that were taken over, by what they did that no script can.
#ifndef CURFEW_SANDBOX_ALARMS_H
#define CURFEW_SANDBOX_ALARMS_H

#include <optional>
#include <string_view>

#include <curfew/observer.h>

#include "cell/cell.h"
#include "sandbox/event_source.h"

namespace curfew::sandbox {

// What a cell's death gives rise to, if anything.
std::optional<observed::AlarmKind> alarm_of(cell::DeathKind kind) noexcept;

// Of one sandbox. Told once until the sandbox starts anew, with another cell or its own reset.
class Alarms {
  public:
    explicit Alarms(EventSource& events) noexcept : events_(events) {}

    void start_anew() noexcept { told_ = false; }

    // After an invocation, and whenever a cell may have died. `complaint`: of what the guest said; empty: none.
    void look_at(const cell::Cell& cell, std::string_view handler = {}, std::string_view complaint = {}) noexcept;

    // Before a cell that lives, as far as is known, is reset or dropped: what it did since its last call is found out.
    void look_a_last_time(cell::Cell& cell) noexcept;

    // The guest of a cell that lives has said what makes no sense.
    void broken_protocol(std::string_view complaint, std::string_view handler) noexcept;

  private:
    void tell(observed::AlarmKind kind, std::string_view text, std::string_view handler) noexcept;

    EventSource& events_;
    bool told_ = false;
};

}  // namespace curfew::sandbox

#endif
