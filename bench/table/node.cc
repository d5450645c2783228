// Cells of Node.js, beside an ordinary Node.js of the same version and beside cells of QuickJS-NG.
#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/node_process.h"
#include "table/node_programs.h"
#include "table/node_sandbox.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

using namespace std::chrono_literals;

struct Handler {
    const char* name;
    const char* source;
    double more;  // nanoseconds that a restore may add
};

constexpr std::array kHandlers{
    Handler{"redirect", "function handler(event) { event.request.uri = '/redirected.html'; return event; }", 60'000},
    Handler{"URL, Buffer and sha256",
            "import { createHash } from 'node:crypto'; export function handler(event) {"
            "const url = new URL(event.request.uri, 'http://example.org');"
            "return createHash('sha256').update(Buffer.from(url.pathname)).digest('hex'); }",
            90'000},
    Handler{"Response",
            "export async function handler(event) { return await new Response(JSON.stringify(event)).json(); }",
            130'000}};

}  // namespace

Result<std::vector<Row>> measure_node_computing() {
    const auto program = node_program();
    if (!program) return std::unexpected(program.error());
    const base::BoundTo bound(base::allowed_cpus().front());
    std::vector<Row> rows;
    for (const NodeProgram& each : kNodePrograms) {
        auto cell = load_on(Engine::node, each.script);
        if (!cell) return std::unexpected(std::move(cell.error()));
        auto small = load_on(Engine::quickjs, each.script);
        if (!small) return std::unexpected(std::move(small.error()));
        auto process = NodeProcess::start(*program, each.script);
        if (!process) return std::unexpected(std::move(process.error()));
        std::string in_cell, outside;
        const auto in = [&](LoadedSandbox& sandbox) {
            return [&]() -> Result<double> {
                auto done = sandbox.handle_event(kRedirectName, "null", std::tuple{}, kNoCollection);
                if (!done) return std::unexpected(std::move(done.error()));
                in_cell = std::move(done->result);
                return nanoseconds(done->usage.cpu_time);
            };
        };
        auto measured = by_turns({.rounds = 30, .warm_up = 5}, {{.once = in(*small)},
                                                                {.once = [&]() -> Result<double> {
                                                                    auto done = process->call();
                                                                    if (!done) return std::unexpected(done.error());
                                                                    outside = std::move(done->result);
                                                                    return done->cpu_time;
                                                                }},
                                                                {.once = in(*cell)}});
        if (!measured) return std::unexpected(std::move(measured.error()));
        if (in_cell != outside) {
            return std::unexpected(Error{.message = std::string(each.name) + " gives " + in_cell + " in a cell, but " +
                                                    outside + " in Node.js itself"});
        }
        const Figures here = summarize(std::move((*measured)[2]));
        const std::string what = std::string("Node.js: ") + each.name + ", CPU time";
        rows.push_back({.what = what,
                        .beside = "an ordinary Node.js of the same version",
                        .measured = here,
                        .bare = summarize(std::move((*measured)[1])),
                        .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.1}});
        rows.push_back({.what = what,
                        .beside = "the cell of QuickJS-NG",
                        .measured = here,
                        .bare = summarize(std::move((*measured)[0]))});
    }
    return rows;
}

Result<std::vector<Row>> measure_node_jitless() {
    const base::BoundTo bound(base::allowed_cpus().front());
    std::vector<Row> rows;
    for (const NodeProgram& each : kNodePrograms) {
        auto without = load_on(Engine::node, each.script, {.jitless = true});
        if (!without) return std::unexpected(std::move(without.error()));
        auto with = load_on(Engine::node, each.script);
        if (!with) return std::unexpected(std::move(with.error()));
        const auto in = [](LoadedSandbox& sandbox) {
            return [&]() -> Result<double> {
                auto done = sandbox.handle_event(kRedirectName, "null", std::tuple{}, kNoCollection);
                if (!done) return std::unexpected(std::move(done.error()));
                return nanoseconds(done->usage.cpu_time);
            };
        };
        auto measured = by_turns({.rounds = 10, .warm_up = 3}, {{.once = in(*without)}, {.once = in(*with)}});
        if (!measured) return std::unexpected(std::move(measured.error()));
        rows.push_back({.what = std::string("Node.js without its compiler: ") + each.name + ", CPU time",
                        .beside = "with it",
                        .measured = summarize(std::move((*measured)[0])),
                        .bare = summarize(std::move((*measured)[1]))});
    }
    auto without = load_on(Engine::node, kRedirect, {.jitless = true});
    if (!without) return std::unexpected(std::move(without.error()));
    auto with = load_on(Engine::node, kRedirect);
    if (!with) return std::unexpected(std::move(with.error()));
    auto measured =
        by_turns({.rounds = 100, .batch = 50, .warm_up = 3000},
                 {{.once = timed([&] { return call(*without); })}, {.once = timed([&] { return call(*with); })}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    rows.push_back({.what = "Node.js without its compiler: handle_event of the redirect handler",
                    .beside = "with it",
                    .measured = summarize(std::move((*measured)[0])),
                    .bare = summarize(std::move((*measured)[1]))});
    return rows;
}

Result<std::vector<Row>> measure_node_calls() {
    std::vector<Row> rows;
    for (const WaitMode mode : {WaitMode::automatic, WaitMode::spin}) {
        auto node = load_on(Engine::node, kRedirect, {.wait_mode = mode});
        if (!node) return std::unexpected(std::move(node.error()));
        auto quickjs = load_on(Engine::quickjs, kRedirect, {.wait_mode = mode});
        if (!quickjs) return std::unexpected(std::move(quickjs.error()));
        auto measured =
            by_turns({.rounds = 100, .batch = 50, .warm_up = 3000},
                     {{.once = timed([&] { return call(*node); })}, {.once = timed([&] { return call(*quickjs); })}});
        if (!measured) return std::unexpected(std::move(measured.error()));
        rows.push_back({.what = std::string("Node.js: handle_event of the redirect handler") +
                                (mode == WaitMode::spin ? ", spinning" : ""),
                        .beside = "the cell of QuickJS-NG",
                        .measured = summarize(std::move((*measured)[0])),
                        .bare = summarize(std::move((*measured)[1])),
                        .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.3}});
    }
    return rows;
}

Result<std::vector<Row>> measure_node_restore() {
    std::vector<Row> rows;
    for (const Handler& handler : kHandlers) {
        auto original = load_on(Engine::node, handler.source);
        if (!original) return std::unexpected(std::move(original.error()));
        const auto saved = warmed(*original);
        if (!saved) return std::unexpected(saved.error());
        auto restored = LoadedSandbox::from_snapshot(*saved);
        if (!restored) return std::unexpected(std::move(restored.error()));
        auto kept = LoadedSandbox::from_snapshot(*saved);
        if (!kept) return std::unexpected(std::move(kept.error()));
        auto measured = by_turns({.rounds = 100, .batch = 20, .warm_up = 200},
                                 {{.once = timed([&]() -> Result<void> {
                                       if (auto done = restored->restore(*saved); !done) return done;
                                       return call(*restored);
                                   })},
                                  {.once = timed([&] { return call(*kept); })}});
        if (!measured) return std::unexpected(std::move(measured.error()));
        rows.push_back({.what = std::string("Node.js: restore after ") + handler.name + ", and the next call",
                        .beside = "the next call alone",
                        .measured = summarize(std::move((*measured)[0])),
                        .bare = summarize(std::move((*measured)[1])),
                        .goal = {.kind = Goal::Kind::at_most_more, .limit = handler.more}});
    }
    return rows;
}

Result<std::vector<Row>> measure_node_cold_start() {
    auto node = load_on(Engine::node, kRedirect);
    if (!node) return std::unexpected(std::move(node.error()));
    auto quickjs = load_on(Engine::quickjs, kRedirect);
    if (!quickjs) return std::unexpected(std::move(quickjs.error()));
    const auto saved = warmed(*node), other = warmed(*quickjs);
    if (!saved || !other) return std::unexpected(saved ? other.error() : saved.error());
    std::vector<LoadedSandbox> started;
    std::vector<double> first_calls;
    const auto start = [&](const Snapshot& snapshot, bool note) {
        return [&, note]() -> Result<double> {
            const auto begin = Clock::now();
            auto sandbox = LoadedSandbox::from_snapshot(snapshot);
            if (!sandbox) return std::unexpected(std::move(sandbox.error()));
            const auto made = Clock::now();
            const auto called = call(*sandbox);
            const auto end = Clock::now();
            if (!called) return std::unexpected(called.error());
            started.push_back(std::move(*sandbox));
            if (note) first_calls.push_back(nanoseconds(end - made));
            return nanoseconds(end - begin);
        };
    };
    const auto settle = [] { std::this_thread::sleep_for(2ms); };
    const auto drop = [&] { started.clear(); };
    auto measured = by_turns({.rounds = 200, .warm_up = 10},
                             {{.once = start(*saved, true), .before_turn = settle, .after_turn = drop},
                              {.once = start(*other, false), .before_turn = settle, .after_turn = drop},
                              {.once = timed([&] { return call(*node); }), .before_turn = settle}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Figures whole = summarize(std::move((*measured)[0]));
    const std::string what = "Node.js: cold start, from a Snapshot to the first result";
    return std::vector{Row{.what = what, .measured = whole, .goal = {.kind = Goal::Kind::at_most, .limit = 1e6}},
                       Row{.what = what,
                           .beside = "the cell of QuickJS-NG",
                           .measured = whole,
                           .bare = summarize(std::move((*measured)[1]))},
                       Row{.what = "Node.js: first call of a new cell, of a warmed handler",
                           .beside = "a call of the warmed sandbox, after as long a pause",
                           .measured = summarize(std::move(first_calls)),
                           .bare = summarize(std::move((*measured)[2])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 2}}};
}

}  // namespace curfew::bench
