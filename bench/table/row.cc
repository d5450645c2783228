#include "table/row.h"

#include <algorithm>
#include <cstddef>

namespace curfew::bench {

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
