// What a whole call of a handler costs: JSON in, JavaScript, JSON out.
#include <chrono>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/empty_cell.h"
#include "table/measure.h"
#include "table/native_engine.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

// The redirect handler in the host's own process.
std::function<Result<double>()> timed_call_of(NativeEngine& engine, bool collect_garbage) {
    return timed([&engine, collect_garbage]() -> Result<void> {
        Result<std::string> result = engine.call(kRedirectEvent);
        if (!result) return std::unexpected(std::move(result.error()));
        if (*result != kRedirectResult) return std::unexpected(Error{.message = "a wrong result: " + *result});
        if (collect_garbage) engine.collect_garbage();
        return {};
    });
}

constexpr const char* kNativeCall = "the same in the host's process, by QuickJS-NG's C API";

struct Measured {
    Figures event;
    Figures empty;   // a call of an empty guest
    Figures native;  // the same as the event, in the host's process
};

Result<Measured> measure_events_with(bool collect_garbage) {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> sandbox = load_redirect();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    auto cell = make_empty_cell(cell::Handover::block);
    if (!cell) return std::unexpected(std::move(cell.error()));
    Result<NativeEngine> engine = NativeEngine::load(kRedirect);
    if (!engine) return std::unexpected(std::move(engine.error()));

    const CallOptions options{.collect_garbage = collect_garbage};
    auto measured = by_turns({.rounds = 300, .batch = 20, .warm_up = 200},
                             {{.once = timed([&] { return call_redirect(*sandbox, options); })},
                              {.once = timed([&] { return call_empty(**cell); })},
                              {.once = timed_call_of(*engine, collect_garbage)}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return Measured{.event = summarize(std::move((*measured)[0])),
                    .empty = summarize(std::move((*measured)[1])),
                    .native = summarize(std::move((*measured)[2]))};
}

}  // namespace

Result<std::vector<Row>> measure_events() {
    const Result<Measured> without = measure_events_with(false);
    if (!without) return std::unexpected(without.error());
    const Result<Measured> with = measure_events_with(true);
    if (!with) return std::unexpected(with.error());

    // The goal is meant for machines on which the engine by itself takes at most so long.
    constexpr double kFastEngine = 5'000;
    const Goal goal =
        without->native.median <= kFastEngine ? Goal{.kind = Goal::Kind::at_most_more, .limit = 10'000} : Goal{};
    std::vector<Row> rows;
    for (const bool collects : {false, true}) {
        const Measured& measured = collects ? *with : *without;
        const std::string what =
            std::string("handle_event of the redirect handler, ") + (collects ? "with GC" : "without GC");
        rows.push_back({.what = what,
                        .beside = "call of an empty guest",
                        .measured = measured.event,
                        .bare = measured.empty,
                        .goal = goal});
        rows.push_back({.what = what, .beside = kNativeCall, .measured = measured.event, .bare = measured.native});
    }
    return rows;
}

Result<std::vector<Row>> measure_spinning_event() {
    if (base::allowed_cpus().size() < 2) {
        return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "spinning needs two CPUs."});
    }
    Result<LoadedSandbox> sandbox = load_redirect(WaitMode::spin);
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    Result<NativeEngine> engine = NativeEngine::load(kRedirect);
    if (!engine) return std::unexpected(std::move(engine.error()));

    // The cell finds a place of its own, away from its caller, which stays free to run anywhere.
    const CallOptions options{.collect_garbage = false};
    auto measured = by_turns({.rounds = 200, .batch = 50, .warm_up = 200},
                             {{.once = timed([&] { return call_redirect(*sandbox, options); })},
                              {.once = timed_call_of(*engine, options.collect_garbage)}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "handle_event of the redirect handler, WaitMode::spin (a spare CPU)",
                           .beside = kNativeCall,
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1]))}};
}

Result<std::vector<Row>> measure_monitors() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> sandbox = load_redirect();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));

    const std::tuple monitors{WallClockMonitor(std::chrono::seconds(1)), CpuTimeMonitor(std::chrono::seconds(1))};
    auto measured =
        by_turns({.rounds = 400, .batch = 20, .warm_up = 200},
                 {{.once = timed([&] { return sandbox->handle_event(kRedirectName, kRedirectEvent, monitors); })},
                  {.once = timed([&] { return sandbox->handle_event(kRedirectName, kRedirectEvent); })}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "handle_event with WallClock+CpuTime monitors",
                           .beside = "handle_event without monitors",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.05}}};
}

}  // namespace curfew::bench
