// The table's rows. A benchmark's body lies in a file of its own; its function is declared and listed here.
#include <array>

#include "table/row.h"

namespace curfew::bench {

Result<std::vector<Row>> measure_blocking_call();
Result<std::vector<Row>> measure_spinning_call();
Result<std::vector<Row>> measure_events();
Result<std::vector<Row>> measure_spinning_event();
Result<std::vector<Row>> measure_async_call();
Result<std::vector<Row>> measure_async_tools();
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
Result<std::vector<Row>> measure_program();
Result<std::vector<Row>> measure_restore();
Result<std::vector<Row>> measure_restore_of_pages();
Result<std::vector<Row>> measure_strict_calls();
Result<std::vector<Row>> measure_strict_restore();
Result<std::vector<Row>> measure_pool();
Result<std::vector<Row>> measure_snapshot();
Result<std::vector<Row>> measure_snapshot_file();
Result<std::vector<Row>> measure_load();
Result<std::vector<Row>> measure_kill();
Result<std::vector<Row>> measure_computing();
Result<std::vector<Row>> measure_memory();
Result<std::vector<Row>> measure_crowd();
Result<std::vector<Row>> measure_waiting();
Result<std::vector<Row>> measure_pause();
Result<std::vector<Row>> measure_node_computing();
Result<std::vector<Row>> measure_node_calls();
Result<std::vector<Row>> measure_node_restore();
Result<std::vector<Row>> measure_node_cold_start();
Result<std::vector<Row>> measure_node_memory();
Result<std::vector<Row>> measure_node_kill();
Result<std::vector<Row>> measure_node_pool();
Result<std::vector<Row>> measure_node_jitless();
Result<std::vector<Row>> measure_values();
Result<std::vector<Row>> measure_node_values();

std::span<const Benchmark> all_benchmarks() {
    static constexpr std::array kBenchmarks{
        Benchmark{"blocking call", "call of an empty guest, blocking", measure_blocking_call},
        Benchmark{"spinning call", "call of an empty guest, spinning (a spare CPU)", measure_spinning_call},
        Benchmark{"handle_event",
                  "handle_event of the redirect handler, without GC\nhandle_event of the redirect handler, with GC",
                  measure_events},
        Benchmark{"handle_event, spinning", "handle_event of the redirect handler, WaitMode::spin (a spare CPU)",
                  measure_spinning_event},
        Benchmark{"values", "an event of 1 KiB as CBOR, and back\nan event of 1 MiB as CBOR, and back", measure_values},
        Benchmark{"values, on Node.js",
                  "an event of 1 KiB as CBOR, and back, on Node.js\nan event of 1 MiB as CBOR, and back, on Node.js",
                  measure_node_values},
        Benchmark{"host call",
                  "host call with two numbers, on the caller's thread\nhost call with two numbers, on a kept thread",
                  measure_host_call},
        Benchmark{"async host call", "async host call that is answered at once", measure_async_call},
        Benchmark{"async tools", "three async tools of 100 ms in Promise.all", measure_async_tools},
        Benchmark{"monitors: handle_event", "handle_event with WallClock+CpuTime monitors", measure_monitors},
        Benchmark{"monitors: supervise",
                  "supervise of empty work with WallClockMonitor\nsupervise of empty work with WallClock+CpuTime",
                  measure_supervise},
        Benchmark{"monitors: plain ways",
                  "the plain way: a std::jthread for each call\nthe plain way: a boost::asio timer for each call",
                  measure_plain_limits},
        Benchmark{"monitors: timers", "arm and disarm a timer among 10,000 others", measure_timers},
        Benchmark{"monitors: wake-ups",
                  "wake-ups of the monitor runtime: 1,000 invocations idle for 3 s\nCPU time of this process "
                  "meanwhile\nwake-ups for a busy handler under 500 ms of CPU time",
                  measure_wake_ups},
        Benchmark{"monitors: lateness",
                  "lateness of a 5 ms limit of wall-clock time\nlateness of a 5 ms limit of CPU time\nlateness of a 20 "
                  "ms limit of wall-clock time\nlateness of a 20 ms limit of CPU time",
                  measure_lateness},
        Benchmark{"monitors: lateness, all CPUs busy",
                  "lateness of a 5 ms limit of wall-clock time, all CPUs busy\nlateness of a 5 ms limit of CPU time, "
                  "all CPUs busy\nlateness of a 20 ms limit of wall-clock time, all CPUs busy\nlateness of a 20 ms "
                  "limit of CPU time, all CPUs busy",
                  measure_lateness_when_busy},
#ifdef CURFEW_BENCH_METRICS
        Benchmark{"metrics", "handle_event with metrics", measure_metrics},
#endif
        Benchmark{"cold start", "cold start: from a Snapshot to the first result\ncold start, 20 in a row",
                  measure_cold_start},
        Benchmark{"restore", "restore after the redirect handler, and its next call", measure_restore},
        Benchmark{"program", "a program of ten lines, from text to result in a clean state", measure_program},
        Benchmark{"restore of dirty pages",
                  "restore after 0 dirty pages, and the next call\nrestore after 10 dirty pages, and the next "
                  "call\nrestore after 100 dirty pages, and the next call\nrestore after 1000 dirty pages, and the "
                  "next call",
                  measure_restore_of_pages},
        Benchmark{"strict isolation: calls",
                  "handle_event with SideChannels::strict\nhandle_event with a branch barrier, where possible",
                  measure_strict_calls},
        Benchmark{
            "strict isolation: restore",
            "restore with RestoreMode::strict, and the next call\nrestore with all strict isolation, and the next "
            "call",
            measure_strict_restore},
        Benchmark{"pool",
                  "requests through a pool with restore every time, 1 thread\nrequests through a pool with restore "
                  "every time, 1 thread: each\nrequests through a pool with restore every time, 2 threads\nrequests "
                  "through a pool with restore every time, 2 threads: each",
                  measure_pool},
        Benchmark{"snapshot", "snapshot() of a sandbox with one handler", measure_snapshot},
        Benchmark{"snapshot file", "from Snapshot::load of a file to the first result", measure_snapshot_file},
        Benchmark{"load",
                  "load() of 1 handler\nload() of 1 handler, and a snapshot\nload() of 2 handlers\nload() of 2 "
                  "handlers, and a "
                  "snapshot\nload() of 5 handlers\nload() of 5 handlers, and a snapshot\nload() of 10 "
                  "handlers\nload() of 10 handlers, and a snapshot",
                  measure_load},
        Benchmark{"kill", "kill of a tight loop: from kill() to the error", measure_kill},
        Benchmark{"computing",
                  "fib(30), runs per CPU second\na JSON round-trip loop, runs per CPU second\nsort, map and reduce "
                  "over arrays, runs per CPU second",
                  measure_computing},
        Benchmark{"memory", "memory of one more idle sandbox (average over 500)", measure_memory},
        Benchmark{"500 sandboxes",
                  "500 sandboxes at once on 2 threads: made, one call each\n500 sandboxes at once on 2 threads: their "
                  "first calls",
                  measure_crowd},
        Benchmark{
            "waiting",
            "memory of one of 10,000 waiting invocations, page tables included\nthreads of this process while 10,000 "
            "invocations wait\nanswer to one of 10,000 waiting invocations, to its result",
            measure_waiting},
        Benchmark{
            "pause",
            "pause, save to bytes, load, and resume, to the result\npause, save to a file on disk, load, and resume",
            measure_pause},
#ifdef CURFEW_BENCH_NODE
        Benchmark{"node: computing",
                  "Node.js: fib(30), CPU time\nNode.js: JSON, CPU time\nNode.js: arrays, CPU time\nNode.js: text and "
                  "regular expressions, CPU time\nNode.js: garbage, CPU time\nNode.js: Map, CPU time",
                  measure_node_computing},
        Benchmark{
            "node: calls",
            "Node.js: handle_event of the redirect handler\nNode.js: handle_event of the redirect handler, spinning",
            measure_node_calls},
        Benchmark{"node: restore",
                  "Node.js: restore after redirect, and the next call\nNode.js: restore after URL, Buffer and sha256, "
                  "and the next call\nNode.js: restore after Response, and the next call",
                  measure_node_restore},
        Benchmark{"node: cold start",
                  "Node.js: cold start, from a Snapshot to the first result\nNode.js: first call of a new cell, of a "
                  "warmed handler",
                  measure_node_cold_start},
        Benchmark{"node: memory", "Node.js: memory of one more idle sandbox, page tables included",
                  measure_node_memory},
        Benchmark{"node: kill",
                  "Node.js: end of a loop after its limit of 20 ms\nNode.js: end of a regular expression after its "
                  "limit of 20 ms\nNode.js: end of sort after its limit of 20 ms\nNode.js: end of JSON.stringify after "
                  "its limit of 20 ms\nNode.js: end of garbage collection after its limit of 20 ms\nNode.js: end of "
                  "zlib after its "
                  "limit of 20 ms\nNode.js: end of WebAssembly after its limit of 20 ms",
                  measure_node_kill},
        Benchmark{
            "node: pool",
            "Node.js: requests through a pool with restore every time, 1 thread\nNode.js: requests through a pool "
            "with restore every time, 1 thread: each\nNode.js: requests through a pool with restore every time, 2 "
            "threads\nNode.js: requests through a pool with restore every time, 2 threads: each",
            measure_node_pool},
        Benchmark{"node: without its compiler",
                  "Node.js without its compiler: fib(30), CPU time\nNode.js without its compiler: JSON, CPU "
                  "time\nNode.js without its compiler: arrays, CPU time\nNode.js without its compiler: text and "
                  "regular expressions, CPU time\nNode.js without its compiler: garbage, CPU time\nNode.js without its "
                  "compiler: Map, CPU time\nNode.js without its compiler: handle_event of the redirect handler",
                  measure_node_jitless},
#endif
    };
    return kBenchmarks;
}

}  // namespace curfew::bench
