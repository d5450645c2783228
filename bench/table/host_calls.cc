// What a call of a host function costs a handler, beside the bare change of turns that it rests on.
#include <string>
#include <utility>

#include <curfew/host_module.h>
#include <curfew/sandbox.h>

#include "base/cpus.h"
#include "table/empty_cell.h"
#include "table/measure.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr int kCalls = 1000;  // in one invocation, so that the invocation's own cost does not show

Result<LoadedSandbox> load_adder(HostThread thread) {
    auto proto = SandboxBuilder().without_default_wall_limit().with_host_thread(thread).build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    proto->host_module("math").add("add", [](double a, double b) { return a + b; });
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const char* source = R"(
        import {add} from "math";
        export function handler(calls) {
            let sum = 0;
            for (let i = 0; i < calls; ++i) sum = add(sum, i);
            return sum;
        })";
    if (auto added = sandbox->add_handler("adder", Script::from_content(source)); !added) {
        return std::unexpected(std::move(added.error()));
    }
    return std::move(*sandbox).load();
}

}  // namespace

Result<std::vector<Row>> measure_host_call() {
    const base::BoundTo bound(base::allowed_cpus().front());
    auto adder = load_adder(HostThread::callers);
    if (!adder) return std::unexpected(std::move(adder.error()));
    auto kept = load_adder(HostThread::kept);
    if (!kept) return std::unexpected(std::move(kept.error()));
    auto cell = make_empty_cell(cell::Handover::block);
    if (!cell) return std::unexpected(std::move(cell.error()));

    const auto each_host_call = [](LoadedSandbox& sandbox) {
        return [all = timed(
                    [&sandbox] { return sandbox.handle_event("adder", std::to_string(kCalls)); })]() -> Result<double> {
            auto time = all();
            if (time) *time /= kCalls;
            return time;
        };
    };
    const auto each_cell_call = [all = timed([&cell]() -> Result<void> {
                                     for (int i = 0; i < kCalls; ++i) {
                                         if (auto done = call_empty(**cell); !done)
                                             return std::unexpected(done.error());
                                     }
                                     return {};
                                 })]() -> Result<double> {
        auto time = all();
        if (time) *time /= kCalls;
        return time;
    };
    auto measured =
        by_turns({.rounds = 50, .batch = 1, .warm_up = 3},
                 {{.once = each_host_call(*adder)}, {.once = each_cell_call}, {.once = each_host_call(*kept)}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Figures on_callers = summarize(std::move((*measured)[0]));
    return std::vector{Row{.what = "host call with two numbers, on the caller's thread",
                           .beside = "call of an empty guest, blocking",
                           .measured = on_callers,
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_more, .limit = 3000}},
                       Row{.what = "host call with two numbers, on a kept thread",
                           .beside = "on the caller's thread",
                           .measured = summarize(std::move((*measured)[2])),
                           .bare = on_callers}};
}

}  // namespace curfew::bench
