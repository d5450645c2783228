#include "base/quantity.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace curfew::base {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array kDurationUnits{Unit{"ns", 1},  Unit{"us", 1e3}, Unit{"ms", 1e6},
                                    Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}};

constexpr std::array kSizeUnits{Unit{"", 1},       Unit{"B", 1},        Unit{"kB", 1e3},
                                Unit{"KB", 1e3},   Unit{"MB", 1e6},     Unit{"GB", 1e9},
                                Unit{"KiB", 1024}, Unit{"MiB", 0x1p20}, Unit{"GiB", 0x1p30}};

// What the units are called in messages, and an example of a right text.
struct Wording {
    std::string_view thing;
    std::string_view units;
    std::string_view example;
};

constexpr Wording kDurationWording{"a duration", "ns, us, ms, s, m or h", "500ms, 2s or 1m"};
constexpr Wording kSizeWording{"a size", "KiB, MiB, GiB, kB, MB or GB", "16MiB, or 65536 for bytes"};

std::unexpected<Error> refuse(std::string_view text, const Wording& wording, std::string_view reason) {
    return fail(ErrorCode::invalid_argument, in_quotes(text) + " is not " + std::string(wording.thing) + ": " +
                                                 std::string(reason) + ". Write for example " +
                                                 std::string(wording.example) + ".");
}

// A number with a unit, in the smallest unit. No figure reaches 2^63, so that callers may use either signedness.
Result<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units, const Wording& wording) {
    constexpr double kLimit = 0x1p63;

    if (text.empty()) return refuse(text, wording, "it is empty");
    if (text.front() == '-') return refuse(text, wording, "it is negative");
    // from_chars would read "inf" and "nan" as numbers.
    if (text.front() < '0' || text.front() > '9') return refuse(text, wording, "it does not start with a number");
    double number = 0;
    const auto [end, status] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (status == std::errc::result_out_of_range) return refuse(text, wording, "the number is too large");

    const std::string_view name(end, text.data() + text.size());
    for (const Unit& unit : units) {
        if (unit.name != name) continue;
        const double amount = number * unit.factor + 0.5;
        if (!(amount < kLimit)) return refuse(text, wording, "the number is too large");
        const auto whole = static_cast<std::uint64_t>(amount);
        if (whole == 0) return refuse(text, wording, "it has to be more than zero");
        return whole;
    }
    const std::string known = "; units are " + std::string(wording.units);
    if (name.empty()) return refuse(text, wording, "the unit is missing" + known);
    return refuse(text, wording, "there is no unit " + in_quotes(name) + known);
}

}  // namespace

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    const Result<std::uint64_t> count = parse_quantity(text, kDurationUnits, kDurationWording);
    if (!count) return std::unexpected(count.error());
    return std::chrono::nanoseconds(static_cast<std::int64_t>(*count));
}

Result<std::uint64_t> parse_size(std::string_view text) { return parse_quantity(text, kSizeUnits, kSizeWording); }

Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t most) {
    std::uint64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, status] = std::from_chars(text.data(), end, count);
    if (status == std::errc() && stopped == end && count > 0 && count <= most) return count;
    return fail(ErrorCode::invalid_argument,
                in_quotes(text) + " is not a whole number from 1 to " + std::to_string(most) + ".");
}

}  // namespace curfew::base
