// Several handlers in one sandbox: they share its JavaScript heap, and each is called by its name.
#include <chrono>
#include <iostream>
#include <string>

#include <curfew/curfew.h>

using namespace std::chrono_literals;

constexpr const char* kAdd = "export function handler({ a, b }) { return a + b; }";
constexpr const char* kDivide = R"(
    export function handler({ a, b }) {
        if (b === 0) throw new RangeError("division by zero");
        return a / b;
    })";

curfew::Result<curfew::LoadedSandbox> load_calculator() {
    auto proto =
        curfew::SandboxBuilder().with_default_monitors({curfew::AnyMonitor(curfew::CpuTimeMonitor(1s))}).build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    // Loaded in this order. The second argument of from_content is the name in stack traces.
    if (auto added = sandbox->add_handler("add", curfew::Script::from_content(kAdd, "add.js")); !added)
        return std::unexpected(added.error());
    if (auto added = sandbox->add_handler("divide", curfew::Script::from_content(kDivide, "divide.js")); !added)
        return std::unexpected(added.error());
    return std::move(*sandbox).load();
}

int main() {
    auto calculator = load_calculator();
    if (!calculator) {
        std::cerr << calculator.error().message << '\n';
        return 1;
    }
    const struct {
        const char* handler;
        const char* event;
    } requests[] = {{"add", R"({"a":2,"b":40})"},
                    {"divide", R"({"a":1,"b":8})"},
                    {"divide", R"({"a":1,"b":0})"},  // the handler throws: an error, and the sandbox goes on
                    {"multiply", "{}"},
                    {"add", R"({"a":"4","b":2})"}};
    for (const auto& [handler, event] : requests) {
        const auto done = calculator->handle_event(handler, event);
        if (done) {
            std::cout << handler << ": " << done->result << '\n';
        } else {
            std::cout << handler << ": " << to_string(done.error().code) << ": " << done.error().message << '\n'
                      << done.error().stack << (done.error().stack.empty() ? "" : "\n");
        }
    }
}
