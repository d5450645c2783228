// What isolation costs that is not on by default: coarse clocks, and restores that leave nothing.
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

Result<LoadedSandbox> load_redirect_with(const SandboxBuilder& builder) {
    Result<ProtoSandbox> proto = builder.build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    Result<void> added = sandbox->add_handler(std::string(kRedirectName), Script::from_content(std::string(kRedirect)));
    if (!added) return std::unexpected(std::move(added.error()));
    return std::move(*sandbox).load();
}

// A sandbox that goes back to where it started from.
struct Restored {
    LoadedSandbox sandbox;
    Snapshot start;

    static Result<Restored> make(const SandboxBuilder& builder) {
        Result<LoadedSandbox> original = load_redirect_with(builder);
        if (!original) return std::unexpected(std::move(original.error()));
        Result<Snapshot> start = original->snapshot();
        if (!start) return std::unexpected(std::move(start.error()));
        Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*start);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        return Restored{.sandbox = std::move(*sandbox), .start = std::move(*start)};
    }

    // The call that leaves something to go back from is not measured.
    Result<double> once() {
        const CallOptions kWithoutCollection{.collect_garbage = false};
        if (Result<void> before = call_redirect(sandbox, kWithoutCollection); !before) {
            return std::unexpected(std::move(before.error()));
        }
        const auto begin = Clock::now();
        Result<void> done = sandbox.restore(start);
        if (done) done = call_redirect(sandbox, kWithoutCollection);
        const auto end = Clock::now();
        if (!done) return std::unexpected(std::move(done.error()));
        return nanoseconds(end - begin);
    }
};

}  // namespace

Result<std::vector<Row>> measure_strict_calls() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> strict = load_redirect_with(SandboxBuilder().with_side_channels(SideChannels::strict));
    if (!strict) return std::unexpected(std::move(strict.error()));
    Result<LoadedSandbox> barrier =
        load_redirect_with(SandboxBuilder().with_branch_barrier(BranchBarrier::where_possible));
    if (!barrier) return std::unexpected(std::move(barrier.error()));
    Result<LoadedSandbox> basic = load_redirect_with(SandboxBuilder());
    if (!basic) return std::unexpected(std::move(basic.error()));
    auto measured = by_turns({.rounds = 300, .batch = 20, .warm_up = 200},
                             {{.once = timed([&] { return call_redirect(*strict); })},
                              {.once = timed([&] { return call_redirect(*barrier); })},
                              {.once = timed([&] { return call_redirect(*basic); })}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Figures beside = summarize(std::move((*measured)[2]));
    return std::vector{Row{.what = "handle_event with SideChannels::strict",
                           .beside = "handle_event with SideChannels::basic",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = beside},
                       Row{.what = "handle_event with a branch barrier, where possible",
                           .beside = "handle_event without",
                           .measured = summarize(std::move((*measured)[1])),
                           .bare = beside}};
}

Result<std::vector<Row>> measure_strict_restore() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<Restored> all = Restored::make(SandboxBuilder().with_strict_isolation());
    if (!all) return std::unexpected(std::move(all.error()));
    Result<Restored> pages = Restored::make(SandboxBuilder().with_restore_mode(RestoreMode::strict));
    if (!pages) return std::unexpected(std::move(pages.error()));
    Result<Restored> fast = Restored::make(SandboxBuilder());
    if (!fast) return std::unexpected(std::move(fast.error()));
    auto measured = by_turns({.rounds = 2000, .warm_up = 50}, {{.once = [&] { return pages->once(); }},
                                                               {.once = [&] { return all->once(); }},
                                                               {.once = [&] { return fast->once(); }}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Figures beside = summarize(std::move((*measured)[2]));
    constexpr const char* kBeside = "the same by default";
    return std::vector{Row{.what = "restore with RestoreMode::strict, and the next call",
                           .beside = kBeside,
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = beside},
                       Row{.what = "restore with all strict isolation, and the next call",
                           .beside = kBeside,
                           .measured = summarize(std::move((*measured)[1])),
                           .bare = beside}};
}

}  // namespace curfew::bench
