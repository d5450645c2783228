// How fast JavaScript runs in a cell, beside the same engine in the host's own process. Counted in CPU time, by the
// kernel's account on both sides: these programs do nothing but compute, and so the figures hold on a busy machine too.
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/cpus.h"
#include "table/measure.h"
#include "table/native_engine.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

struct Program {
    const char* name;
    const char* script;
    std::size_t rounds;
};

constexpr std::array kPrograms{Program{"fib(30)", R"(
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function handler(event) { return fib(30); })",
                                       25},
                               Program{"a JSON round-trip loop", R"(
function handler(event) {
    let value = { list: [] };
    for (let i = 0; i < 40; ++i) {
        value.list.push({ id: i, name: "item " + i, price: i * 1.25, tags: ["a", "b", "c"], sold: i % 2 === 0 });
    }
    let length = 0;
    for (let i = 0; i < 400; ++i) {
        const text = JSON.stringify(value);
        length += text.length;
        value = JSON.parse(text);
    }
    return length;
})",
                                       50},
                               Program{"sort, map and reduce over arrays", R"(
function handler(event) {
    let seed = 12345;
    const numbers = [];
    for (let i = 0; i < 20000; ++i) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        numbers.push(seed);
    }
    let total = 0;
    for (let i = 0; i < 3; ++i) {
        const sorted = numbers.slice().sort((a, b) => a - b);
        const pairs = sorted.map((value, index) => ({ value, index }));
        total += pairs.filter((pair) => pair.value % 2 === 1).reduce((sum, pair) => sum + pair.index, 0);
    }
    return total;
})",
                                       50}};

// Runs in a second of CPU time.
Figures speed(std::vector<double> times) {
    for (double& time : times) time = 1e9 / time;
    return summarize_rates(std::move(times));
}

Result<Row> measure_program(const Program& program) {
    Result<LoadedSandbox> sandbox = load_handler("program", program.script);
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    Result<NativeEngine> engine = NativeEngine::load(program.script);
    if (!engine) return std::unexpected(std::move(engine.error()));

    // Both collect garbage only when the engine itself finds it time to.
    const CallOptions options{.collect_garbage = false};
    std::string in_cell;
    std::string native;
    auto measured =
        by_turns({.rounds = program.rounds, .warm_up = 2}, {{.once = [&]() -> Result<double> {
                                                                Result<EventResult> done = sandbox->handle_event(
                                                                    "program", "null", std::tuple{}, options);
                                                                if (!done)
                                                                    return std::unexpected(std::move(done.error()));
                                                                in_cell = std::move(done->result);
                                                                return nanoseconds(done->usage.cpu_time);
                                                            }},
                                                            {.once = [&]() -> Result<double> {
                                                                const auto before = base::thread_cpu_time();
                                                                Result<std::string> done = engine->call("null");
                                                                const auto used = base::thread_cpu_time() - before;
                                                                if (!done)
                                                                    return std::unexpected(std::move(done.error()));
                                                                native = std::move(*done);
                                                                return nanoseconds(used);
                                                            }}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    if (in_cell != native) {
        return std::unexpected(Error{.message = std::string(program.name) + " gives " + in_cell + " in a cell, but " +
                                                native + " in the host's process"});
    }
    return Row{.what = std::string(program.name) + ", runs per CPU second",
               .beside = "the same in the host's process, the same compiler flags",
               .unit = Unit::per_second,
               .measured = speed(std::move((*measured)[0])),
               .bare = speed(std::move((*measured)[1])),
               .goal = {.kind = Goal::Kind::at_least_times, .limit = 0.97}};
}

}  // namespace

Result<std::vector<Row>> measure_computing() {
    const base::BoundTo bound(base::allowed_cpus().front());  // and with it both sides
    std::vector<Row> rows;
    for (const Program& program : kPrograms) {
        Result<Row> row = measure_program(program);
        if (!row) return std::unexpected(std::move(row.error()));
        rows.push_back(std::move(*row));
    }
    return rows;
}

}  // namespace curfew::bench
