// Counts what happens, as an observer of the process.
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <curfew/limits.h>
#include <curfew/observer.h>
#include <curfew/prometheus.h>

#include "base/error.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/utf8.h"

namespace curfew {

namespace {

constexpr const char* kOther = "other";
constexpr std::size_t kLongestLabel = 255;
constexpr std::array kInvocationErrors{ErrorCode::invalid_argument, ErrorCode::handler_error, ErrorCode::syntax_error,
                                       ErrorCode::stack_overflow,   ErrorCode::out_of_memory, ErrorCode::cancelled,
                                       ErrorCode::not_run,          ErrorCode::guest_abort,   ErrorCode::monitor_failed,
                                       ErrorCode::internal};
constexpr std::array kAlarms{observed::AlarmKind::refused_system_call, observed::AlarmKind::broken_protocol,
                             observed::AlarmKind::ran_between_calls};

using Boundaries = prometheus::Histogram::BucketBoundaries;

// From what an empty handler takes to what a patient caller allows.
const Boundaries& microseconds() {
    static const Boundaries& all =
        *new Boundaries{10,     20,     50,      100,     200,     500,       1'000,     2'000,     5'000,     10'000,
                        20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000, 2'000'000, 5'000'000, 10'000'000};
    return all;
}

// From what a function takes that only adds, to a slow service.
const Boundaries& seconds() {
    static const Boundaries& all = *new Boundaries{1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3,
                                                   5e-3, 0.01, 0.02, 0.05, 0.1,  0.2,  0.5,  1,    2,    5,    10};
    return all;
}

std::string label_of(std::string_view name) { return base::to_valid_utf8(std::string(name.substr(0, kLongestLabel))); }

// Which names there are, up to a number of them.
class KnownNames {
  public:
    explicit KnownNames(std::size_t most) : most_(most) {}

    // Whether the name is one of them, or there is room for it.
    bool admit(const std::string& name) {
        const base::Lock lock(mutex_);
        if (names_.contains(name)) return true;
        if (names_.size() >= most_) return false;
        names_.insert(name);
        return true;
    }

  private:
    const std::size_t most_;
    base::Mutex mutex_;
    std::set<std::string> names_ GUARDED_BY(mutex_);
};

// A family's histograms by name. In parts with a lock each, so that threads that count different names seldom meet; those
// that count the same one meet in the histogram anyway.
class Histograms {
  public:
    // Observes the value in the histogram of this name. `find` finds or makes it, and says whether to remember it; it is
    // called seldom.
    template <typename Find>
    void observe(std::string_view name, double value, Find find) {
        Part& part = parts_[Hash()(name) % parts_.size()];
        prometheus::Histogram* histogram = nullptr;
        {
            const base::Lock lock(part.mutex);
            if (const auto found = part.known.find(name); found != part.known.end()) histogram = found->second;
        }
        if (histogram == nullptr) {
            bool remember = false;
            histogram = &find(remember);
            const base::Lock lock(part.mutex);
            if (remember) part.known.emplace(name, histogram);
        }
        histogram->Observe(value);
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    struct Part {
        base::Mutex mutex;
        std::unordered_map<std::string, prometheus::Histogram*, Hash, std::equal_to<>> known GUARDED_BY(mutex);
    };
    std::array<Part, 16> parts_;
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

// One registry's metrics.
class MetricsObserver final : public Observer {
  public:
    // Throws what the registry throws when it refuses a metric.
    MetricsObserver(std::shared_ptr<prometheus::Registry> registry, MetricsOptions options)
        : registry_(std::move(registry)),
          handlers_(options.handler_names),
          monitors_(options.monitor_names + limit_kinds().size()),
          host_functions_(options.host_functions) {
        prometheus::Registry& to = *registry_;
        active_ = {gauge(to, "active_proto_js_sandboxes", "Configurations (ProtoSandbox) that exist now"),
                   gauge(to, "active_js_sandboxes", "Sandboxes without handlers (Sandbox) that exist now"),
                   gauge(to, "active_loaded_js_sandboxes", "Sandboxes with handlers (LoadedSandbox) that exist now")};
        made_ = {counter(to, "proto_js_sandboxes_total", "Configurations (ProtoSandbox) made so far"),
                 counter(to, "js_sandboxes_total", "Sandboxes without handlers (Sandbox) made so far"),
                 counter(to, "loaded_js_sandboxes_total", "Sandboxes with handlers (LoadedSandbox) made so far")};
        engines_of_sandboxes_ = &family(to, prometheus::BuildCounter(), "sandbox_engines_total",
                                        "Cells of sandboxes made so far, by engine");
        loads_ = counter(to, "sandbox_loads_total", "Times that handlers were loaded");
        unloads_ = counter(to, "sandbox_unloads_total", "Times that handlers were unloaded");
        terminations_ = &family(to, prometheus::BuildCounter(), "monitor_terminations_total",
                                "Invocations that an execution monitor ended");
        warnings_ =
            &family(to, prometheus::BuildCounter(), "monitor_warnings_total", "Warnings of soft execution monitors");
        errors_ = &family(to, prometheus::BuildCounter(), "guest_errors_total",
                          "Invocations that gave no result, by the code of their errors");
        calls_ = {&family(to, prometheus::BuildHistogram(), "event_handler_calls_total",
                          "Wall time of handlers' calls without a garbage collection, in microseconds"),
                  &family(to, prometheus::BuildHistogram(), "event_handler_calls_with_gc_total",
                          "Wall time of handlers' calls with a garbage collection, in microseconds")};
        host_calls_ = &family(to, prometheus::BuildHistogram(), "host_call_duration_seconds",
                              "Wall time of calls of host functions, in seconds");
        alarms_ = &family(to, prometheus::BuildCounter(), "curfew_alarms_total",
                          "Guests that did what no script can make them do: somebody runs native code in a cell");
        engines_ = &family(to, prometheus::BuildCounter(), "engine_images_total",
                           "Engines made ready in this process, by where their images came from");
        // So that the first one is an increase that can be seen.
        for (const LimitKind& kind : limit_kinds()) terminations_->Add(monitor_label(kind.name));
        for (const auto kind : kAlarms) alarms_->Add({{"kind", std::string(to_string(kind))}});
        for (const ErrorCode code : kInvocationErrors) errors_->Add({{"code", std::string(to_string(code))}});
    }

    // Shows what exists now. The lock makes the last one to show it show the latest.
    void show_active() {
        const base::Lock lock(active_mutex_);
        if (!closed_) show(sandbox_counts());
    }

    // Another registry has taken over.
    void close() {
        const base::Lock lock(active_mutex_);
        closed_ = true;
        show({});
    }

    void sandbox_made(const observed::SandboxMade& event) noexcept override {
        show_active();
        made_[static_cast<std::size_t>(event.stage)]->Increment();
        if (event.stage == SandboxStage::proto) return;
        count([&] {
            engines_of_sandboxes_
                ->Add({{"engine", std::string(name_of(event.engine))}, {"jitless", event.jitless ? "true" : "false"}})
                .Increment();
        });
    }
    void sandbox_loaded(const observed::SandboxLoaded&) noexcept override {
        show_active();
        made_[static_cast<std::size_t>(SandboxStage::loaded)]->Increment();
        loads_->Increment();
    }
    void sandbox_unloaded(const observed::SandboxUnloaded&) noexcept override {
        show_active();
        made_[static_cast<std::size_t>(SandboxStage::runtime)]->Increment();
        unloads_->Increment();
    }
    void sandbox_dropped(const observed::SandboxDropped&) noexcept override { show_active(); }

    void invocation_ended(const observed::InvocationEnded& event) noexcept override {
        using enum observed::InvocationOutcome;
        count([&] {
            if (event.error != nullptr) errors_->Add({{"code", std::string(to_string(event.error->code))}}).Increment();
            if (event.handler.empty() || event.outcome == not_started) return;
            const std::size_t which = event.collects_garbage ? 1 : 0;
            const double time = std::chrono::duration<double, std::micro>(event.usage.wall_time).count();
            call_times_[which].observe(event.handler, time, [&](bool& remember) -> prometheus::Histogram& {
                std::string label = label_of(event.handler);
                remember = handlers_.admit(label);
                return calls_[which]->Add({{"event_handler_name", remember ? std::move(label) : kOther}},
                                          microseconds());
            });
        });
    }

    void host_call_ended(const observed::HostCallEnded& event) noexcept override {
        count([&] {
            std::string name(event.module);
            name += '\0';  // in no name
            name += event.function;
            const double time = std::chrono::duration<double>(event.time).count();
            host_call_times_.observe(name, time, [&](bool& remember) -> prometheus::Histogram& {
                remember = host_functions_.admit(name);
                return host_calls_->Add({{"module", remember ? label_of(event.module) : kOther},
                                         {"function", remember ? label_of(event.function) : kOther}},
                                        seconds());
            });
        });
    }

    void terminated(const monitor::Termination& event) noexcept override {
        count([&] { terminations_->Add(monitor_label(event.monitor)).Increment(); });
    }
    void alarmed(const observed::Alarm& event) noexcept override {
        count([&] { alarms_->Add({{"kind", std::string(to_string(event.kind))}}).Increment(); });
    }
    void engine_ready(const observed::EngineReady& event) noexcept override {
        count([&] {
            engines_
                ->Add({{"engine", std::string(name_of(event.engine))}, {"origin", event.was_made ? "made" : "cache"}})
                .Increment();
        });
    }
    void warned(const monitor::Warning& event) noexcept override {
        count([&] { warnings_->Add(monitor_label(event.monitor)).Increment(); });
    }

  private:
    // What there is no memory for is not counted.
    template <typename Count>
    static void count(Count count) noexcept {
        try {
            count();
        } catch (const std::exception&) {
        }
    }

    prometheus::Labels monitor_label(std::string_view name) {
        std::string label = label_of(name);
        return {{"monitor_type", monitors_.admit(label) ? std::move(label) : kOther}};
    }

    void show(const SandboxCounts& counts) REQUIRES(active_mutex_) {
        active_[0]->Set(static_cast<double>(counts.proto));
        active_[1]->Set(static_cast<double>(counts.runtime));
        active_[2]->Set(static_cast<double>(counts.loaded));
    }

    const std::shared_ptr<prometheus::Registry> registry_;  // keeps what the pointers lead to
    base::Mutex active_mutex_;
    bool closed_ GUARDED_BY(active_mutex_) = false;
    std::array<prometheus::Gauge*, 3> active_{};  // by SandboxStage
    std::array<prometheus::Counter*, 3> made_{};
    prometheus::Counter* loads_ = nullptr;
    prometheus::Counter* unloads_ = nullptr;

    KnownNames handlers_;
    KnownNames monitors_;
    KnownNames host_functions_;
    prometheus::Family<prometheus::Counter>* terminations_ = nullptr;
    prometheus::Family<prometheus::Counter>* warnings_ = nullptr;
    prometheus::Family<prometheus::Counter>* errors_ = nullptr;
    prometheus::Family<prometheus::Counter>* alarms_ = nullptr;
    prometheus::Family<prometheus::Counter>* engines_ = nullptr;
    prometheus::Family<prometheus::Counter>* engines_of_sandboxes_ = nullptr;
    std::array<prometheus::Family<prometheus::Histogram>*, 2> calls_{};  // without and with garbage collection
    std::array<Histograms, 2> call_times_;
    prometheus::Family<prometheus::Histogram>* host_calls_ = nullptr;
    Histograms host_call_times_;
};

struct State {
    base::Mutex mutex;
    ObserverRegistration registration GUARDED_BY(mutex);
    std::shared_ptr<MetricsObserver> observer GUARDED_BY(mutex);
};
constinit base::Immortal<State> g_state;  // sandboxes may outlive the static objects' end

}  // namespace

Result<void> set_metrics_registry(std::shared_ptr<prometheus::Registry> registry, MetricsOptions options) {
    std::shared_ptr<MetricsObserver> observer;
    if (registry) {
        try {
            observer = std::make_shared<MetricsObserver>(std::move(registry), options);
        } catch (const std::exception& e) {
            return base::fail(ErrorCode::invalid_argument,
                              std::string("the metrics registry refused Curfew's metrics: ") + e.what() +
                                  "; give it no metrics of the same names, and make it with InsertBehavior::Merge");
        }
    }
    std::shared_ptr<MetricsObserver> before;  // destroyed without the lock: the registry may be the program's own class
    State& state = g_state.get();
    const base::Lock lock(state.mutex);
    before = std::exchange(state.observer, std::move(observer));
    state.registration.replace(state.observer);
    if (before) before->close();
    if (state.observer) state.observer->show_active();
    return {};
}

}  // namespace curfew
