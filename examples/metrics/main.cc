// Metrics and the log of a program that runs handlers: prints what a Prometheus server would read.
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <iostream>
#include <memory>

#include <curfew/curfew.h>
#include <curfew/prometheus.h>
#include <curfew/spdlog.h>

using namespace std::chrono_literals;

curfew::Result<curfew::LoadedSandbox> load_handler() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    auto added = sandbox->add_handler("work", curfew::Script::from_content(R"(
        function handler({ endless }) {
            console.warn("endless:", endless);
            while (endless) {}
            return "done";
        })"));
    if (!added) return std::unexpected(added.error());
    return std::move(*sandbox).load(curfew::WallClockMonitor(1s));
}

int main() {
    // The log: warnings, and what handlers print, on standard error.
    const auto logger = spdlog::stderr_logger_mt("curfew");
    logger->set_level(spdlog::level::warn);
    curfew::set_logger(logger);

    // The metrics. A server would give the same registry to a prometheus::Exposer.
    const auto registry = std::make_shared<prometheus::Registry>();
    if (auto set = curfew::set_metrics_registry(registry); !set) {
        std::cerr << set.error().message << '\n';
        return 1;
    }

    auto sandbox = load_handler();
    if (!sandbox) {
        std::cerr << sandbox.error().message << '\n';
        return 1;
    }
    for (const char* event : {R"({"endless":false})", R"({"endless":false})", R"({"endless":true})"}) {
        static_cast<void>(sandbox->handle_event("work", event, curfew::CpuTimeMonitor(50ms)));
    }
    std::cout << prometheus::TextSerializer().Serialize(registry->Collect());
}
