// What it costs to pass the same event and result as CBOR and as JSON: a handler gives back what it gets.
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/curfew.h>
#include <curfew/value.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr const char* kEcho = "echo";

// Customers, as an API would list them.
Value customers(int count) {
    Value::Array list;
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        list.emplace_back(Value::Object{
            {"id", i},
            {"name", "Customer number " + number},
            {"email", "user" + number + "@example.com"},
            {"active", i % 3 == 0},
            {"score", i * 1.25},
            {"tags", Value::Array{"red", "green", "blue"}},
            {"address", Value::Object{{"street", "Main Street " + number}, {"zip", "10100"}, {"city", "Vienna"}}}});
    }
    return Value::Object{{"items", std::move(list)}};
}

Result<LoadedSandbox> load_echo(Engine engine) {
    auto proto = SandboxBuilder()
                     .with_engine(engine)
                     .with_heap_size(std::uint64_t{64} << 20)
                     .without_default_wall_limit()
                     .build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    auto added = sandbox->add_handler(kEcho, Script::from_content("export const handler = (event) => event;"));
    if (!added) return std::unexpected(std::move(added.error()));
    return std::move(*sandbox).load();
}

Result<void> call(LoadedSandbox& sandbox, std::string_view event, ValueFormat format) {
    const auto done = sandbox.handle_event(kEcho, event, std::tuple{}, {.collect_garbage = false, .format = format});
    if (!done) return std::unexpected(done.error());
    if (done->result.size() != event.size()) return std::unexpected(Error{.message = "it came back in another size"});
    return {};
}

Result<Row> measure_size(LoadedSandbox& sandbox, int count, std::string what, Turns rounds) {
    const Value event = customers(count);
    const auto json = event.to_json();
    const auto cbor = event.to_cbor();
    if (!json) return std::unexpected(json.error());
    if (!cbor) return std::unexpected(cbor.error());
    auto measured = by_turns(rounds, {{.once = timed([&] { return call(sandbox, *cbor, ValueFormat::cbor); })},
                                      {.once = timed([&] { return call(sandbox, *json, ValueFormat::json); })}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return Row{.what = std::move(what),
               .beside = "the same as JSON",
               .measured = summarize(std::move((*measured)[0])),
               .bare = summarize(std::move((*measured)[1])),
               .goal = {.kind = Goal::Kind::at_most_times, .limit = 1.0}};
}

Result<std::vector<Row>> measure_on(Engine engine, const std::string& behind) {
    const base::BoundTo bound(base::allowed_cpus().front());
    auto sandbox = load_echo(engine);
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    auto small = measure_size(*sandbox, 5, "an event of 1 KiB as CBOR, and back" + behind,
                              {.rounds = 200, .batch = 10, .warm_up = 3000});
    if (!small) return std::unexpected(std::move(small.error()));
    auto large = measure_size(*sandbox, 5600, "an event of 1 MiB as CBOR, and back" + behind,
                              {.rounds = 20, .batch = 1, .warm_up = 10});
    if (!large) return std::unexpected(std::move(large.error()));
    return std::vector<Row>{std::move(*small), std::move(*large)};
}

}  // namespace

Result<std::vector<Row>> measure_values() { return measure_on(Engine::quickjs, ""); }
Result<std::vector<Row>> measure_node_values() { return measure_on(Engine::node, ", on Node.js"); }

}  // namespace curfew::bench
