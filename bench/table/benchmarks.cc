// The table's rows. A benchmark's body lies in a file of its own; its function is declared and listed here.
#include <array>

#include "table/row.h"

namespace curfew::bench {

Result<std::vector<Row>> measure_restore();

std::span<const Benchmark> all_benchmarks() {
    static constexpr std::array kBenchmarks{
        Benchmark{"restore", measure_restore},
    };
    return kBenchmarks;
}

}  // namespace curfew::bench
