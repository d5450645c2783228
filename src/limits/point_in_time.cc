#include "limits/point_in_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/quantity.h"
#include "base/text.h"
#include "limits/exact_text.h"

namespace curfew::limits {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::system_clock;

std::unexpected<Error> refuse(std::string_view text, std::string_view reason) {
    return base::fail(ErrorCode::invalid_argument,
                      base::in_quotes(text) + " is not a point in time: " + std::string(reason) +
                          ". Write for example 2026-11-24T23:59:00Z, or +1.5s for so long from now.");
}

// Takes a text apart from its front.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    // One of these characters; zero if it is another.
    char any_of(std::string_view characters) {
        if (rest_.empty() || !characters.contains(rest_.front())) return 0;
        const char found = rest_.front();
        rest_.remove_prefix(1);
        return found;
    }

    // A number of exactly so many digits.
    bool number(std::size_t digits, unsigned& value) {
        if (rest_.size() < digits || rest_.substr(0, digits).find_first_not_of("0123456789") != rest_.npos) {
            return false;
        }
        std::from_chars(rest_.data(), rest_.data() + digits, value);
        rest_.remove_prefix(digits);
        return true;
    }

    // Digits behind a decimal point, as nanoseconds; more than nine are cut off.
    bool fraction(nanoseconds& value) {
        constexpr std::size_t kDigits = 9;
        const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (count == 0) return false;
        std::string digits(rest_.substr(0, std::min(count, kDigits)));
        digits.resize(kDigits, '0');
        std::int64_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        value = nanoseconds(number);
        rest_.remove_prefix(count);
        return true;
    }

  private:
    std::string_view rest_;
};

system_clock::time_point saturate(sys_seconds whole, nanoseconds fraction) {
    constexpr auto kLast = std::chrono::floor<seconds>(system_clock::time_point::max());
    if (whole >= kLast) return system_clock::time_point::max();
    return system_clock::time_point(whole) + fraction;
}

Result<system_clock::time_point> parse_time(std::string_view text) {
    Reader reader(text);
    unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (!reader.number(4, year) || !reader.any_of("-") || !reader.number(2, month) || !reader.any_of("-") ||
        !reader.number(2, day)) {
        return refuse(text, "it does not start with a date such as 2026-11-24");
    }
    if (!reader.any_of("Tt ") || !reader.number(2, hour) || !reader.any_of(":") || !reader.number(2, minute) ||
        !reader.any_of(":") || !reader.number(2, second)) {
        return refuse(text, "the date is not followed by a time such as T23:59:00");
    }
    nanoseconds fraction{};
    if (reader.any_of(".") && !reader.fraction(fraction)) return refuse(text, "there are no digits behind the point");

    std::chrono::minutes offset{};
    if (!reader.any_of("Zz")) {
        const char sign = reader.any_of("+-");
        unsigned hours = 0, minutes = 0;
        if (sign == 0 || !reader.number(2, hours) || !reader.any_of(":") || !reader.number(2, minutes) || hours > 23 ||
            minutes > 59) {
            return refuse(text, "the time zone is missing: Z for UTC, or an offset such as +01:00");
        }
        offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
        if (sign == '-') offset = -offset;
    }
    if (!reader.at_end()) return refuse(text, "something follows the time zone");

    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                           std::chrono::day(day));
    if (!date.ok()) return refuse(text, "there is no such day");
    if (hour > 23 || minute > 59 || second > 59) return refuse(text, "there is no such time of day");
    const sys_seconds whole = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                              seconds(second) - offset;
    return saturate(whole, fraction);
}

std::string utc_text(system_clock::time_point time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

// ".25" for a quarter of a second; nothing for none.
std::string fraction_text(nanoseconds fraction) {
    if (fraction == nanoseconds::zero()) return {};
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), ".%09d", static_cast<int>(fraction.count()));
    std::string digits = text.data();
    digits.resize(digits.find_last_not_of('0') + 1);
    return digits;
}

}  // namespace

Result<PointInTime> parse_point_in_time(std::string_view text, system_clock::time_point now) {
    if (text.starts_with('+')) {
        const Result<nanoseconds> from_now = base::parse_duration(text.substr(1));
        if (!from_now) return std::unexpected(from_now.error());
        return PointInTime(*from_now);
    }
    const Result<system_clock::time_point> time = parse_time(text);
    if (!time) return std::unexpected(time.error());
    if (*time <= now) return refuse(text, "it has passed; it is " + utc_text(now) + "Z now");
    return PointInTime(*time);
}

std::string point_in_time_text(const PointInTime& point) {
    if (const auto* from_now = std::get_if<nanoseconds>(&point)) return "+" + duration_text(*from_now);
    const auto time = std::get<system_clock::time_point>(point);
    return utc_text(time) + fraction_text(time - std::chrono::floor<seconds>(time)) + "Z";
}

}  // namespace curfew::limits
