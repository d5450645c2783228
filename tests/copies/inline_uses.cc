// Uses as much of what the public headers define inline as fits here, so that its symbols can be looked at. Never run.
#include <map>

#include <curfew/curfew.h>

namespace {

using namespace std::chrono_literals;
using namespace curfew;

class Custom {
  public:
    Result<MonitorTask> get_monitor(const Invocation& call) const { return watch(call); }
    std::string_view name() const noexcept { return "custom"; }

  private:
    static MonitorTask watch(const Invocation& call) {
        co_await monitor::sleep(1s);
        co_await call.usage().exceeds(Counter::host_calls, 1);
        co_await monitor::stopped(call.stop_token());
        co_await other();
        co_await monitor::forever();
    }
    static MonitorTask other() { co_return; }
};

}  // namespace

int main() {
    const std::tuple set{Custom(),
                         SoftMonitor(CpuTimeMonitor(1s)),
                         WallClockMonitor(1s).excluding_host_calls(),
                         MemoryMonitor(1),
                         OutputMonitor(1),
                         HostCallMonitor(1),
                         DeadlineMonitor(std::chrono::steady_clock::now()),
                         StopTokenMonitor(std::stop_token()),
                         QuotaMonitor(1s, 1s)};
    const std::vector<AnyMonitor> set_of_any{Custom(), WallClockMonitor(1s)};
    const auto none = [] {};
    const auto value = supervise(set, monitor::prompt(none), [](const Invocation&) { return 1; });
    const auto nothing = supervise(set_of_any, none, none);
    const auto result = supervise(Custom(), none, []() -> Result<int> { return 1; });

    auto proto = SandboxBuilder().build();
    proto->host_module("math")
        .add("add", [](int a, double b) { return a + b; })
        .add("bytes", [](const CallContext&, std::span<const std::byte> bytes,
                         std::optional<std::string>) { return std::vector<std::byte>(bytes.begin(), bytes.end()); })
        .add("map", [](const std::vector<int>&) -> Result<std::map<std::string, int>> { return {}; });
    auto sandbox = std::move(*proto).load_runtime();
    auto loaded = std::move(*sandbox).load(set);
    return value && nothing && result && loaded->handle_event("handler", "1", set) &&
                   loaded->handle_event("handler", "1", set_of_any)
               ? 0
               : 1;
}
