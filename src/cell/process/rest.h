// Keeps watch over guests that have nothing to do: they must not use the CPU between calls, where nobody is charged for it.
//
// A guest that rests is looked at twice a second by a thread that all cells share, until the kernel says that it waits for
// its turn: then it sleeps, and goes on sleeping until it is woken. While nobody rests awake, that thread sleeps as well.
#ifndef CURFEW_CELL_PROCESS_REST_H
#define CURFEW_CELL_PROCESS_REST_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/intrusive_list.h"
#include "cell/death.h"
#include "cell/process/handshake.h"
#include "cell/process/spawner.h"

namespace curfew::cell {

class RestWatch;

// The rest of one cell's guest. Used by the thread that uses the cell.
class Rest {
  public:
    // All must outlive this.
    Rest(Handshake& handshake, CellProcess& process) noexcept : handshake_(handshake), process_(process) {}
    Rest(const Rest&) = delete;
    Rest& operator=(const Rest&) = delete;
    ~Rest();

    // The guest has just given the turn away, or was seen to sleep.
    void note_end_of_turn() noexcept;

    // From now on the guest must use no more of the CPU than it had used at the end of its turn, which is given.
    void begin(std::chrono::nanoseconds cpu_time) noexcept;

    // The end of the rest, if there is one: what the cell is to be killed for, or was already; `none` as a rule.
    DeathKind end() noexcept;

    // Of a guest that has given the turn to the host, at rest or not. Looks whether it sleeps, if nobody has for long; what the
    // cell is to be killed for, or `none`. A guest that is on its way to sleep is waited for.
    DeathKind look_if_unwatched() noexcept;

    // What the thread that watches has killed the cell for; `none` if it has not.
    DeathKind found() const noexcept { return found_.load(std::memory_order_acquire); }

  private:
    friend class RestWatch;

    // `word_` counts begins and ends, so that who has looked knows whether it is still the same rest.
    enum Phase : std::uint64_t { kAwake, kResting, kAsleep, kPhases };
    static Phase phase(std::uint64_t word) noexcept { return static_cast<Phase>(word % kPhases); }
    std::uint64_t next(Phase phase) const noexcept {
        return (word_.load(std::memory_order_relaxed) / kPhases + 1) * kPhases + phase;
    }

    bool resting() const noexcept { return phase(word_.load(std::memory_order_seq_cst)) == kResting; }

    bool begin_watched(std::chrono::nanoseconds most) noexcept;
    DeathKind look_if_unwatched(std::optional<std::chrono::nanoseconds> most) noexcept;

    // On the watching thread. False if the cell had to be killed and could not be.
    bool look() noexcept;

    Handshake& handshake_;
    CellProcess& process_;
    std::atomic<std::uint64_t> word_ = kAwake;
    std::atomic<std::int64_t> most_ = 0;
    std::atomic<DeathKind> found_ = DeathKind::none;
    std::chrono::nanoseconds parked_at_{};        // by coarse_now(), as the next two
    std::chrono::nanoseconds watched_at_{};       // when the thread that uses the cell last looked whether it sleeps
    std::chrono::nanoseconds written_down_at_{};  // when what the guest had used was last known to the nanosecond
    bool known_exactly_ = false;                  // so it was at the end of the guest's turn
    RestWatch* watch_ = nullptr;                  // whose list this is in
    base::ListLink<Rest> link_;
};

}  // namespace curfew::cell

#endif
