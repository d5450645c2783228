#include <chrono>
#include <iostream>
#include <tuple>

#include <curfew/curfew.h>

using namespace std::chrono_literals;

// One sandbox, one handler that greets people and, asked for nobody, never comes back.
curfew::Result<curfew::LoadedSandbox> load_greeter() {
    auto proto = curfew::SandboxBuilder().with_heap_size(16 << 20).build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    auto added = sandbox->add_handler("greet", curfew::Script::from_content(R"(
        export function handler({ name }) {
            while (!name) {}
            return { greeting: `Hello, ${name}!` };
        })"));
    if (!added) return std::unexpected(added.error());
    return std::move(*sandbox).load(curfew::WallClockMonitor(1s));
}

int main() {
    auto sandbox = load_greeter();
    if (!sandbox) {
        std::cerr << sandbox.error().message << '\n';
        return 1;
    }
    const auto fresh = sandbox->snapshot();
    if (!fresh) return 1;

    // The first limit that is reached ends the call, wherever the handler is.
    const std::tuple limits{curfew::CpuTimeMonitor(100ms), curfew::WallClockMonitor(1s)};
    for (const char* event : {R"({"name":"World"})", "{}", R"({"name":"again"})"}) {
        const auto done = sandbox->handle_event("greet", event, limits);
        if (done) {
            std::cout << done->result << '\n';
        } else {
            std::cout << "ended by " << done.error().terminated_by << '\n';
            if (!sandbox->restore(*fresh)) return 1;  // as if that call had never been
        }
    }
}
