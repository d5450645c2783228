// What it costs to roll a sandbox back after every call.
#include <string>
#include <utility>

#include "base/cpus.h"
#include "table/empty_cell.h"
#include "table/measure.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

Result<std::vector<Row>> measure_restore() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> sandbox = load_redirect();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const Result<Snapshot> start = sandbox->snapshot();
    if (!start) return std::unexpected(start.error());
    // A sandbox goes back fastest to what its cell started from; so the first restore, which starts a cell
    // there, and another one are not measured.
    for (int i = 0; i < 2; ++i) {
        if (Result<void> restored = sandbox->restore(*start); !restored) return std::unexpected(restored.error());
        if (Result<void> called = call_redirect(*sandbox); !called) return std::unexpected(called.error());
    }
    auto cell = make_empty_cell(cell::Handover::block);
    if (!cell) return std::unexpected(std::move(cell.error()));

    // The call that leaves something to roll back is not measured.
    const auto go_on = [&](bool restores) -> Result<double> {
        if (Result<void> before = call_redirect(*sandbox); !before) return std::unexpected(before.error());
        const auto begin = Clock::now();
        Result<void> done;
        if (restores) done = sandbox->restore(*start);
        if (done) done = call_redirect(*sandbox);
        const auto end = Clock::now();
        if (!done) return std::unexpected(std::move(done.error()));
        return nanoseconds(end - begin);
    };
    auto measured = by_turns({.rounds = 2000, .warm_up = 50}, {{.once = [&] { return go_on(true); }},
                                                               {.once = [&] { return go_on(false); }},
                                                               {.once = timed([&]() -> Result<void> {
                                                                    if (Result<void> first = call_empty(**cell); !first)
                                                                        return first;
                                                                    return call_empty(**cell);
                                                                })}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Figures with_restore = summarize(std::move((*measured)[0]));
    const std::string what = "restore after the redirect handler, and its next call";
    return std::vector{Row{.what = what,
                           .beside = "two calls of an empty guest",
                           .measured = with_restore,
                           .bare = summarize(std::move((*measured)[2])),
                           .goal = {.kind = Goal::Kind::at_most_more, .limit = 60'000}},
                       Row{.what = what,
                           .beside = "its next call without a restore",
                           .measured = with_restore,
                           .bare = summarize(std::move((*measured)[1]))}};
}

}  // namespace curfew::bench
