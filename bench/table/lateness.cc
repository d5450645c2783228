// How late monitors end a handler, and how seldom their runtime wakes.
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <semaphore>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

using namespace std::chrono_literals;

// A handler that never ends, and its state before each call.
struct Endless {
    LoadedSandbox sandbox;
    Snapshot start;

    static Result<Endless> make() {
        Result<LoadedSandbox> loaded = load_handler("endless", "function handler() { for (;;) {} }");
        if (!loaded) return std::unexpected(std::move(loaded.error()));
        Result<Snapshot> start = loaded->snapshot();
        if (!start) return std::unexpected(std::move(start.error()));
        Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*start);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        return Endless{std::move(*sandbox), std::move(*start)};
    }

    // What the call had used when it was ended.
    template <typename Monitors>
    Result<Usage> run_into(const Monitors& monitors) {
        const Result<EventResult> done = sandbox.handle_event("endless", "null", monitors);
        if (done || done.error().code != ErrorCode::cancelled) {
            return std::unexpected(done ? Error{.message = "the endless handler returned"} : done.error());
        }
        if (Result<void> restored = sandbox.restore(start); !restored) return std::unexpected(restored.error());
        return done.error().usage;
    }
};

// From kill() in another thread to the call's return, after the handler has run for some milliseconds.
class Kills {
  public:
    explicit Kills(Endless& endless)
        : endless_(endless), killer_([this](const std::stop_token& stop) {
              for (;;) {
                  told_.acquire();
                  if (stop.stop_requested()) return;
                  do {
                      std::this_thread::sleep_for(3ms);
                      killed_at_ = Clock::now();
                  } while (!endless_.sandbox.interrupt_handle().kill());
                  done_.release();
              }
          }) {}
    ~Kills() {
        killer_.request_stop();
        told_.release();
    }
    Kills(const Kills&) = delete;
    Kills& operator=(const Kills&) = delete;

    Result<double> latency() {
        told_.release();
        const Result<EventResult> done = endless_.sandbox.handle_event("endless", "null");
        const auto end = Clock::now();
        done_.acquire();
        if (done) return std::unexpected(Error{.message = "the endless handler returned"});
        if (Result<void> restored = endless_.sandbox.restore(endless_.start); !restored) {
            return std::unexpected(restored.error());
        }
        return nanoseconds(end - killed_at_);
    }

  private:
    Endless& endless_;
    std::binary_semaphore told_{0};
    std::binary_semaphore done_{0};
    Clock::time_point killed_at_;
    std::jthread killer_;
};

double sleep_lateness(std::chrono::nanoseconds length) {
    const timespec time{length / 1s, (length % 1s).count()};
    const auto begin = Clock::now();
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
    return nanoseconds(Clock::now() - begin - length);
}

// A percentile of 100 rounds would be a matter of luck: one wake-up in a hundred or a thousand waits for a tick.
constexpr std::size_t kRounds = 1000;

// Wall-clock time and CPU time, by turns with what they stand beside.
Result<std::vector<Row>> measure_lateness_of(Endless& endless, Kills& kills, std::chrono::milliseconds limit,
                                             bool busy) {
    auto measured = by_turns({.rounds = kRounds, .warm_up = 1},
                             {{.once = [&]() -> Result<double> {
                                  const Result<Usage> used = endless.run_into(WallClockMonitor(limit));
                                  if (!used) return std::unexpected(used.error());
                                  return nanoseconds(used->wall_time - limit);
                              }},
                              {.once = [&]() -> Result<double> { return sleep_lateness(limit); }},
                              {.once = [&]() -> Result<double> {
                                  const Result<Usage> used = endless.run_into(CpuTimeMonitor(limit));
                                  if (!used) return std::unexpected(used.error());
                                  return nanoseconds(used->cpu_time - limit);
                              }},
                              {.once = [&] { return kills.latency(); }}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Figures sleep = summarize((*measured)[1]);
    const Figures kill = summarize((*measured)[3]);
    const auto row_of = [&](const char* of, std::vector<double>& lateness) {
        Row row{.what = "lateness of a " + std::to_string(limit.count()) + " ms limit of " + of,
                .beside = "lateness of clock_nanosleep, and the latency of a kill",
                .measured = summarize(lateness),
                .bare = Figures{.median = sleep.median + kill.median, .p99 = sleep.p99 + kill.p99},
                .goal = {.kind = Goal::Kind::at_most_more, .limit = 300'000, .of = Of::p99}};
        if (busy) {
            row.what += ", all CPUs busy";
            row.beside = "lateness of clock_nanosleep";
            row.bare = sleep;
            row.goal.limit = 1'000'000;
        }
        return row;
    };
    return std::vector{row_of("wall-clock time", (*measured)[0]), row_of("CPU time", (*measured)[2])};
}

Result<std::vector<Row>> measure_lateness_when(bool busy) {
    Result<Endless> endless = Endless::make();
    if (!endless) return std::unexpected(std::move(endless.error()));
    Kills kills(*endless);

    std::vector<std::jthread> spinning;
    for (std::size_t i = 0; busy && i < base::allowed_cpus().size(); ++i) {
        spinning.emplace_back([](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
            }
        });
    }
    // A handler that is still computing after 10 ms may move to another CPU.
    std::vector<Row> all;
    for (const auto limit : {5ms, 20ms}) {
        Result<std::vector<Row>> rows = measure_lateness_of(*endless, kills, limit, busy);
        if (!rows) return rows;
        all.insert(all.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
    }
    return all;
}

std::uint64_t wake_ups() {
    const monitor::RuntimeStats stats = monitor::runtime_stats();
    return stats.timer_wake_ups + stats.job_wake_ups;
}

// Invocations inside invocations: so many are armed when `inside` is called.
void armed_at_once(int count, const std::function<void()>& inside) {
    if (count == 0) return inside();
    static_cast<void>(supervise(std::tuple{WallClockMonitor(5s), CpuTimeMonitor(5s)}, monitor::prompt([] {}),
                                [&] { armed_at_once(count - 1, inside); }));
}

}  // namespace

Result<std::vector<Row>> measure_lateness() { return measure_lateness_when(false); }
Result<std::vector<Row>> measure_lateness_when_busy() { return measure_lateness_when(true); }

Result<std::vector<Row>> measure_wake_ups() {
    double woken = 0;
    double cpu_time = 0;
    armed_at_once(1000, [&] {
        std::this_thread::sleep_for(100ms);  // the arming of the first one may still wake the runtime
        const ProcessCpuClock clock(::getpid());
        const auto wake_ups_before = wake_ups();
        const auto cpu_before = clock.now().value_or(0ns);
        std::this_thread::sleep_for(3s);
        cpu_time = nanoseconds(clock.now().value_or(0ns) - cpu_before);
        woken = static_cast<double>(wake_ups() - wake_ups_before);
    });

    Result<Endless> endless = Endless::make();
    if (!endless) return std::unexpected(std::move(endless.error()));
    std::vector<double> busy;
    for (int i = 0; i < 5; ++i) {
        const auto before = wake_ups();
        if (auto used = endless->run_into(CpuTimeMonitor(500ms)); !used) return std::unexpected(used.error());
        busy.push_back(static_cast<double>(wake_ups() - before));
    }
    return std::vector{
        Row{.what = "wake-ups of the monitor runtime: 1,000 invocations idle for 3 s",
            .unit = Unit::count,
            .measured = {woken, woken},
            .goal = {.kind = Goal::Kind::at_most, .limit = 0}},
        Row{.what = "CPU time of this process meanwhile", .measured = {cpu_time, cpu_time}},
        Row{.what = "wake-ups for a busy handler under 500 ms of CPU time",
            .unit = Unit::count,
            .measured = summarize(std::move(busy)),
            .goal = {.kind = Goal::Kind::at_most, .limit = 3}},
    };
}

}  // namespace curfew::bench
