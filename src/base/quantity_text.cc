#include "base/quantity_text.h"

#include <array>
#include <cstdio>

namespace curfew::base {

namespace {

struct Unit {
    double size;
    const char* name;
};
constexpr std::array<Unit, 4> kDurationUnits{{{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}}};
constexpr std::array<Unit, 4> kSizeUnits{{{0x1p30, "GiB"}, {0x1p20, "MiB"}, {0x1p10, "KiB"}, {1, "bytes"}}};

// The largest unit that there is one of; the smallest for less.
const Unit& suitable_unit(const std::array<Unit, 4>& units, double amount) {
    for (const Unit& unit : units) {
        if (amount >= unit.size || amount <= -unit.size) return unit;
    }
    return units.back();
}

std::string number_text(const char* format, double amount, const Unit& unit) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, amount / unit.size);
    return std::string(text.data()) + ' ' + unit.name;
}

std::string measured_text(const std::array<Unit, 4>& units, double amount) {
    const Unit& unit = suitable_unit(units, amount);
    // %.3g would give numbers of four digits an exponent.
    return number_text(amount / unit.size >= 999.5 ? "%.0f" : "%.3g", amount, unit);
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

}  // namespace

std::string duration_text(std::chrono::nanoseconds duration) {
    if (duration == std::chrono::nanoseconds::max()) return "no limit";
    const auto count = static_cast<double>(duration.count());
    const bool long_one = count >= 1e13 || count <= -1e13;
    // Six digits that count; all of whole seconds once they run into many thousands.
    return number_text(long_one ? "%.0f" : "%.6g", count, suitable_unit(kDurationUnits, count));
}

std::string size_text(std::uint64_t bytes) {
    for (const Unit& unit : kSizeUnits) {
        const auto size = static_cast<std::uint64_t>(unit.size);
        if (size > 1 && bytes >= size && bytes % size == 0) return std::to_string(bytes / size) + ' ' + unit.name;
    }
    return counted(bytes, "byte", "bytes");
}

std::string measured_duration_text(std::chrono::nanoseconds duration) {
    return measured_text(kDurationUnits, static_cast<double>(duration.count()));
}

std::string measured_size_text(std::uint64_t bytes) {
    return bytes < 1024 ? counted(bytes, "byte", "bytes") : measured_text(kSizeUnits, static_cast<double>(bytes));
}

std::string usage_text(const Usage& usage) {
    std::string text = measured_duration_text(usage.wall_time) + " of wall-clock time";
    const auto add = [&text](bool wanted, const std::string& part) {
        if (wanted) text += ", " + part;
    };
    add(usage.cpu_time.count() > 0, measured_duration_text(usage.cpu_time) + " of CPU time");
    add(usage.host_cpu_time.count() > 0,
        measured_duration_text(usage.host_cpu_time) + " of CPU time in host functions");
    add(usage.peak_heap > 0, measured_size_text(usage.peak_heap) + " of heap at most");
    add(usage.host_calls > 0, counted(usage.host_calls, "host call", "host calls"));
    add(usage.bytes_out > 0, measured_size_text(usage.bytes_out) + " passed out");
    add(usage.bytes_printed > 0, measured_size_text(usage.bytes_printed) + " printed");
    return text;
}

}  // namespace curfew::base
