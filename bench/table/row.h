// A row of the table that `curfew bench` prints: something of Curfew's, beside the bare mechanism that it
// rests on.
#ifndef CURFEW_BENCH_TABLE_ROW_H
#define CURFEW_BENCH_TABLE_ROW_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>

namespace curfew::bench {

// What many measurements of one thing come to, in the row's unit.
struct Figures {
    double median = 0;
    double p99 = 0;  // 99 of 100 measurements are at least as good
};

// The figures of a list of measurements, which must not be empty; of rates, which are the better the larger
// they are.
Figures summarize(std::vector<double> measurements);
Figures summarize_rates(std::vector<double> measurements);

enum class Unit : std::uint8_t { nanoseconds, bytes, per_second, count };

// Which figure a goal looks at.
enum class Of : std::uint8_t { median, p99 };

// What the project wants to reach. Machines differ, so a goal says how the row relates to what stands beside
// it.
struct Goal {
    enum class Kind : std::uint8_t {
        none,            // the figure is only reported
        at_most_times,   // measured <= limit * beside
        at_least_times,  // measured >= limit * beside
        at_most_more,    // measured <= beside + limit, in the row's unit
        at_most,         // measured <= limit, in the row's unit
    };
    Kind kind = Kind::none;
    double limit = 0;
    Of of = Of::median;
};

struct Row {
    std::string what;      // "restore after the redirect handler, then the next call"
    std::string beside{};  // what `bare` is of: "two calls without a restore"; empty if there is nothing
    Unit unit = Unit::nanoseconds;
    Figures measured{};
    std::optional<Figures> bare{};  // measured in the same run, by turns with `measured` where that is possible
    Goal goal{};
};

// Whether the goal is reached; nothing if there is no goal, or nothing to compare with.
std::optional<bool> reached(const Row& row);

// Something to measure. Gives a row, or several that belong together; fails where this machine cannot run it.
struct Benchmark {
    std::string_view name;  // of all its rows together
    std::string_view rows;  // what each of its rows is called, a line each
    Result<std::vector<Row>> (*measure)();

    // Whether --only with this text asks for it: by its own name, or by that of a row. Capital letters are as small ones.
    bool is_meant_by(std::string_view text) const;

    // Whether that asks for this row of it.
    bool prints(const Row& row, std::string_view text) const;

    // Whether `rows` names this row, as it must: else nobody could ask for it.
    bool names(const Row& row) const;
};

// All benchmarks, in the table's order; stands in benchmarks.cc.
std::span<const Benchmark> all_benchmarks();

}  // namespace curfew::bench

#endif
