// Snapshots: going back to one, keeping one in a file, and starting another sandbox from it.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

#include <curfew/curfew.h>

using namespace std::chrono_literals;

curfew::Result<curfew::LoadedSandbox> load_counter() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    auto added = sandbox->add_handler("count", curfew::Script::from_content(R"(
        let calls = 0;
        export function handler(event) {
            calls += 1;
            while (event.endless) {}
            return calls;
        })"));
    if (!added) return std::unexpected(added.error());
    return std::move(*sandbox).load(curfew::CpuTimeMonitor(1s));
}

std::string call(curfew::LoadedSandbox& sandbox, std::string_view event = "{}") {
    const auto done = sandbox.handle_event("count", event, curfew::CpuTimeMonitor(50ms));
    return done ? done->result : std::string(to_string(done.error().code));
}

curfew::Result<void> show() {
    auto sandbox = load_counter();
    if (!sandbox) return std::unexpected(sandbox.error());
    const auto fresh = sandbox->snapshot();
    if (!fresh) return std::unexpected(fresh.error());

    std::cout << "calls: " << call(*sandbox) << ' ' << call(*sandbox) << '\n';

    // A call that was cut short leaves the sandbox in the middle of something; restoring leads out of that.
    std::cout << "endless: " << call(*sandbox, R"({"endless":true})") << ", then " << call(*sandbox) << '\n';
    if (auto restored = sandbox->restore(*fresh); !restored) return restored;
    std::cout << "restored: " << call(*sandbox) << '\n';

    // What a file holds, another process can go on with.
    const auto path = std::filesystem::temp_directory_path() / "curfew-example.snap";
    const auto now = sandbox->snapshot();
    if (!now) return std::unexpected(now.error());
    if (auto saved = now->save(path); !saved) return saved;
    const auto loaded = curfew::Snapshot::load(path);
    std::filesystem::remove(path);
    if (!loaded) return std::unexpected(loaded.error());
    auto other = curfew::LoadedSandbox::from_snapshot(*loaded);
    if (!other) return std::unexpected(other.error());
    std::cout << "from the file: " << call(*other) << '\n';
    return {};
}

int main() {
    if (const auto done = show(); !done) {
        std::cerr << done.error().message << '\n';
        return 1;
    }
}
