#include "monitor/text.h"

#include <array>
#include <cstdio>

namespace curfew::monitor::detail {

std::string duration_text(std::chrono::nanoseconds duration) {
    if (duration == std::chrono::nanoseconds::max()) return "no limit";
    struct Unit {
        double nanoseconds;
        const char* name;
    };
    static constexpr std::array<Unit, 4> kUnits{{{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}}};
    const auto count = static_cast<double>(duration.count());
    const double size = count < 0 ? -count : count;
    const Unit* unit = &kUnits.back();
    for (const Unit& candidate : kUnits) {
        if (size >= candidate.nanoseconds) {
            unit = &candidate;
            break;
        }
    }
    std::array<char, 64> text{};
    // Six digits that count; all of whole seconds once they run into many thousands.
    std::snprintf(text.data(), text.size(), size >= 1e13 ? "%.0f %s" : "%.6g %s", count / unit->nanoseconds,
                  unit->name);
    return text.data();
}

std::string bytes_text(std::uint64_t bytes) {
    static constexpr std::array<const char*, 4> kUnits{"GiB", "MiB", "KiB"};
    for (unsigned i = 0; i < 3; ++i) {
        const std::uint64_t unit = std::uint64_t{1} << (30 - 10 * i);
        if (bytes >= unit && bytes % unit == 0) return std::to_string(bytes / unit) + " " + kUnits[i];
    }
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string quoted(std::string_view name) {
    constexpr std::size_t kLongest = 200;
    std::string text = "\"";
    for (const char c : name.substr(0, kLongest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == '"' || byte == '\\') {
            text += {'\\', c};
        } else if (byte < 0x20 || byte == 0x7f) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
            text += escape.data();
        } else {
            text += c;
        }
    }
    if (name.size() > kLongest) text += "...";
    return text + "\"";
}

std::string usage_text(const Usage& usage) {
    std::string text = duration_text(usage.wall_time) + " of wall-clock time";
    const auto add = [&text](bool wanted, const std::string& part) {
        if (wanted) text += ", " + part;
    };
    const auto count = [](std::uint64_t n, const char* one, const char* many) {
        return std::to_string(n) + " " + (n == 1 ? one : many);
    };
    add(usage.cpu_time.count() > 0, duration_text(usage.cpu_time) + " of CPU time");
    add(usage.host_cpu_time.count() > 0, duration_text(usage.host_cpu_time) + " of CPU time in host functions");
    add(usage.peak_heap > 0, bytes_text(usage.peak_heap) + " of heap");
    add(usage.host_calls > 0, count(usage.host_calls, "host call", "host calls"));
    add(usage.bytes_out > 0, bytes_text(usage.bytes_out) + " passed out");
    add(usage.bytes_printed > 0, bytes_text(usage.bytes_printed) + " printed");
    return text;
}

}  // namespace curfew::monitor::detail
