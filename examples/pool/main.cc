// A pool: requests from many threads, none of which sees what another has left behind.
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

#include <curfew/curfew.h>

using namespace std::chrono_literals;

curfew::Result<curfew::Snapshot> prepare() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    auto added = sandbox->add_handler("visit", curfew::Script::from_content(R"(
        const visitors = [];
        export function handler(event) {
            visitors.push(event.name);
            while (event.endless) {}
            return visitors;
        })"));
    if (!added) return std::unexpected(added.error());
    auto loaded = std::move(*sandbox).load(curfew::CpuTimeMonitor(1s));
    if (!loaded) return std::unexpected(loaded.error());
    return loaded->snapshot();
}

curfew::Result<void> show() {
    const auto snapshot = prepare();
    if (!snapshot) return std::unexpected(snapshot.error());
    auto pool = curfew::SandboxPool::create(*snapshot, {.size = 4, .queue_limit = 100, .wait_limit = 30s});
    if (!pool) return std::unexpected(pool.error());

    std::atomic<int> alone = 0;
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client) {
        clients.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                const auto done = pool->handle_event("visit", R"({"name":"Ada"})", curfew::WallClockMonitor(10s));
                if (done && done->result == R"(["Ada"])") ++alone;
            }
        });
    }
    clients.clear();

    const auto cut = pool->handle_event("visit", R"({"name":"Eve","endless":true})", curfew::CpuTimeMonitor(20ms));
    std::cout << "requests that saw themselves only: " << alone << '\n'
              << "an endless one: " << (cut ? "came back" : "ended by " + cut.error().terminated_by) << '\n';
    const curfew::SandboxPoolReport report = pool->report();
    std::cout << "ready again: " << report.ready << ", restored: " << report.restored << '\n';
    return {};
}

int main() {
    if (const auto done = show(); !done) {
        std::cerr << done.error().message << '\n';
        return 1;
    }
}
