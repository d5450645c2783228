// What an asynchronous host function costs beside one that its caller waits for, and how calls run side by side.
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <curfew/host_module.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr int kCalls = 1000;  // in one invocation, so that the invocation's own cost does not show
constexpr std::chrono::milliseconds kToolTime{100};

// Handlers that call a function so many times, and wait for each; and one that calls so many tools side by side.
Result<LoadedSandbox> load_callers() {
    auto proto = SandboxBuilder().without_default_wall_limit().build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    proto->host_module("math")
        .add("add", [](double a, double b) { return a + b; })
        .add_async("add_async", [](double a, double b, Reply<double> reply) { reply.send(a + b); })
        .add_async("tool", [](Reply<void> reply) {
            std::thread([reply = std::move(reply)]() mutable {
                std::this_thread::sleep_for(kToolTime);
                reply.send();
            }).detach();
        });
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const std::string import = "import {add, add_async, tool} from 'math';";
    const std::pair<const char*, const char*> handlers[] = {
        {"plain",
         "async function handler(n) { let sum = 0; for (let i = 0; i < n; ++i) sum = add(sum, i); return sum; }"},
        {"async",
         "async function handler(n) { let sum = 0; for (let i = 0; i < n; ++i) sum = await add_async(sum, i); return "
         "sum; }"},
        {"tools", "async function handler(n) { await Promise.all(Array.from({length: n}, () => tool())); return n; }"}};
    for (const auto& [name, source] : handlers) {
        if (auto added = sandbox->add_handler(name, Script::from_content(import + source, name)); !added) {
            return std::unexpected(std::move(added.error()));
        }
    }
    return std::move(*sandbox).load();
}

// One of a number of calls that one event makes.
std::function<Result<double>()> each_of(LoadedSandbox& sandbox, const char* handler, int calls) {
    return [all = timed(
                [&sandbox, handler, event = std::to_string(calls)] { return sandbox.handle_event(handler, event); }),
            calls]() -> Result<double> {
        auto time = all();
        if (time) *time /= calls;
        return time;
    };
}

std::function<Result<double>()> event(LoadedSandbox& sandbox, const char* handler, int number) {
    return timed([&sandbox, handler, event = std::to_string(number)] { return sandbox.handle_event(handler, event); });
}

}  // namespace

Result<std::vector<Row>> measure_async_call() {
    const base::BoundTo bound(base::allowed_cpus().front());
    auto callers = load_callers();
    if (!callers) return std::unexpected(std::move(callers.error()));
    auto measured = by_turns({.rounds = 50, .batch = 1, .warm_up = 3}, {{.once = each_of(*callers, "async", kCalls)},
                                                                        {.once = each_of(*callers, "plain", kCalls)}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "async host call that is answered at once",
                           .beside = "the same, of a function that the handler waits for",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.5}}};
}

Result<std::vector<Row>> measure_async_tools() {
    auto callers = load_callers();
    if (!callers) return std::unexpected(std::move(callers.error()));
    auto measured = by_turns({.rounds = 10, .batch = 1, .warm_up = 1},
                             {{.once = event(*callers, "tools", 3)}, {.once = event(*callers, "tools", 1)}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "three async tools of 100 ms in Promise.all",
                           .beside = "one",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.1}}};
}

}  // namespace curfew::bench
