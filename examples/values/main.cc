// Values that JSON cannot hold, into a handler and out of it.
#include <iostream>

#include <curfew/curfew.h>
#include <curfew/value.h>

int main() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::cerr << proto.error().message << '\n', 1;
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::cerr << sandbox.error().message << '\n', 1;
    const auto added = sandbox->add_handler("count", curfew::Script::from_content(R"(
        export function handler({ picture, since, wanted }) {
          const counts = new Map();
          for (const byte of picture) counts.set(byte, (counts.get(byte) ?? 0n) + 1n);
          return { counts, until: new Date(since.getTime() + 60_000), missing: wanted.filter((byte) => !counts.has(byte)) };
        })"));
    if (!added) return std::cerr << added.error().message << '\n', 1;
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::cerr << loaded.error().message << '\n', 1;

    const std::vector<std::byte> picture{std::byte{7}, std::byte{9}, std::byte{7}};
    const curfew::Value event = curfew::Value::Object{
        {"picture", picture}, {"since", curfew::Value::Date{0}}, {"wanted", curfew::Value::Array{7, 8}}};
    const auto done = loaded->handle_event("count", event);
    if (!done) return std::cerr << done.error().message << '\n', 1;

    if (const auto* counts = done->result["counts"].get_if<curfew::Value::Map>()) {
        for (const auto& [byte, count] : counts->entries) {
            const auto* number = count.get_if<curfew::Value::BigInt>();
            std::cout << *byte.get_if<double>() << ": " << std::to_integer<int>(number->magnitude.back()) << '\n';
        }
    }
    std::cout << "until " << *done->result["until"].to_json() << ", missing " << *done->result["missing"].to_json()
              << '\n';
    std::cout << done->result.to_json().error().message << '\n';
}
