// The one place that knows all built-in monitors: a new one is added to its own files, to the list of headers in
// <curfew/monitor.h>, and here. What is told of limits elsewhere comes from this table: the command's options and help,
// the metrics' known names, limits by name; tests hold the documents to it.
#ifndef CURFEW_LIMITS_LIMIT_TABLE_H
#define CURFEW_LIMITS_LIMIT_TABLE_H

#include <chrono>
#include <span>
#include <string_view>

#include <curfew/limits.h>
#include <curfew/monitor/any_monitor.h>

namespace curfew::limits {

struct LimitRow {
    LimitKind kind{};
    // Gets a value that has the kind's form and is more than zero. Null for LimitForm::none.
    AnyMonitor (*make)(const LimitValue& value, std::chrono::steady_clock::time_point start) = nullptr;
};

std::span<const LimitRow> limit_table() noexcept;

// The same rows without what only this part uses.
std::span<const LimitKind> kinds() noexcept;

// Null if there is none.
const LimitRow* find_row(std::string_view name) noexcept;

}  // namespace curfew::limits

#endif
