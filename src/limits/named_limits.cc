#include <algorithm>
#include <string>
#include <utility>

#include <curfew/limits.h>

#include "base/error.h"
#include "base/text.h"
#include "limits/limit_table.h"
#include "limits/value_form.h"

namespace curfew {

using base::fail;
using limits::find_row;
using limits::limit_table;
using limits::LimitRow;

namespace {

// The row of a limit whose value can be written.
Result<const LimitRow*> row_with_text(std::string_view name) {
    const LimitRow* const row = find_row(name);
    if (row == nullptr) {
        std::string known;
        for (const LimitRow& each : limit_table()) {
            if (each.make == nullptr) continue;
            if (!known.empty()) known += ", ";
            known += each.kind.name;
        }
        return fail(ErrorCode::invalid_argument,
                    "There is no limit " + base::in_quotes(name) + ". Limits that can be named are " + known + ".");
    }
    if (row->make == nullptr) {
        return fail(ErrorCode::invalid_argument, "The limit \"" + std::string(name) +
                                                     "\" cannot be written as a text: the program has to construct its "
                                                     "monitor.");
    }
    return row;
}

}  // namespace

std::string_view placeholder(LimitForm form) noexcept {
    switch (form) {
        case LimitForm::duration: return "DURATION";
        case LimitForm::size: return "SIZE";
        case LimitForm::count: return "N";
        case LimitForm::point_in_time: return "TIME";
        case LimitForm::none: break;
    }
    return "";
}

std::span<const LimitKind> limit_kinds() noexcept { return limits::kinds(); }

const LimitKind* find_limit_kind(std::string_view name) noexcept {
    const auto found = std::ranges::find(limits::kinds(), name, &LimitKind::name);
    return found == limits::kinds().end() ? nullptr : &*found;
}

Result<LimitSetting> parse_limit(std::string_view name, std::string_view value) {
    const Result<const LimitRow*> row = row_with_text(name);
    if (!row) return std::unexpected(row.error());
    const LimitKind& kind = (*row)->kind;
    Result<LimitValue> read = limits::read_value(kind.form, value);
    if (!read) return std::unexpected(std::move(read.error()));
    return LimitSetting{.name = kind.name, .value = *read};
}

std::string limit_text(const LimitSetting& setting) {
    const LimitRow* const row = find_row(setting.name);
    if (row == nullptr || !limits::has_form(row->kind.form, setting.value)) return {};
    return limits::value_text(row->kind.form, setting.value);
}

Result<AnyMonitor> make_limit(const LimitSetting& setting, std::chrono::steady_clock::time_point start) {
    const Result<const LimitRow*> row = row_with_text(setting.name);
    if (!row) return std::unexpected(row.error());
    if (!limits::has_form((*row)->kind.form, setting.value)) {
        return fail(ErrorCode::invalid_argument, "The limit \"" + std::string(setting.name) +
                                                     "\" has a value of another kind, or none that is more than zero. "
                                                     "Such a value is written " +
                                                     std::string((*row)->kind.example) + ".");
    }
    return (*row)->make(setting.value, start);
}

Result<AnyMonitor> make_limit(std::string_view name, std::string_view value) {
    const Result<LimitSetting> setting = parse_limit(name, value);
    if (!setting) return std::unexpected(setting.error());
    return make_limit(*setting);
}

}  // namespace curfew
