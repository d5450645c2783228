// The program behind `curfew bench`, which checks and passes on its options: [--only TEXT] [--engine NAME] [--json]
#include <stdlib.h>

#include <algorithm>
#include <iostream>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/engine.h>

#include "table/print.h"
#include "table/row.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: curfew-bench [--only TEXT] [--engine NAME] [--json]\n\n"
    "Measures Curfew on this machine, beside the bare mechanisms.\n\n"
    "  --only TEXT  only rows whose names, or whose benchmark's name, contain this; capitals are as small letters\n"
    "  --engine NAME  what rows are measured on that name no engine\n"
    "  --json       print one JSON array instead of a table\n"
    "  -h, --help   print this\n";

std::string indented(std::string_view lines) {
    std::string text;
    for (const auto line : std::views::split(lines, '\n'))
        text.append("  ").append(std::string_view(line)).append("\n");
    return text;
}

bool is_any_meant_by(std::string_view text) {
    return std::ranges::any_of(curfew::bench::all_benchmarks(),
                               [text](const auto& benchmark) { return benchmark.is_meant_by(text); });
}

}  // namespace

int main(int count, char** arguments) {
    using namespace curfew::bench;

    std::string_view only;
    bool json = false;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = arguments[i];
        if (word == "--json") {
            json = true;
        } else if (word == "--only" && i + 1 < count) {
            only = arguments[++i];
        } else if (word == "--engine" && i + 1 < count) {
            // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no other threads yet
            ::setenv("CURFEW_ENGINE", arguments[++i], 1);
            if (const auto engine = curfew::default_engine(); !engine) {
                std::cerr << "curfew-bench: " << engine.error().message << '\n';
                return 2;
            }
        } else if (word == "--help" || word == "-h") {
            std::cout << kUsage << std::flush;
            return std::cout ? 0 : 1;
        } else {
            std::cerr << "curfew-bench: there is no option " << word << ".\n" << kUsage;
            return 2;
        }
    }

    if (!is_any_meant_by(only)) {
        std::cerr << "curfew-bench: no benchmark and no row has \"" << only
                  << "\" in its name. There are these benchmarks, each with its rows:\n";
        for (const Benchmark& benchmark : all_benchmarks())
            std::cerr << benchmark.name << '\n' << indented(benchmark.rows);
        return 2;
    }

    std::vector<Row> rows;
    bool all_named = true;
    if (!json) std::cout << table_head() << std::flush;
    for (const Benchmark& benchmark : all_benchmarks()) {
        if (!benchmark.is_meant_by(only)) continue;
        auto measured = benchmark.measure();
        if (!measured) {
            (json ? std::cerr : std::cout) << table_gap(benchmark.name, measured.error().message) << std::flush;
            continue;
        }
        for (Row& row : *measured) {
            if (!benchmark.names(row)) {
                std::cerr << "curfew-bench: \"" << benchmark.name << "\" does not name its row \"" << row.what
                          << "\".\n";
                all_named = false;
            }
            if (!benchmark.prints(row, only)) continue;
            if (!json) std::cout << table_line(row) << std::flush;
            rows.push_back(std::move(row));
        }
    }
    if (json) std::cout << to_json(rows) << '\n';
    // A missed goal is a figure like others; a benchmark that found nothing to measure is a failure.
    return rows.empty() || !all_named ? 1 : 0;
}
