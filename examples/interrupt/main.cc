// Ends an invocation from another thread, and goes on with the same sandbox.
#include <iostream>
#include <latch>
#include <thread>

#include <curfew/curfew.h>

int main() {
    std::latch handler_runs(1);
    auto proto = curfew::SandboxBuilder()
                     .with_print([&](curfew::PrintLevel, std::string_view) { handler_runs.count_down(); })
                     .build();
    if (!proto) return 1;
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return 1;
    if (!sandbox->add_handler("patient", curfew::Script::from_content(R"(
            export function handler(forever) {
                if (!forever) return "done";
                console.log("here I stay");
                for (;;);
            })"))) {
        return 1;
    }
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return 1;
    const auto fresh = loaded->snapshot();
    if (!fresh) return 1;

    // A copy of the handle may be used from any thread, and may outlive the sandbox.
    std::thread operator_console([&handler_runs, handle = loaded->interrupt_handle()] {
        handler_runs.wait();
        std::cout << (handle.kill() ? "killed it\n" : "nothing ran\n");
    });
    const auto ended = loaded->handle_event("patient", "true");
    operator_console.join();
    if (ended) return 1;
    std::cout << "ended by " << ended.error().terminated_by << '\n';

    // When nothing runs, a kill does nothing; it never reaches a later call.
    std::cout << (loaded->interrupt_handle().kill() ? "killed it\n" : "nothing ran\n");
    if (!loaded->restore(*fresh)) return 1;
    const auto done = loaded->handle_event("patient", "false");
    std::cout << (done ? done->result : done.error().message) << '\n';
}
