#include "sandbox/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <exception>
#include <set>
#include <utility>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/utf8.h"
#include "sandbox/failure.h"
#include "sandbox/reporter.h"

namespace curfew::sandbox {

constinit std::atomic<std::uint64_t> metrics_generation{0};

namespace {

constexpr std::string_view kOther = "other";
constexpr std::size_t kLongestLabel = 255;
constexpr std::array kBuiltInMonitors{"wall-clock", "cpu-time", "memory",     "host-calls",
                                      "output",     "deadline", "stop-token", "quota"};

// Microseconds, from what an empty handler takes to what a patient caller allows.
const prometheus::Histogram::BucketBoundaries& buckets() {
    static const prometheus::Histogram::BucketBoundaries& all = *new prometheus::Histogram::BucketBoundaries{
        10,     20,     50,      100,     200,     500,       1'000,     2'000,     5'000,     10'000,
        20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000, 2'000'000, 5'000'000, 10'000'000};
    return all;
}

// The values of one label, up to a number of them.
class LabelValues {
  public:
    LabelValues(const char* label, std::size_t most) : label_(label), most_(most) {}

    // The label for a name: the name as UTF-8, or "other".
    prometheus::Labels label(std::string_view name) {
        std::string value = base::to_valid_utf8(std::string(name.substr(0, kLongestLabel)));
        if (!values_.contains(value)) {
            if (values_.size() >= most_) return {{label_, std::string(kOther)}};
            values_.insert(value);
        }
        return {{label_, std::move(value)}};
    }

  private:
    const char* label_;
    std::size_t most_;
    std::set<std::string> values_;
};

template <typename Builder>
auto& family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(registry);
}
prometheus::Gauge* gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return &family(registry, prometheus::BuildGauge(), name, help).Add({});
}
prometheus::Counter* counter(prometheus::Registry& registry, const char* name, const char* help) {
    return &family(registry, prometheus::BuildCounter(), name, help).Add({});
}

}  // namespace

// Where one registry's metrics are. All but the histograms and the registry themselves is guarded by the mutex of State.
class MetricsSink {
  public:
    MetricsSink(std::shared_ptr<prometheus::Registry> registry, MetricsOptions options)
        : registry_(std::move(registry)),
          handlers_("event_handler_name", options.handler_names),
          monitors_("monitor_type", options.monitor_names + kBuiltInMonitors.size()) {
        prometheus::Registry& to = *registry_;
        active = {gauge(to, "active_proto_js_sandboxes", "Configurations (ProtoSandbox) that exist now"),
                  gauge(to, "active_js_sandboxes", "Sandboxes without handlers (Sandbox) that exist now"),
                  gauge(to, "active_loaded_js_sandboxes", "Sandboxes with handlers (LoadedSandbox) that exist now")};
        made = {counter(to, "proto_js_sandboxes_total", "Configurations (ProtoSandbox) made so far"),
                counter(to, "js_sandboxes_total", "Sandboxes without handlers (Sandbox) made so far"),
                counter(to, "loaded_js_sandboxes_total", "Sandboxes with handlers (LoadedSandbox) made so far")};
        loads = counter(to, "sandbox_loads_total", "Times that handlers were loaded");
        unloads = counter(to, "sandbox_unloads_total", "Times that handlers were unloaded");
        terminations_ = &family(to, prometheus::BuildCounter(), "monitor_terminations_total",
                                "Invocations that an execution monitor ended");
        warnings_ =
            &family(to, prometheus::BuildCounter(), "monitor_warnings_total", "Warnings of soft execution monitors");
        calls_ = {&family(to, prometheus::BuildHistogram(), "event_handler_calls_total",
                          "Wall time of handlers' calls without a garbage collection, in microseconds"),
                  &family(to, prometheus::BuildHistogram(), "event_handler_calls_with_gc_total",
                          "Wall time of handlers' calls with a garbage collection, in microseconds")};
        // So that the first termination is an increase that can be seen.
        for (const char* monitor : kBuiltInMonitors) terminations_->Add(monitors_.label(monitor));
    }

    void terminated(std::string_view monitor) { terminations_->Add(monitors_.label(monitor)).Increment(); }
    void warned(std::string_view monitor) { warnings_->Add(monitors_.label(monitor)).Increment(); }

    prometheus::Histogram& histogram(std::string_view handler, bool with_gc) {
        return calls_[with_gc ? 1 : 0]->Add(handlers_.label(handler), buckets());
    }

    std::array<prometheus::Gauge*, 3> active{};  // by Stage, without `none`
    std::array<prometheus::Counter*, 3> made{};
    prometheus::Counter* loads = nullptr;
    prometheus::Counter* unloads = nullptr;

  private:
    const std::shared_ptr<prometheus::Registry> registry_;
    LabelValues handlers_;
    LabelValues monitors_;
    prometheus::Family<prometheus::Counter>* terminations_ = nullptr;
    prometheus::Family<prometheus::Counter>* warnings_ = nullptr;
    std::array<prometheus::Family<prometheus::Histogram>*, 2> calls_{};
};

namespace {

struct State {
    base::ForkSafeMutex mutex;
    std::array<std::int64_t, 3> active{};  // counted always, so that a registry that comes later starts right
    std::shared_ptr<MetricsSink> sink;
    std::uint64_t changes = 0;

    void show_active() const {
        for (std::size_t i = 0; i < active.size(); ++i) sink->active[i]->Set(static_cast<double>(active[i]));
    }
};
constinit base::Immortal<State> g_state;
State& state() { return g_state.get(); }

// Calls `use` with the sink, if there is one. A count that there is no memory for is lost.
template <typename Use>
void with_sink(Use use) noexcept {
    if (metrics_generation.load(std::memory_order_relaxed) == 0) return;
    try {
        const base::Lock lock(state().mutex);
        if (state().sink) use(*state().sink);
    } catch (const std::exception&) {
    }
}

}  // namespace

void Counted::enter(Stage stage) noexcept {
    if (stage == Stage::none && stage_ == Stage::none) return;
    State& all = state();
    const base::Lock lock(all.mutex);
    const auto index = [](Stage of) { return static_cast<std::size_t>(of) - 1; };
    if (stage_ != Stage::none) --all.active[index(stage_)];
    if (stage != Stage::none) ++all.active[index(stage)];
    stage_ = stage;
    if (!all.sink) return;
    all.show_active();
    if (stage != Stage::none) all.sink->made[index(stage)]->Increment();
}

void count_load() noexcept {
    with_sink([](MetricsSink& sink) { sink.loads->Increment(); });
}
void count_unload() noexcept {
    with_sink([](MetricsSink& sink) { sink.unloads->Increment(); });
}
void count_termination(std::string_view monitor) noexcept {
    with_sink([&](MetricsSink& sink) { sink.terminated(monitor); });
}
void count_warning(std::string_view monitor) noexcept {
    with_sink([&](MetricsSink& sink) { sink.warned(monitor); });
}

void CallMetrics::count(std::uint64_t generation, std::string_view handler, bool with_gc,
                        std::chrono::nanoseconds time) noexcept try {
    if (generation != generation_) {
        handlers_.clear();
        const base::Lock lock(state().mutex);
        sink_ = state().sink;
        // Not the one that was passed, which may be older than the sink.
        generation_ = metrics_generation.load(std::memory_order_relaxed);
    }
    if (sink_ == nullptr) return;
    auto found = handlers_.find(handler);
    if (found == handlers_.end()) found = handlers_.emplace(handler, OfHandler{}).first;
    prometheus::Histogram*& histogram = found->second[with_gc ? 1 : 0];
    if (histogram == nullptr) {
        const base::Lock lock(state().mutex);
        histogram = &sink_->histogram(handler, with_gc);
    }
    histogram->Observe(std::chrono::duration<double, std::micro>(time).count());
} catch (const std::exception&) {
    // No memory: this call is not counted.
}

}  // namespace curfew::sandbox

namespace curfew {

Result<void> set_metrics_registry(std::shared_ptr<prometheus::Registry> registry, MetricsOptions options) {
    using sandbox::MetricsSink;
    std::shared_ptr<MetricsSink> sink;
    if (registry) {
        sandbox::install_reporter();
        try {
            sink = std::make_shared<MetricsSink>(std::move(registry), options);
        } catch (const std::exception& e) {
            return sandbox::fail(ErrorCode::invalid_argument,
                                 std::string("the metrics registry refused Curfew's metrics: ") + e.what() +
                                     "; give it no metrics of the same names, and make it with InsertBehavior::Merge");
        }
    }
    std::shared_ptr<MetricsSink> before;  // destroyed without the lock: the registry may be the program's own class
    sandbox::State& state = sandbox::state();
    const base::Lock lock(state.mutex);
    before = std::exchange(state.sink, std::move(sink));
    if (before) {
        for (prometheus::Gauge* gauge : before->active) gauge->Set(0);
    }
    if (state.sink) state.show_active();
    ++state.changes;
    sandbox::metrics_generation.store(state.sink ? state.changes : 0, std::memory_order_relaxed);
    return {};
}

}  // namespace curfew
