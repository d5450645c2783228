#include "limits/exact_text.h"

#include <array>

namespace curfew::limits {
namespace {

struct Unit {
    std::uint64_t amount;
    const char* name;
};

constexpr std::array kDurationUnits{Unit{3'600'000'000'000, "h"}, Unit{60'000'000'000, "m"}, Unit{1'000'000'000, "s"},
                                    Unit{1'000'000, "ms"},        Unit{1'000, "us"},         Unit{1, "ns"}};
constexpr std::array kSizeUnits{Unit{1 << 30, "GiB"}, Unit{1 << 20, "MiB"}, Unit{1 << 10, "KiB"}, Unit{1, ""}};

std::string in_whole_units(std::uint64_t amount, const auto& units) {
    auto unit = units.begin();
    while (amount % unit->amount != 0) ++unit;  // ends at the last, which is one
    return std::to_string(amount / unit->amount) + unit->name;
}

}  // namespace

std::string duration_text(std::chrono::nanoseconds duration) {
    return in_whole_units(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string size_text(std::uint64_t bytes) { return in_whole_units(bytes, kSizeUnits); }

}  // namespace curfew::limits
