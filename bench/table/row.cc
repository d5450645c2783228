#include "table/row.h"

#include <algorithm>
#include <cstddef>
#include <ranges>

namespace curfew::bench {

namespace {

char small(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

bool contains(std::string_view name, std::string_view text) {
    return !std::ranges::search(name, text, {}, small, small).empty() || text.empty();
}

}  // namespace

bool Benchmark::is_meant_by(std::string_view text) const {
    return contains(name, text) || std::ranges::any_of(std::views::split(rows, '\n'), [&](const auto& row) {
               return contains(std::string_view(row), text);
           });
}

bool Benchmark::prints(const Row& row, std::string_view text) const {
    return contains(name, text) || contains(row.what, text);
}

bool Benchmark::names(const Row& row) const {
    return std::ranges::any_of(std::views::split(rows, '\n'),
                               [&](const auto& line) { return std::string_view(line) == row.what; });
}

Figures summarize(std::vector<double> measurements) {
    std::ranges::sort(measurements);
    const std::size_t last = measurements.size() - 1;
    return {.median = measurements[last / 2], .p99 = measurements[last - last / 100]};
}

Figures summarize_rates(std::vector<double> measurements) {
    std::ranges::sort(measurements);
    const std::size_t last = measurements.size() - 1;
    return {.median = measurements[last / 2], .p99 = measurements[last / 100]};
}

std::optional<bool> reached(const Row& row) {
    const auto looked_at = [&](const Figures& figures) {
        return row.goal.of == Of::median ? figures.median : figures.p99;
    };
    const double measured = looked_at(row.measured);
    if (row.goal.kind == Goal::Kind::none) return std::nullopt;
    if (row.goal.kind == Goal::Kind::at_most) return measured <= row.goal.limit;

    if (!row.bare) return std::nullopt;
    const double bare = looked_at(*row.bare);
    switch (row.goal.kind) {
        case Goal::Kind::at_most_times: return measured <= row.goal.limit * bare;
        case Goal::Kind::at_least_times: return measured >= row.goal.limit * bare;
        case Goal::Kind::at_most_more: return measured <= bare + row.goal.limit;
        case Goal::Kind::none:
        case Goal::Kind::at_most: break;
    }
    return std::nullopt;
}

}  // namespace curfew::bench
