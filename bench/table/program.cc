// What a program of ten lines takes, from its text to its result in a clean state.
#include <string_view>
#include <tuple>
#include <utility>

#include <curfew/sandbox.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

// The one that bench/node/measure.mjs gives to others.
constexpr std::string_view kProgram =
    R"(const people = [{ name: 'Ada', age: 36 }, { name: 'Alan', age: 41 }, { name: 'Grace', age: 85 }];
const byAge = (limit) => people.filter((one) => one.age > limit);
async function greet({ name }) {
  return `Hello, ${name}!`;
}
const greetings = await Promise.all(byAge(40).map(greet));
const ages = Object.fromEntries(people.map(({ name, age }) => [name, age]));
let total = 0;
for (const age of Object.values(ages)) total += age;
return { greetings, total, text: JSON.stringify(ages) };
)";

}  // namespace

Result<std::vector<Row>> measure_program() {
    const base::BoundTo bound(base::allowed_cpus().front());
    auto proto = SandboxBuilder().build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    auto started = std::move(*proto).load_runtime();
    if (!started) return std::unexpected(std::move(started.error()));
    auto sandbox = std::move(*started).load_without_handlers();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const auto start = sandbox->snapshot();
    if (!start) return std::unexpected(start.error());
    // A restore follows, so that there is nothing to collect.
    const auto evaluate = [&]() -> Result<void> {
        const auto done = sandbox->evaluate(kProgram, std::tuple(), {.collect_garbage = false});
        if (!done) return std::unexpected(done.error());
        return {};
    };
    const auto once = [&](bool restores) -> Result<double> {
        const auto begin = Clock::now();
        Result<void> done;
        if (restores) done = sandbox->restore(*start);
        if (done) done = evaluate();
        const auto end = Clock::now();
        if (!done) return std::unexpected(std::move(done.error()));
        return nanoseconds(end - begin);
    };
    auto measured = by_turns({.rounds = 1000, .warm_up = 50},
                             {{.once = [&] { return once(true); }}, {.once = [&] { return once(false); }}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "a program of ten lines, from text to result in a clean state",
                           .beside = "the same without the restore",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most, .limit = 700'000}}};
}

}  // namespace curfew::bench
