// The program behind `curfew bench`, which checks and passes on its options: [--only TEXT] [--json]
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include "table/print.h"
#include "table/row.h"

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
        } else {
            std::cerr << "curfew-bench: there is no option " << word << ". Start it as curfew bench.\n";
            return 2;
        }
    }

    std::vector<Row> rows;
    bool any = false;
    if (!json) std::cout << table_head() << std::flush;
    for (const Benchmark& benchmark : all_benchmarks()) {
        if (benchmark.name.find(only) == std::string_view::npos) continue;
        any = true;
        auto measured = benchmark.measure();
        if (!measured) {
            (json ? std::cerr : std::cout) << table_gap(benchmark.name, measured.error().message) << std::flush;
            continue;
        }
        for (Row& row : *measured) {
            if (!json) std::cout << table_line(row) << std::flush;
            rows.push_back(std::move(row));
        }
    }
    if (json) std::cout << to_json(rows) << '\n';
    if (!any) {
        std::cerr << "curfew-bench: no benchmark has \"" << only << "\" in its name. There are:\n";
        for (const Benchmark& benchmark : all_benchmarks()) std::cerr << "  " << benchmark.name << '\n';
        return 2;
    }
    // A missed goal is a figure like others; a benchmark that found nothing to measure is a failure.
    return rows.empty() ? 1 : 0;
}
