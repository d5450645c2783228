#include "limits/value_form.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>

#include "base/quantity.h"
#include "limits/exact_text.h"
#include "limits/point_in_time.h"

namespace curfew::limits {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

constexpr std::uint64_t kLargestCount = std::numeric_limits<std::int64_t>::max();

template <typename To, typename From>
Result<LimitValue> as(const Result<From>& read) {
    if (!read) return std::unexpected(read.error());
    return LimitValue(To(*read));
}

}  // namespace

Result<LimitValue> read_value(LimitForm form, std::string_view text) {
    switch (form) {
        case LimitForm::duration: return as<nanoseconds>(base::parse_duration(text));
        case LimitForm::size: return as<std::uint64_t>(base::parse_size(text));
        case LimitForm::count: return as<std::uint64_t>(base::parse_count(text, kLargestCount));
        case LimitForm::point_in_time: break;
        case LimitForm::none: std::unreachable();
    }
    const Result<PointInTime> point = parse_point_in_time(text, system_clock::now());
    if (!point) return std::unexpected(point.error());
    return std::visit([](auto value) { return LimitValue(value); }, *point);
}

std::string value_text(LimitForm form, const LimitValue& value) {
    switch (form) {
        case LimitForm::duration: return duration_text(value.duration().value());
        case LimitForm::size: return size_text(value.count().value());
        case LimitForm::count: return std::to_string(value.count().value());
        case LimitForm::point_in_time: break;
        case LimitForm::none: std::unreachable();
    }
    if (const auto from_now = value.duration()) return point_in_time_text(*from_now);
    return point_in_time_text(value.time().value());
}

bool has_form(LimitForm form, const LimitValue& value) noexcept {
    const auto duration = value.duration();
    const auto count = value.count();
    switch (form) {
        case LimitForm::duration: return duration && *duration > nanoseconds::zero();
        case LimitForm::size:
        case LimitForm::count: return count && *count > 0 && *count <= kLargestCount;
        case LimitForm::point_in_time:
            if (const auto time = value.time()) return *time > system_clock::time_point();
            return duration && *duration > nanoseconds::zero();
        case LimitForm::none: break;
    }
    return false;
}

}  // namespace curfew::limits
