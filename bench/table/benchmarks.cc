// The table's rows. A benchmark's body lies in a file of its own; its function is declared and listed here.
#include <array>

#include "table/row.h"

namespace curfew::bench {

Result<std::vector<Row>> measure_blocking_call();
Result<std::vector<Row>> measure_spinning_call();
Result<std::vector<Row>> measure_events();
Result<std::vector<Row>> measure_host_call();
Result<std::vector<Row>> measure_monitors();
Result<std::vector<Row>> measure_metrics();
Result<std::vector<Row>> measure_supervise();
Result<std::vector<Row>> measure_plain_limits();
Result<std::vector<Row>> measure_timers();
Result<std::vector<Row>> measure_lateness();
Result<std::vector<Row>> measure_lateness_when_busy();
Result<std::vector<Row>> measure_wake_ups();
Result<std::vector<Row>> measure_cold_start();
Result<std::vector<Row>> measure_restore();
Result<std::vector<Row>> measure_restore_of_pages();
Result<std::vector<Row>> measure_pool();
Result<std::vector<Row>> measure_snapshot();
Result<std::vector<Row>> measure_snapshot_file();
Result<std::vector<Row>> measure_load();
Result<std::vector<Row>> measure_kill();
Result<std::vector<Row>> measure_computing();
Result<std::vector<Row>> measure_memory();
Result<std::vector<Row>> measure_crowd();

std::span<const Benchmark> all_benchmarks() {
    static constexpr std::array kBenchmarks{
        Benchmark{"blocking call", measure_blocking_call},
        Benchmark{"spinning call", measure_spinning_call},
        Benchmark{"handle_event", measure_events},
        Benchmark{"host call", measure_host_call},
        Benchmark{"monitors: handle_event", measure_monitors},
        Benchmark{"monitors: supervise", measure_supervise},
        Benchmark{"monitors: plain ways", measure_plain_limits},
        Benchmark{"monitors: timers", measure_timers},
        Benchmark{"monitors: wake-ups", measure_wake_ups},
        Benchmark{"monitors: lateness", measure_lateness},
        Benchmark{"monitors: lateness, all CPUs busy", measure_lateness_when_busy},
#ifdef CURFEW_BENCH_METRICS
        Benchmark{"metrics", measure_metrics},
#endif
        Benchmark{"cold start", measure_cold_start},
        Benchmark{"restore", measure_restore},
        Benchmark{"restore of dirty pages", measure_restore_of_pages},
        Benchmark{"pool", measure_pool},
        Benchmark{"snapshot", measure_snapshot},
        Benchmark{"snapshot file", measure_snapshot_file},
        Benchmark{"load", measure_load},
        Benchmark{"kill", measure_kill},
        Benchmark{"computing", measure_computing},
        Benchmark{"memory", measure_memory},
        Benchmark{"500 sandboxes", measure_crowd},
    };
    return kBenchmarks;
}

}  // namespace curfew::bench
