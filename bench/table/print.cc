#include "table/print.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <utility>

namespace curfew::bench {
namespace {

constexpr std::size_t kWhatWidth = 58;
constexpr std::size_t kFiguresWidth = 23;
constexpr std::size_t kRatioWidth = 8;
constexpr std::size_t kGoalWidth = 28;

std::string padded(std::string text, std::size_t width) {
    // A text that is too long moves the rest of its line rather than losing its end.
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
}

std::string number(double amount) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), std::abs(amount) >= 999.5 ? "%.0f" : "%.3g", amount);
    return text.data();
}

struct Scale {
    double from;  // amounts of at least this are printed in this unit
    const char* name;
};

std::string scaled(double amount, std::span<const Scale> scales) {
    for (const Scale& scale : scales) {
        if (std::abs(amount) >= scale.from) return number(amount / scale.from) + " " + scale.name;
    }
    return number(amount);
}

std::string with_unit(double amount, Unit unit) {
    static constexpr std::array kTimes{Scale{1e9, "s"}, Scale{1e6, "ms"}, Scale{1e3, "us"}, Scale{0, ""}};
    static constexpr std::array kBytes{Scale{0x1p30, "GiB"}, Scale{0x1p20, "MiB"}, Scale{0x1p10, "KiB"}};
    switch (unit) {
        case Unit::nanoseconds: return std::abs(amount) < 1e3 ? number(amount) + " ns" : scaled(amount, kTimes);
        case Unit::bytes: return std::abs(amount) < 0x1p10 ? number(amount) + " B" : scaled(amount, kBytes);
        case Unit::per_second: return number(amount) + " /s";
        case Unit::count: return number(amount);
    }
    return number(amount);
}

std::string median_and_p99(const std::optional<Figures>& figures, Unit unit) {
    if (!figures) return "-";
    return with_unit(figures->median, unit) + " / " + with_unit(figures->p99, unit);
}

std::string ratio(const Row& row) {
    if (!row.bare || row.bare->median == 0) return "-";
    return number(row.measured.median / row.bare->median) + "x";
}

std::string goal(const Row& row) {
    const std::string suffix = row.goal.of == Of::p99 ? " (p99)" : "";
    switch (row.goal.kind) {
        case Goal::Kind::none: return "-";
        case Goal::Kind::at_most_times: return "at most " + number(row.goal.limit) + "x" + suffix;
        case Goal::Kind::at_least_times: return "at least " + number(row.goal.limit) + "x" + suffix;
        case Goal::Kind::at_most_more: return "at most " + with_unit(row.goal.limit, row.unit) + " more" + suffix;
        case Goal::Kind::at_most: return "at most " + with_unit(row.goal.limit, row.unit) + suffix;
    }
    return "-";
}

std::string outcome(const Row& row) {
    const std::optional<bool> done = reached(row);
    if (!done) return "";
    return *done ? "reached" : "MISSED";
}

// One line of the table: its cells, without spaces at the end.
std::string line(std::string what, std::string measured, std::string bare, std::string ratio, std::string goal,
                 std::string outcome) {
    std::string text = padded(std::move(what), kWhatWidth) + padded(std::move(measured), kFiguresWidth) +
                       padded(std::move(bare), kFiguresWidth) + padded(std::move(ratio), kRatioWidth) +
                       padded(std::move(goal), kGoalWidth) + std::move(outcome);
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

const char* name(Unit unit) {
    switch (unit) {
        case Unit::nanoseconds: return "ns";
        case Unit::bytes: return "bytes";
        case Unit::per_second: return "1/s";
        case Unit::count: return "count";
    }
    return "";
}

}  // namespace

std::string table_head() {
    return line("what (and below it, what it stands beside)", "median / p99", "beside", "ratio", "goal", "") +
           std::string(kWhatWidth + 2 * kFiguresWidth + kRatioWidth + kGoalWidth + 7, '-') + "\n";
}

std::string table_line(const Row& row) {
    std::string text = line(row.what, median_and_p99(row.measured, row.unit), median_and_p99(row.bare, row.unit),
                            ratio(row), goal(row), outcome(row));
    if (!row.beside.empty()) text += "    " + row.beside + "\n";
    return text;
}

std::string table_gap(std::string_view name, std::string_view reason) {
    return std::string(name) + "\n    could not be measured here: " + std::string(reason) + "\n";
}

std::string to_json(std::span<const Row> rows) {
    using Json = nlohmann::ordered_json;
    Json all = Json::array();
    for (const Row& row : rows) {
        Json each{
            {"what", row.what}, {"unit", name(row.unit)}, {"median", row.measured.median}, {"p99", row.measured.p99}};
        if (row.bare) {
            each["beside"] = Json{{"what", row.beside}, {"median", row.bare->median}, {"p99", row.bare->p99}};
        }
        if (row.goal.kind != Goal::Kind::none) each["goal"] = goal(row);
        if (const std::optional<bool> done = reached(row)) each["reached"] = *done;
        all.push_back(std::move(each));
    }
    return all.dump(2);
}

}  // namespace curfew::bench
