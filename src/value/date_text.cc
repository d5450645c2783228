#include "value/date_text.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace curfew::value {

namespace {

// As many digits as there have to be.
bool take_digits(std::string_view& text, std::size_t count, int& number) noexcept {
    if (text.size() < count) return false;
    number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool take(std::string_view& text, std::string_view one_of) noexcept {
    if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

double date_in_range(double milliseconds) noexcept {
    constexpr double kFarthest = 8.64e15;
    if (!(std::abs(milliseconds) <= kFarthest)) return std::numeric_limits<double>::quiet_NaN();
    return milliseconds + 0.0;  // there is no date of -0
}

std::optional<double> date_of_text(std::string_view text) noexcept {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool has_time = take_digits(text, 4, year) && take(text, "-") && take_digits(text, 2, month) &&
                          take(text, "-") && take_digits(text, 2, day) && take(text, "Tt ") &&
                          take_digits(text, 2, hour) && take(text, ":") && take_digits(text, 2, minute) &&
                          take(text, ":") && take_digits(text, 2, second);
    if (!has_time) return std::nullopt;
    double milliseconds = 0;
    if (take(text, ".")) {
        double place = 100;
        int digit = 0;
        if (!take_digits(text, 1, digit)) return std::nullopt;
        do {
            milliseconds += place * digit;
            place /= 10;
        } while (take_digits(text, 1, digit));
    }
    int offset = 0;  // in minutes
    if (!take(text, "Zz")) {
        int hours = 0, minutes = 0;
        const bool west = text.starts_with('-');
        if (!take(text, "+-") || !take_digits(text, 2, hours) || !take(text, ":") || !take_digits(text, 2, minutes)) {
            return std::nullopt;
        }
        offset = (hours * 60 + minutes) * (west ? -1 : 1);
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!text.empty() || !date.ok() || hour > 24 || minute > 59 || second > 60) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const double minutes = static_cast<double>(days) * 1440 + hour * 60 + minute - offset;
    return (minutes * 60 + second) * 1000 + std::floor(milliseconds);
}

std::string text_of_date(double milliseconds) {
    constexpr std::int64_t kDay = 86'400'000;
    const auto time = static_cast<std::int64_t>(milliseconds);
    const std::int64_t day = time / kDay - (time % kDay < 0 ? 1 : 0);
    const std::int64_t of_day = time - day * kDay;
    // The calendar repeats every 400 years, and std::chrono's years end before JavaScript's do.
    constexpr std::int64_t kDaysOf400Years = 146'097;
    const std::int64_t cycles = day / kDaysOf400Years - (day % kDaysOf400Years < 0 ? 1 : 0);
    const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(day - cycles * kDaysOf400Years)));
    const std::int64_t year = static_cast<int>(date.year()) + cycles * 400;
    std::array<char, 48> text{};
    const char* const form = year >= 0 && year <= 9999 ? "%04lld-%02u-%02uT%02d:%02d:%02d.%03dZ"
                             : year < 0                ? "-%06lld-%02u-%02uT%02d:%02d:%02d.%03dZ"
                                                       : "+%06lld-%02u-%02uT%02d:%02d:%02d.%03dZ";
    const int size = std::snprintf(text.data(), text.size(), form, static_cast<long long>(std::abs(year)),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<int>(of_day / 3'600'000), static_cast<int>(of_day / 60'000 % 60),
                                   static_cast<int>(of_day / 1000 % 60), static_cast<int>(of_day % 1000));
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace curfew::value
