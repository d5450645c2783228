#include "limits/limit_table.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <curfew/monitor.h>

namespace curfew::limits {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

template <typename Monitor>
AnyMonitor make_of_duration(const LimitValue& value, steady_clock::time_point) {
    return Monitor(value.duration().value());
}

template <typename Monitor>
AnyMonitor make_of_count(const LimitValue& value, steady_clock::time_point) {
    return Monitor(value.count().value());
}

AnyMonitor make_deadline(const LimitValue& value, steady_clock::time_point start) {
    if (const auto time = value.time()) return DeadlineMonitor(*time);
    return DeadlineMonitor(base::saturating_add(start, value.duration().value()));
}

constexpr auto kTable = std::to_array<LimitRow>({
    {{"wall-clock", "--wall", LimitForm::duration, "1s", "the time that passes"}, make_of_duration<WallClockMonitor>},
    {{"cpu-time", "--cpu", LimitForm::duration, "100ms", "the CPU time that the handler uses"},
     make_of_duration<CpuTimeMonitor>},
    {{"memory", "--memory", LimitForm::size, "8MiB", "what the handler has allocated at one time"},
     make_of_count<MemoryMonitor>},
    {{"host-calls", "--host-calls", LimitForm::count, "1000", "the number of host calls"},
     make_of_count<HostCallMonitor>},
    {{"output", "--output", LimitForm::size, "1MiB", "what the handler prints and passes out, its result included"},
     make_of_count<OutputMonitor>},
    {{"deadline", "--deadline", LimitForm::point_in_time, "+1.5s", "when it all has to be over"}, make_deadline},
    {{"stop-token", "", LimitForm::none, "", "when the program asks to stop"}, nullptr},
    {{"quota", "", LimitForm::none, "", "the CPU time of many calls together"}, nullptr},
});

constexpr auto kKinds = [] {
    std::array<LimitKind, kTable.size()> kinds{};
    std::ranges::transform(kTable, kinds.begin(), &LimitRow::kind);
    return kinds;
}();

}  // namespace

std::span<const LimitKind> kinds() noexcept { return kKinds; }

std::span<const LimitRow> limit_table() noexcept { return kTable; }

const LimitRow* find_row(std::string_view name) noexcept {
    const auto found = std::ranges::find(kTable, name, [](const LimitRow& row) { return row.kind.name; });
    return found == kTable.end() ? nullptr : &*found;
}

}  // namespace curfew::limits
