// What a program, or a shared object that is loaded at run time, does with Curfew.
#include <chrono>
#include <string>
#include <tuple>
#include <utility>

#include <curfew/curfew.h>

using namespace std::chrono_literals;

namespace {

// Calls a handler that ends, and one that does not.
curfew::Result<std::string> call() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::unexpected(proto.error());
    proto->host_module("numbers").add("twice", [](int number) { return 2 * number; });
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    auto added = sandbox->add_handler("work", curfew::Script::from_content(R"(
        import { twice } from "numbers";
        export function handler(number) {
            while (!number) {}
            return twice(number);
        })"));
    if (!added) return std::unexpected(added.error());
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::unexpected(loaded.error());

    const std::tuple limits{curfew::CpuTimeMonitor(50ms), curfew::WallClockMonitor(60s)};
    auto twice = loaded->handle_event("work", "21", limits);
    if (!twice) return std::unexpected(twice.error());
    auto never = loaded->handle_event("work", "0", limits);
    return twice->result + ", " + (never ? "not ended" : never.error().terminated_by);
}

}  // namespace

// Valid until the next call.
extern "C" __attribute__((visibility("default"))) const char* limited_call() {
    static std::string text;
    const auto called = call();
    text = std::string(curfew::version()) + ": " + (called ? *called : called.error().message);
    return text.c_str();
}
