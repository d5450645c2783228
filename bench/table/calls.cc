// What a call of a cell costs beside what it rests on: two processes that hand each other the turn.
#include <memory>
#include <utility>

#include "base/cpus.h"
#include "cell/cell.h"
#include "table/echo_process.h"
#include "table/empty_cell.h"
#include "table/measure.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

Subject calls_of(EchoProcess& process) {
    return {.once = timed([&process]() -> Result<void> {
                process.call();
                return {};
            })};
}

Subject calls_of(cell::Cell& cell) {
    return {.once = timed([&cell] { return call_empty(cell); })};
}

}  // namespace

Result<std::vector<Row>> measure_blocking_call() {
    const base::BoundTo bound(base::allowed_cpus().front());
    auto process = EchoProcess::start(EchoProcess::Way::futex, base::allowed_cpus().front());
    if (!process) return std::unexpected(std::move(process.error()));
    auto cell = make_empty_cell(cell::Handover::block);
    if (!cell) return std::unexpected(std::move(cell.error()));

    auto measured = by_turns({.rounds = 400, .batch = 50, .warm_up = 100}, {calls_of(**cell), calls_of(**process)});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "call of an empty guest, blocking",
                           .beside = "futex round trip of two processes; all of it on one CPU",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.5}}};
}

Result<std::vector<Row>> measure_spinning_call() {
    const std::vector<int> cpus = base::allowed_cpus();
    if (cpus.size() < 2) {
        return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "spinning needs two CPUs."});
    }
    auto process = EchoProcess::start(EchoProcess::Way::spin, cpus[1]);
    if (!process) return std::unexpected(std::move(process.error()));
    auto cell = make_empty_cell(cell::Handover::spin);
    if (!cell) return std::unexpected(std::move(cell.error()));

    // The cell finds a place of its own, away from its caller, which stays free to run anywhere.
    Subject calls_of_cell = calls_of(**cell);
    std::unique_ptr<base::BoundTo> bound;
    Subject round_trips = calls_of(**process);
    round_trips.before_turn = [&] {
        bound = std::make_unique<base::BoundTo>(cpus[0]);
        (*process)->wake_up();
    };
    round_trips.after_turn = [&] {
        (*process)->sleep();
        bound.reset();
    };
    auto measured = by_turns({.rounds = 200, .batch = 100, .warm_up = 100}, {calls_of_cell, round_trips});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "call of an empty guest, spinning (a spare CPU)",
                           .beside = "spinning round trip of two processes on two CPUs",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 2}}};
}

}  // namespace curfew::bench
