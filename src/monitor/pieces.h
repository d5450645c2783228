// Work under monitors that comes in pieces, run by one thread at a time, whichever that is. It is one invocation: its monitors
// are started once, and what it uses adds up. Between pieces nothing of it runs, and it holds no thread:
//
//     Pieces pieces(options, {}, interrupt, &waker);
//     if (pieces.begin(monitors)) {
//         while (pieces.run(work) && it_waits && pieces.pause()) wait_for_what_it_waits_for();
//     }
//     const Verdict verdict = pieces.conclude();
//
// A monitor that fires between two pieces ends it: the waker is told, no further piece runs, and conclude() says why.
#ifndef CURFEW_SRC_MONITOR_PIECES_H
#define CURFEW_SRC_MONITOR_PIECES_H

#include <memory>
#include <optional>

#include <curfew/monitor/supervise.h>

#include "monitor/waker.h"

namespace curfew::monitor {

namespace detail {
class Supervision;
}

class Pieces {
  public:
    // What `options` points to, interrupt and waker must outlive it; its cpu_clock and meter must be there. `before`: what was
    // used before it goes on here, to be given to the meter as well (UsageMeter::go_on_from).
    Pieces(const SuperviseOptions& options, const Usage& before, InterruptRef interrupt, Waker* waker);
    ~Pieces();  // ends it, if need be
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;

    // Starts the monitors, which must outlive this as well. False: nothing is to be run, conclude() says why.
    [[nodiscard]] bool begin(MonitorList monitors);

    // Runs a piece. False: it has been ended, and the work was not run. What the work throws comes out of conclude().
    [[nodiscard]] bool run(WorkRef work);

    // After a piece that was not the last. False: it was ended during the piece.
    [[nodiscard]] bool pause() noexcept;

    // Whether a monitor or a kill has ended it, or it is concluded.
    bool ended() const noexcept;

    // Ends it while it waits, as a kill does.
    void kill() noexcept;

    // The end: after the last piece, and after any function that returned false. Once. No task of a monitor is left then.
    [[nodiscard]] Verdict conclude();

    // While it is not concluded.
    const Invocation& invocation() const noexcept;

  private:
    const SuperviseOptions options_;
    std::unique_ptr<detail::Supervision> supervision_;
};

}  // namespace curfew::monitor

#endif
