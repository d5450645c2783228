// What execution monitors cost on the calling thread, beside the same done the plain way.
//
//     monitor_bench                                 all rows
//     monitor_bench --benchmark_filter=Supervise    those of supervise
//
// The limits are 5 s and 10 s, so none is ever reached: this is what every call pays that stays within its
// limits.
#include <benchmark/benchmark.h>
#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include <curfew/monitor.h>

#ifdef CURFEW_BENCH_ASIO
#include <boost/asio.hpp>
#endif

namespace {

using namespace std::chrono_literals;
using namespace curfew;

// Empty, but not removed by the compiler.
const auto kWork = [] { benchmark::ClobberMemory(); };
const auto kInterrupt = monitor::prompt([] {});

void ClockRead(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
}
BENCHMARK(ClockRead);

void CpuClockReadTwice(benchmark::State& state) {
    const ThreadCpuClock clock;
    for (auto _ : state) {
        benchmark::DoNotOptimize(clock.now());
        benchmark::DoNotOptimize(clock.now());
    }
}
BENCHMARK(CpuClockReadTwice);

template <typename Set>
void supervise_with(benchmark::State& state, const Set& monitors) {
    for (auto _ : state) benchmark::DoNotOptimize(supervise(monitors, kInterrupt, kWork));
}

void SuperviseNone(benchmark::State& state) { supervise_with(state, std::tuple<>{}); }
BENCHMARK(SuperviseNone);

void SuperviseWall(benchmark::State& state) { supervise_with(state, WallClockMonitor(5s)); }
BENCHMARK(SuperviseWall);

void SuperviseWallCpu(benchmark::State& state) {
    supervise_with(state, std::tuple{WallClockMonitor(10s), CpuTimeMonitor(5s)});
}
BENCHMARK(SuperviseWallCpu);

// All the same with many other timers armed in this thread's queue: 5 s limits again, and limits that all lie
// before or all behind the ones measured.
MonitorTask watch(std::chrono::nanoseconds limit) { co_await monitor::sleep(limit); }

class Sleeper {
  public:
    explicit Sleeper(std::chrono::nanoseconds limit) : limit_(limit) {}
    Result<MonitorTask> get_monitor(const Invocation&) const { return watch(limit_); }
    std::string_view name() const noexcept { return "sleeper"; }

  private:
    std::chrono::nanoseconds limit_;
};

void SuperviseWallAmong(benchmark::State& state) {
    const auto others = static_cast<std::size_t>(state.range(0));
    const std::vector<AnyMonitor> armed(others, WallClockMonitor(std::chrono::seconds(state.range(1))));
    const auto done = supervise(armed, kInterrupt, [&] { supervise_with(state, WallClockMonitor(1000s)); });
    if (!done) state.SkipWithError(done.error().message.c_str());
}
BENCHMARK(SuperviseWallAmong)->ArgNames({"others", "their_limit"})->ArgsProduct({{10, 10000}, {900, 1000, 2000}});

// The plain way with an event loop: one thread runs it, each call arms a timer whose handler would interrupt,
// and cancels it.
#ifdef CURFEW_BENCH_ASIO
void PlainAsioTimer(benchmark::State& state) {
    boost::asio::io_context loop;
    auto guard = boost::asio::make_work_guard(loop);
    std::thread runner([&] { loop.run(); });
    for (auto _ : state) {
        boost::asio::steady_timer timer(loop, 5s);
        timer.async_wait([](const boost::system::error_code& error) {
            if (!error) benchmark::ClobberMemory();  // would interrupt
        });
        kWork();
        timer.cancel();
    }
    guard.reset();
    runner.join();
}
BENCHMARK(PlainAsioTimer)->UseRealTime();
#endif

// The plain way with a thread per call, which waits for the limit or the call's end.
void PlainJthread(benchmark::State& state) {
    for (auto _ : state) {
        std::mutex mutex;
        std::condition_variable_any changed;
        const std::jthread watcher([&](const std::stop_token& token) {
            std::unique_lock lock(mutex);
            if (!changed.wait_for(lock, token, 5s, [] { return false; })) benchmark::ClobberMemory();
        });
        kWork();
    }
}
BENCHMARK(PlainJthread)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
