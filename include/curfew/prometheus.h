// Metrics for Prometheus, kept in a prometheus-cpp registry that the program supplies. In a library of its own:
// curfew::prometheus in CMake.
//
//     auto registry = std::make_shared<prometheus::Registry>();
//     curfew::set_metrics_registry(registry);
//     ...
//     std::cout << prometheus::TextSerializer().Serialize(registry->Collect());
//
//   active_proto_js_sandboxes, active_js_sandboxes, active_loaded_js_sandboxes     gauges: objects that exist now
//   proto_js_sandboxes_total, js_sandboxes_total, loaded_js_sandboxes_total        such objects made so far, by any step
//   sandbox_loads_total, sandbox_unloads_total                                     load() and unload() that succeeded
//   monitor_terminations_total{monitor_type}           invocations that this monitor ended
//   monitor_warnings_total{monitor_type}               warnings of soft monitors
//   event_handler_calls_total{event_handler_name}      histogram of the wall time of calls without garbage collection
//   event_handler_calls_with_gc_total{event_handler_name}       and with it, both in microseconds
//   guest_errors_total{code}                           invocations, calls and loads, that gave no result, by ErrorCode
//   curfew_alarms_total{kind}                          guests that did what no script can make them do, by observed::AlarmKind
//   engine_images_total{engine,origin}                 engines made ready, by where their image came from: made or cache
//   host_call_duration_seconds{module,function}        histogram of the wall time of calls of host functions
//
// Each call that got as far as its monitors counts in one of the two histograms, however it ended.
#ifndef CURFEW_PROMETHEUS_H
#define CURFEW_PROMETHEUS_H

#include <curfew/language.h>

#include <cstddef>
#include <memory>

#include <curfew/error.h>
#include <curfew/export.h>

namespace prometheus {
class Registry;
}

namespace curfew {

// How many values a label may have. Names past that count under the name "other", so that neither tenants with ever
// new handlers nor monitors that make up their names can fill the memory of whoever collects the metrics.
struct MetricsOptions {
    std::size_t handler_names = 1000;
    std::size_t monitor_names = 100;  // besides those of the built-in monitors
    std::size_t host_functions = 1000;
};

// From now on, metrics are kept in `registry`; null, as at the start, keeps none. Gauges show at once what exists. The
// registry before keeps its counters and histograms as they are, and its gauges become 0.
//
// Thread-safe, also while calls run: a call that is about to end counts in one of the two registries. Sandboxes that are not
// used keep the old registry alive until their next call.
//
// Fails with `invalid_argument`, and changes nothing, if the registry refuses a metric: because it has one of that name
// but another type, or because it was made to throw for metrics that it has already.
//
// A child process of fork() should set a registry of its own, or null, before it uses sandboxes.
[[nodiscard]] CURFEW_EXPORT Result<void> set_metrics_registry(std::shared_ptr<prometheus::Registry> registry,
                                                              MetricsOptions options = {});

}  // namespace curfew

#endif
