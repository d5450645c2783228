// Metrics: what is counted, where, and under which names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <curfew/curfew.h>
#include <curfew/engine_store.h>
#include <curfew/prometheus.h>

#include "sandbox/testing/load.h"
#include "sandbox/testing/take_over.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHandler = "function handler(event) { while (event === 'spin') {} return event; }";

// Fires at once, under any name.
class Immediate {
  public:
    explicit Immediate(std::string name) : name_(std::move(name)) {}
    Result<MonitorTask> get_monitor(const Invocation&) const { return end(); }
    std::string_view name() const noexcept { return name_; }

  private:
    static MonitorTask end() { co_return; }
    std::string name_;
};

void run_under(const AnyMonitor& monitor) {
    EXPECT_FALSE(supervise(monitor, [] {}, [] { FAIL() << "the limit was exceeded before"; }));
}

std::string exposition(const prometheus::Registry& registry) {
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

// The value of one line of the exposition, such as `name` or `name{label="value"}`.
std::optional<double> value(const prometheus::Registry& registry, const std::string& series) {
    const std::string text = "\n" + exposition(registry);
    const std::size_t at = text.find("\n" + series + " ");
    if (at == std::string::npos) return std::nullopt;
    return std::stod(text.substr(at + series.size() + 2));
}

class Metrics : public ::testing::Test {
  protected:
    Metrics() { use(registry_); }
    ~Metrics() override { EXPECT_TRUE(set_metrics_registry(nullptr)); }

    static void use(const std::shared_ptr<prometheus::Registry>& registry, MetricsOptions options = {}) {
        const auto set = set_metrics_registry(registry, options);
        EXPECT_TRUE(set) << set.error().message;
    }
    double of(const std::string& series) const { return value(*registry_, series).value_or(-1); }

    // Of ProtoSandbox, Sandbox and LoadedSandbox.
    static std::array<double, 3> active(const prometheus::Registry& registry) {
        return {value(registry, "active_proto_js_sandboxes").value_or(-1),
                value(registry, "active_js_sandboxes").value_or(-1),
                value(registry, "active_loaded_js_sandboxes").value_or(-1)};
    }
    std::array<double, 3> active() const { return active(*registry_); }
    std::array<double, 3> made() const {
        return {of("proto_js_sandboxes_total"), of("js_sandboxes_total"), of("loaded_js_sandboxes_total")};
    }

    std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
};

using Three = std::array<double, 3>;

#ifdef CURFEW_NODE_PACKAGE
TEST_F(Metrics, CountEnginesByWhereTheirImagesCameFrom) {
    ::setenv("CURFEW_NODE_DIR", CURFEW_NODE_PACKAGE, 1);
    ::setenv("CURFEW_CACHE_DIR", CURFEW_TEST_CACHE, 1);
    const auto prepared = prepare_engine(Engine::node);
    ASSERT_TRUE(prepared) << prepared.error().message;
    const char* const origin = prepared->was_made ? "made" : "cache";
    EXPECT_EQ(of("engine_images_total{engine=\"node\",origin=\"" + std::string(origin) + "\"}"), 1);
    ASSERT_TRUE(prepare_engine(Engine::node));
    EXPECT_EQ(of("engine_images_total{engine=\"node\",origin=\"" + std::string(origin) + "\"}"), 1) << "once";
}
#endif

TEST_F(Metrics, CountSandboxesByEngine) {
    const std::string quickjs = "sandbox_engines_total{engine=\"quickjs\",jitless=\"false\"}";
    auto proto = SandboxBuilder().with_engine(Engine::quickjs).build();
    ASSERT_TRUE(proto);
    EXPECT_EQ(of(quickjs), -1) << "a configuration has no cell";
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    EXPECT_EQ(of(quickjs), 1);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(kHandler)));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    const auto saved = loaded->snapshot();
    ASSERT_TRUE(saved);
    ASSERT_TRUE(LoadedSandbox::from_snapshot(*saved));
    EXPECT_EQ(of(quickjs), 2);
}

TEST_F(Metrics, CountAlarmsByKind) {
    for (const char* const kind : {"refused_system_call", "broken_protocol", "ran_between_calls"}) {
        EXPECT_EQ(of("curfew_alarms_total{kind=\"" + std::string(kind) + "\"}"), 0) << kind;
    }
    bool possible = false;
    auto proto = SandboxBuilder().build();
    proto->host_module("host").add("take_over", [&] { possible = sandbox::testing::make_cells_call_the_system(); });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler(
        "main", Script::from_content("import * as host from 'host'; export function handler() { host.take_over(); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    ASSERT_FALSE(loaded->handle_event("main", "1", WallClockMonitor(60s)) && possible);
    if (!possible) GTEST_SKIP() << "this process may not trace its cells";
    // Which of the two is seen first depends on where the guest was.
    EXPECT_EQ(
        of("curfew_alarms_total{kind=\"refused_system_call\"}") + of("curfew_alarms_total{kind=\"broken_protocol\"}"),
        1);
}

TEST_F(Metrics, FollowASandboxThroughItsLife) {
    EXPECT_EQ(active(), (Three{0, 0, 0}));
    {
        auto proto = SandboxBuilder().build();
        EXPECT_EQ(active(), (Three{1, 0, 0}));
        auto sandbox = std::move(*proto).load_runtime();
        ASSERT_TRUE(sandbox);
        EXPECT_EQ(active(), (Three{0, 1, 0}));
        ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(kHandler)));
        auto loaded = std::move(*sandbox).load();
        ASSERT_TRUE(loaded);
        EXPECT_EQ(active(), (Three{0, 0, 1}));
        LoadedSandbox moved = std::move(*loaded);
        EXPECT_EQ(active(), (Three{0, 0, 1}));
        {
            auto other = LoadedSandbox::from_snapshot(*moved.snapshot());
            ASSERT_TRUE(other);
            EXPECT_EQ(active(), (Three{0, 0, 2}));
            moved = std::move(*other);  // ends the one that was there
            EXPECT_EQ(active(), (Three{0, 0, 1}));
        }
        auto empty = std::move(moved).unload();
        ASSERT_TRUE(empty);
        EXPECT_EQ(active(), (Three{0, 1, 0}));
    }
    EXPECT_EQ(active(), (Three{0, 0, 0}));
    EXPECT_EQ(made(), (Three{1, 2, 2}));
    EXPECT_EQ(of("sandbox_loads_total"), 1);
    EXPECT_EQ(of("sandbox_unloads_total"), 1);
}

TEST_F(Metrics, FailedStepsChangeNothing) {
    EXPECT_FALSE(SandboxBuilder().with_heap_size(1).build());
    auto sandbox = start_sandbox();
    EXPECT_FALSE(std::move(sandbox).load());  // nothing was added
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content("throw 1;")));
    EXPECT_FALSE(std::move(sandbox).load());
    EXPECT_EQ(active(), (Three{0, 1, 0}));
    EXPECT_EQ(made(), (Three{1, 1, 0}));
    EXPECT_EQ(of("sandbox_loads_total"), 0);
}

TEST_F(Metrics, ACopyOfABuilderOrOfItsConfigurationIsNoSandbox) {
    const SandboxBuilder builder;
    auto first = builder.build(), second = SandboxBuilder(builder).build();
    EXPECT_EQ(active(), (Three{2, 0, 0}));
    *first = std::move(*second);
    EXPECT_EQ(active(), (Three{1, 0, 0}));
}

TEST_F(Metrics, CountEveryCallOfAHandlerInOneHistogram) {
    auto loaded = load_script(kHandler);
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    ASSERT_TRUE(loaded.handle_event("main", "2", std::tuple<>(), {.collect_garbage = false}));
    ASSERT_TRUE(loaded.handle_event("main", "3", std::tuple<>(), {.collect_garbage = false}));
    EXPECT_FALSE(loaded.handle_event("main", "no JSON"));  // got into the sandbox
    EXPECT_FALSE(loaded.handle_event("none", "1"));        // did not
    const auto ended = loaded.handle_event("main", R"("spin")", WallClockMonitor(30ms));
    ASSERT_FALSE(ended);
    EXPECT_FALSE(loaded.handle_event("main", "1"));  // poisoned
    const std::string with_gc = R"(event_handler_calls_with_gc_total_count{event_handler_name="main"})";
    EXPECT_EQ(of(with_gc), 3);
    EXPECT_EQ(of(R"(event_handler_calls_total_count{event_handler_name="main"})"), 2);
    EXPECT_GE(of(R"(event_handler_calls_with_gc_total_sum{event_handler_name="main"})"), 30'000);  // microseconds
    EXPECT_EQ(of(R"(event_handler_calls_with_gc_total_bucket{event_handler_name="main",le="20000"})"), 2);
    EXPECT_THAT(exposition(*registry_), Not(HasSubstr("none")));
}

TEST_F(Metrics, CountInvocationsWithoutAResultByTheirErrors) {
    const auto errors = [&](const char* code) { return of("guest_errors_total{code=\"" + std::string(code) + "\"}"); };
    EXPECT_EQ(errors("guest_abort"), 0);  // there from the start
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content("throw 1;")));
    EXPECT_FALSE(std::move(sandbox).load());
    EXPECT_EQ(errors("handler_error"), 1);
    auto loaded =
        load_script("function handler(event) { if (event === 'throw') throw 1; while (event === 'spin') {} }");
    EXPECT_FALSE(loaded.handle_event("main", "\"throw\""));
    EXPECT_FALSE(loaded.handle_event("main", "no JSON"));
    EXPECT_FALSE(loaded.handle_event("none", "1"));  // no invocation
    EXPECT_FALSE(loaded.handle_event("main", "\"spin\"", WallClockMonitor(30ms)));
    EXPECT_EQ(errors("handler_error"), 2);
    EXPECT_EQ(errors("invalid_argument"), 1);
    EXPECT_EQ(errors("cancelled"), 1);
}

TEST_F(Metrics, TimeHostCallsByModuleAndFunction) {
    use(registry_, {.host_functions = 2});
    auto proto = SandboxBuilder().build();
    for (const char* name : {"a", "b", "c"}) proto->host_module("host").add(name, [] { return 1; });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(R"(
        import * as host from 'host';
        export function handler() { host.a(); host.a(); host.b(); host.c(); return 1; })")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    ASSERT_TRUE(loaded->handle_event("main", "1"));
    const auto calls = [&](const char* what, const char* module, const char* function) {
        return of("host_call_duration_seconds_" + std::string(what) + "{function=\"" + function + "\",module=\"" +
                  module + "\"}");
    };
    EXPECT_EQ(calls("count", "host", "a"), 2);
    EXPECT_EQ(calls("count", "host", "b"), 1);
    EXPECT_EQ(calls("count", "other", "other"), 1);
    EXPECT_GT(calls("sum", "host", "a"), 0);
    EXPECT_LT(calls("sum", "host", "a"), 60);
}

TEST_F(Metrics, NameTheMonitorThatEndedAnInvocation) {
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="wall-clock"})"), 0);  // there from the start
    auto loaded = load_script(kHandler);
    const auto fresh = loaded.snapshot();
    EXPECT_FALSE(loaded.handle_event("main", R"("spin")", WallClockMonitor(30ms)));
    ASSERT_TRUE(loaded.restore(*fresh));
    EXPECT_FALSE(loaded.handle_event("main", R"("spin")", std::tuple{CpuTimeMonitor(2ms), WallClockMonitor(60s)}));
    ASSERT_TRUE(loaded.restore(*fresh));
    EXPECT_FALSE(loaded.handle_event("main", "1", Immediate("custom")));
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="wall-clock"})"), 1);
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="cpu-time"})"), 1);
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="custom"})"), 1);
}

TEST_F(Metrics, KnowTheBuiltInMonitorsByTheirNames) {
    std::stop_source stop;
    const std::vector<AnyMonitor> all{WallClockMonitor(1s),
                                      CpuTimeMonitor(1s),
                                      MemoryMonitor(1 << 20),
                                      HostCallMonitor(1),
                                      OutputMonitor(1),
                                      DeadlineMonitor(std::chrono::steady_clock::now()),
                                      StopTokenMonitor(stop.get_token())};
    for (const AnyMonitor& monitor : all) {
        EXPECT_EQ(of("monitor_terminations_total{monitor_type=\"" + std::string(monitor.name()) + "\"}"), 0);
    }
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="quota"})"), 0);
}

TEST_F(Metrics, CountWarningsOfSoftMonitors) {
    EXPECT_TRUE(supervise(SoftMonitor(Immediate("gentle")), [] {}, [] {}));
    EXPECT_EQ(of(R"(monitor_warnings_total{monitor_type="gentle"})"), 1);
    EXPECT_THAT(exposition(*registry_), Not(HasSubstr(R"(monitor_terminations_total{monitor_type="gentle"})")));
}

TEST_F(Metrics, EscapeOddNames) {
    run_under(Immediate("a\"b\\c\nd"));
    run_under(Immediate("bad\xff"));
    const std::string text = exposition(*registry_);
    EXPECT_THAT(text, HasSubstr("monitor_terminations_total{monitor_type=\"a\\\"b\\\\c\\nd\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("monitor_terminations_total{monitor_type=\"bad\uFFFD\"} 1\n"));

    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("x\"} 9\ny{", Script::from_content(kHandler)));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded);
    ASSERT_TRUE(loaded->handle_event("x\"} 9\ny{", "1"));
    EXPECT_EQ(of("event_handler_calls_with_gc_total_count{event_handler_name=\"x\\\"} 9\\ny{\"}"), 1);
}

TEST_F(Metrics, BoundTheNumberOfNames) {
    use(registry_, {.handler_names = 2, .monitor_names = 3});
    for (int i = 0; i < 10; ++i) run_under(Immediate("custom" + std::to_string(i)));
    run_under(Immediate("custom1"));  // is known
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="custom1"})"), 2);
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="other"})"), 7);
    EXPECT_EQ(value(*registry_, R"(monitor_terminations_total{monitor_type="custom3"})"), std::nullopt);

    auto sandbox = start_sandbox();
    for (const char* name : {"a", "b", "c", "d"})
        ASSERT_TRUE(sandbox.add_handler(name, Script::from_content(kHandler)));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded);
    for (const char* name : {"a", "b", "c", "d", "a"}) ASSERT_TRUE(loaded->handle_event(name, "1"));
    EXPECT_EQ(of(R"(event_handler_calls_with_gc_total_count{event_handler_name="a"})"), 2);
    EXPECT_EQ(of(R"(event_handler_calls_with_gc_total_count{event_handler_name="other"})"), 2);
    EXPECT_EQ(value(*registry_, R"(event_handler_calls_with_gc_total_count{event_handler_name="c"})"), std::nullopt);
}

TEST_F(Metrics, MoveToAnotherRegistryWhileSandboxesLive) {
    auto loaded = load_script(kHandler);
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    const auto other = std::make_shared<prometheus::Registry>();
    use(other);
    EXPECT_EQ(active(), (Three{0, 0, 0}));
    EXPECT_EQ(active(*other), (Three{0, 0, 1}));
    ASSERT_TRUE(loaded.handle_event("main", "2"));
    ASSERT_TRUE(loaded.handle_event("main", "3"));
    const std::string calls = R"(event_handler_calls_with_gc_total_count{event_handler_name="main"})";
    EXPECT_EQ(of(calls), 1);
    EXPECT_EQ(value(*other, calls), 2);

    use(registry_);  // back again: its counters go on
    ASSERT_TRUE(loaded.handle_event("main", "4"));
    EXPECT_EQ(of(calls), 2);
    EXPECT_EQ(active(), (Three{0, 0, 1}));
    use(registry_);  // the same one again
    EXPECT_EQ(active(), (Three{0, 0, 1}));
    ASSERT_TRUE(std::move(loaded).unload());
    EXPECT_EQ(active(), (Three{0, 0, 0}));
    EXPECT_EQ(active(*other), (Three{0, 0, 0}));
}

TEST_F(Metrics, AreOffWithoutARegistryAndRightWhenItComes) {
    ASSERT_TRUE(set_metrics_registry(nullptr));
    auto loaded = load_script(kHandler);
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_EQ(made(), (Three{0, 0, 0}));
    const auto late = std::make_shared<prometheus::Registry>();
    use(late);
    EXPECT_EQ(active(*late), (Three{0, 0, 1}));
    EXPECT_THAT(exposition(*late), Not(HasSubstr("main")));
}

TEST_F(Metrics, LetGoOfARegistryThatWasReplaced) {
    auto loaded = load_script(kHandler);
    auto brief = std::make_shared<prometheus::Registry>();
    const std::weak_ptr<prometheus::Registry> watched = brief;
    use(brief);
    brief.reset();
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    ASSERT_TRUE(set_metrics_registry(nullptr));
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_TRUE(watched.expired());
}

TEST_F(Metrics, ARegistryThatRefusesThemIsAnError) {
    const auto taken = std::make_shared<prometheus::Registry>();
    prometheus::BuildGauge().Name("sandbox_loads_total").Help("").Register(*taken);
    const auto refused = set_metrics_registry(taken);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr("InsertBehavior::Merge"));
    run_under(Immediate("still-here"));  // the one before is still in use
    EXPECT_EQ(of(R"(monitor_terminations_total{monitor_type="still-here"})"), 1);
}

TEST_F(Metrics, ReplacingTheRegistryWhileCallsRunLosesNoCall) {
    const auto other = std::make_shared<prometheus::Registry>();
    constexpr int kThreads = 4, kCalls = 200;
    std::atomic<int> running{kThreads};
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&running] {
            auto loaded = load_script(kHandler);
            for (int call = 0; call < kCalls; ++call) EXPECT_TRUE(loaded.handle_event("main", "1"));
            --running;
        });
    }
    while (running > 0) {
        use(other);
        use(registry_);
    }
    threads.clear();
    const std::string calls = R"(event_handler_calls_with_gc_total_count{event_handler_name="main"})";
    EXPECT_EQ(value(*registry_, calls).value_or(0) + value(*other, calls).value_or(0), kThreads * kCalls);
    EXPECT_EQ(active(), (Three{0, 0, 0}));
}

}  // namespace
}  // namespace curfew
