// Every built-in limit by its name, with values that are written as text: for command lines, configuration files and
// whatever else knows its limits only at run time. docs/execution-monitors.md says what each of them measures.
//
//   auto limit = curfew::make_limit("cpu-time", "100ms");        // Result<AnyMonitor>
//   if (!limit) return explain(limit.error().message);           // what is wrong, and how it is written
//   sandbox.handle_event("greet", event, *limit);
//
//   for (const curfew::LimitKind& kind : curfew::limit_kinds()) std::cout << kind.name << '\n';
//
// All functions may be called from any thread at any time.
#ifndef CURFEW_LIMITS_H
#define CURFEW_LIMITS_H

#include <curfew/language.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <curfew/base/saturate.h>
#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/monitor/any_monitor.h>

namespace curfew {

// How a limit's value is written.
enum class LimitForm {
    duration,       // "500us", "20ms", "1.5s", "2m", "1h"
    size,           // bytes: "64KiB", "16MiB", "1.5GiB", "64MB", "65536"
    count,          // "1000"
    point_in_time,  // "2026-11-24T23:59:00Z", "2026-11-24T23:59:00.25+01:00", or "+1.5s" for so long from now
    none,           // not as text: the program has to construct the monitor itself, from an object or to share it
};

// What a value of that form is called in a usage line: "DURATION", "SIZE", "N", "TIME"; nothing for `none`.
[[nodiscard]] CURFEW_EXPORT std::string_view placeholder(LimitForm form) noexcept;

// A built-in limit. All texts last as long as the program.
struct LimitKind {
    std::string_view name;     // its monitor's, as in Error::terminated_by and in the metrics' label monitor_type
    std::string_view option;   // of curfew run, "--wall"; empty if there is none
    LimitForm form;            // how its value is written
    std::string_view example;  // such a value; empty for LimitForm::none
    std::string_view help;     // what is limited: "the time that passes"
};

// All of them, always in the same order.
[[nodiscard]] CURFEW_EXPORT std::span<const LimitKind> limit_kinds() noexcept;

// Null if no built-in limit has that name.
[[nodiscard]] CURFEW_EXPORT const LimitKind* find_limit_kind(std::string_view name) noexcept;

// A duration, also as the distance of a point in time from now; bytes or a count; or a point in time. Durations that
// nanoseconds cannot hold become the longest or shortest, and negative counts zero.
class LimitValue {
  public:
    template <typename Rep, typename Period>
    LimitValue(std::chrono::duration<Rep, Period> duration) noexcept  // NOLINT(google-explicit-constructor): a value
        : duration_(base::saturate(duration)) {}
    template <std::integral T>
    LimitValue(T count) noexcept  // NOLINT(google-explicit-constructor): a value
        : count_(base::saturate(count)) {}
    LimitValue(std::chrono::system_clock::time_point time) noexcept  // NOLINT(google-explicit-constructor): a value
        : time_(time) {}

    // Nothing if it is of another kind.
    std::optional<std::chrono::nanoseconds> duration() const noexcept { return duration_; }
    std::optional<std::uint64_t> count() const noexcept { return count_; }  // or bytes
    std::optional<std::chrono::system_clock::time_point> time() const noexcept { return time_; }

    friend bool operator==(const LimitValue&, const LimitValue&) = default;

  private:
    std::optional<std::chrono::nanoseconds> duration_;  // exactly one of these is set
    std::optional<std::uint64_t> count_;
    std::optional<std::chrono::system_clock::time_point> time_;
};

// A limit and its value, as a line of a configuration file names them.
struct LimitSetting {
    std::string_view name;  // from parse_limit(): a text that lasts as long as the program
    LimitValue value;

    friend bool operator==(const LimitSetting&, const LimitSetting&) = default;
};

// Reads a value. Fails with `invalid_argument` for a name that no limit has, for a limit whose value cannot be written, and
// for a text that is not of its form, is zero, or is a point in time that has passed; the message says what is wrong with it
// and gives an example.
[[nodiscard]] CURFEW_EXPORT Result<LimitSetting> parse_limit(std::string_view name, std::string_view value);

// The value as parse_limit() reads it, without loss: "100ms", "8MiB", "1000", "+1500ms", "2026-11-24T23:59:00Z". Empty if
// the setting has a name or a value that parse_limit() would not give.
[[nodiscard]] CURFEW_EXPORT std::string limit_text(const LimitSetting& setting);

// The monitor. `start` is from where "+1.5s" counts. Fails with `invalid_argument` as parse_limit() does.
[[nodiscard]] CURFEW_EXPORT Result<AnyMonitor> make_limit(
    const LimitSetting& setting, std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now());

// Both in one: a monitor from a name and a text.
[[nodiscard]] CURFEW_EXPORT Result<AnyMonitor> make_limit(std::string_view name, std::string_view value);

}  // namespace curfew

#endif
