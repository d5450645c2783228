// What it costs to roll a sandbox back after every call.
#include <chrono>
#include <cstddef>
#include <utility>

#include <curfew/curfew.h>

#include "table/row.h"

namespace curfew::bench {
namespace {

constexpr std::string_view kRedirect = R"(
function handler(event) {
    event.request.uri = "/redirected.html";
    return event;
})";
constexpr std::string_view kEvent = R"({"request":{"uri":"/index.html"}})";

Result<LoadedSandbox> load_redirect() {
    Result<ProtoSandbox> proto = SandboxBuilder().build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    Result<void> added = sandbox->add_handler("redirect", Script::from_content(std::string(kRedirect)));
    if (!added) return std::unexpected(std::move(added.error()));
    return std::move(*sandbox).load();
}

using Clock = std::chrono::steady_clock;

double nanoseconds(Clock::duration duration) { return std::chrono::duration<double, std::nano>(duration).count(); }

}  // namespace

Result<std::vector<Row>> measure_restore() {
    constexpr std::size_t kRounds = 2000;

    Result<LoadedSandbox> sandbox = load_redirect();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const Result<Snapshot> start = sandbox->snapshot();
    if (!start) return std::unexpected(start.error());

    std::vector<double> with_restore;
    std::vector<double> without;
    for (std::size_t round = 0; round < kRounds; ++round) {
        // By turns, so that whatever else the machine does hits both alike.
        for (const bool restores : {false, true}) {
            const auto begin = Clock::now();
            const Result<EventResult> first = sandbox->handle_event("redirect", kEvent);
            if (!first) return std::unexpected(first.error());
            if (restores) {
                if (Result<void> restored = sandbox->restore(*start); !restored) {
                    return std::unexpected(std::move(restored.error()));
                }
            }
            const Result<EventResult> second = sandbox->handle_event("redirect", kEvent);
            if (!second) return std::unexpected(second.error());
            (restores ? with_restore : without).push_back(nanoseconds(Clock::now() - begin));
        }
    }
    return std::vector{Row{.what = "restore after the redirect handler, then the next call",
                           .beside = "two calls of the redirect handler",
                           .measured = summarize(std::move(with_restore)),
                           .bare = summarize(std::move(without)),
                           .goal = {.kind = Goal::Kind::at_most_more, .limit = 60'000}}};
}

}  // namespace curfew::bench
