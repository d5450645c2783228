#include "cli/doctor.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/error.h"
#include "cli/exit_status.h"

namespace curfew::cli {
namespace {

// Runs a handler for real, under a limit: what a machine offers on paper may still be forbidden to this process.
Result<Trial> try_cell() {
    constexpr std::string_view kEvent = R"({"is":"returned"})";

    const auto start = std::chrono::steady_clock::now();
    Result<ProtoSandbox> proto = SandboxBuilder().build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    Result<void> added =
        sandbox->add_handler("trial", Script::from_content("function handler(event) { return event; }", "trial.js"));
    if (!added) return std::unexpected(std::move(added.error()));
    Result<LoadedSandbox> loaded = std::move(*sandbox).load();
    if (!loaded) return std::unexpected(std::move(loaded.error()));

    const auto ready = std::chrono::steady_clock::now();
    const Result<EventResult> done = loaded->handle_event("trial", kEvent, WallClockMonitor(std::chrono::minutes(1)));
    if (!done) return std::unexpected(done.error());
    if (done->result != kEvent) {
        return base::fail(ErrorCode::internal, "A handler that returns its event returned " + done->result + ".");
    }
    return Trial{.start = ready - start, .call = std::chrono::steady_clock::now() - ready};
}

}  // namespace

int doctor(const DoctorOptions& options, Console& console) {
    const Result<Trial> trial = try_cell();
    const MachineReport machine = inspect_machine();
    const std::vector<EngineReport> engines = inspect_engines();
    const std::string text =
        options.json ? describe_as_json(machine, engines, trial) : describe(machine, engines, trial);
    if (!console.result(text)) return kFailed;
    return trial ? kDone : kUnavailable;
}

}  // namespace curfew::cli
