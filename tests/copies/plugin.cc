#include "plugin.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <tuple>
#include <vector>

#include <curfew/monitor.h>

namespace {

using namespace std::chrono_literals;
using namespace curfew;

class Custom {
  public:
    Result<MonitorTask> get_monitor(const Invocation&) const { return watch(); }
    std::string_view name() const noexcept { return "custom"; }

  private:
    static MonitorTask watch() { co_await monitor::sleep(200ms); }
};

// Runs until the set ends it. The frames that exist then are this copy's own, if its monitors run its own code.
template <typename Set>
bool ends_with(const Set& set, std::size_t frames, std::string_view winner) {
    std::atomic<bool> interrupted{false};
    std::size_t frames_meanwhile = 0;
    const auto done = supervise(
        set, [&] { interrupted = true; },
        [&] {
            frames_meanwhile = monitor::runtime_stats().frames_alive;
            while (!interrupted) std::this_thread::sleep_for(1ms);
        });
    return !done && done.error().terminated_by == winner && frames_meanwhile == frames;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const char* run_limited() {
    if (!ends_with(std::tuple{WallClockMonitor(200ms), CpuTimeMonitor(1h)}, 2, "wall-clock"))
        return "a built-in monitor";
    if (!ends_with(std::tuple{Custom(), HostCallMonitor(5)}, 2, "custom")) return "a custom monitor";
    if (!ends_with(std::vector<AnyMonitor>{Custom(), SoftMonitor(MemoryMonitor(5))}, 3, "custom")) return "AnyMonitor";
    return "";
}
