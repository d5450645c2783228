// What execution monitors cost a call that stays within its limits, beside the same done the plain way. The limits are
// seconds, so none is ever reached. A measurement is the mean of many calls in a row.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/monitor.h>

#include "monitor/runtime/shared_runtime.h"
#include "monitor/runtime/timer_worker.h"
#include "table/measure.h"
#include "table/row.h"

#ifdef CURFEW_BENCH_ASIO
#include <boost/asio.hpp>
#endif

namespace curfew::bench {

namespace {

using namespace std::chrono_literals;

// Keeps the compiler from leaving out what has no effect.
void clobber_memory() { asm volatile("" ::: "memory"); }

template <typename Work>
std::function<Result<double>()> mean_of(int times, Work work) {
    return [times, work = std::move(work)]() -> Result<double> {
        const auto begin = Clock::now();
        for (int i = 0; i < times; ++i) work();
        return nanoseconds(Clock::now() - begin) / times;
    };
}

template <typename Set>
auto supervised(Set monitors) {
    return [monitors = std::move(monitors)] {
        static_cast<void>(supervise(monitors, monitor::prompt([] {}), [] { clobber_memory(); }));
    };
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> all(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) all[i] = a[i] - b[i];
    return all;
}

std::vector<double> sum(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> all(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) all[i] = a[i] + b[i];
    return all;
}

constexpr int kCalls = 200;
constexpr Turns kTurns{.rounds = 500, .warm_up = 10};

}  // namespace

Result<std::vector<Row>> measure_supervise() {
    const ThreadCpuClock clock;
    auto measured =
        by_turns(kTurns, {{.once = mean_of(kCalls, supervised(std::tuple<>{}))},
                          {.once = mean_of(kCalls, supervised(WallClockMonitor(5s)))},
                          {.once = mean_of(kCalls, supervised(std::tuple{WallClockMonitor(10s), CpuTimeMonitor(5s)}))},
                          {.once = mean_of(kCalls, [&clock] {
                               static_cast<void>(clock.now());
                               static_cast<void>(clock.now());
                           })}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const std::vector<double>& none = (*measured)[0];
    const Goal goal{.kind = Goal::Kind::at_most_more, .limit = 200};
    return std::vector{Row{.what = "supervise of empty work with WallClockMonitor",
                           .beside = "supervise of empty work without a monitor",
                           .measured = summarize((*measured)[1]),
                           .bare = summarize(none),
                           .goal = goal},
                       Row{.what = "supervise of empty work with WallClock+CpuTime",
                           .beside = "without a monitor, and two readings of the CPU clock",
                           .measured = summarize((*measured)[2]),
                           .bare = summarize(sum(none, (*measured)[3])),
                           .goal = goal}};
}

// The plain ways: an event loop in a thread of its own, where each call arms a timer that would interrupt, and cancels
// it; and a thread for each call, which waits for the limit or the call's end.
Result<std::vector<Row>> measure_plain_limits() {
    std::vector<Subject> subjects{{.once = mean_of(kCalls, supervised(std::tuple<>{}))},
                                  {.once = mean_of(kCalls, supervised(WallClockMonitor(5s)))},
                                  {.once = mean_of(20, [] {
                                       std::mutex mutex;
                                       std::condition_variable_any changed;
                                       const std::jthread watcher([&](const std::stop_token& token) {
                                           std::unique_lock lock(mutex);
                                           if (!changed.wait_for(lock, token, 5s, [] { return false; })) {
                                               clobber_memory();  // would interrupt
                                           }
                                       });
                                       clobber_memory();
                                   })}};
#ifdef CURFEW_BENCH_ASIO
    boost::asio::io_context loop;
    auto guard = boost::asio::make_work_guard(loop);
    const std::jthread runner([&loop] { loop.run(); });
    subjects.push_back({.once = mean_of(kCalls, [&loop] {
                            boost::asio::steady_timer timer(loop, 5s);
                            timer.async_wait([](const boost::system::error_code& error) {
                                if (!error) clobber_memory();  // would interrupt
                            });
                            clobber_memory();
                            timer.cancel();
                        })});
#endif
    auto measured = by_turns(kTurns, subjects);
#ifdef CURFEW_BENCH_ASIO
    guard.reset();
#endif
    if (!measured) return std::unexpected(std::move(measured.error()));

    const Figures ours = summarize(difference((*measured)[1], (*measured)[0]));
    const char* const beside = "WallClockMonitor's part: supervise with it less supervise without";
    const Goal goal{.kind = Goal::Kind::at_least_times, .limit = 10};
    std::vector rows{Row{.what = "the plain way: a std::jthread for each call",
                         .beside = beside,
                         .measured = summarize((*measured)[2]),
                         .bare = ours,
                         .goal = goal}};
    if (measured->size() > 3) {
        rows.push_back({.what = "the plain way: a boost::asio timer for each call",
                        .beside = beside,
                        .measured = summarize((*measured)[3]),
                        .bare = ours,
                        .goal = goal});
    }
    return rows;
}

namespace {

class IdleTimer final : public monitor::detail::Timer {
  public:
    bool claim_expiry() noexcept override { return true; }
    void expire() noexcept override {}
};

// Timers due in a quarter of an hour to half an hour, in this thread's queue.
class ArmedTimers {
  public:
    ArmedTimers(monitor::detail::TimerShard& shard, std::size_t count) : timers_(count) {
        std::minstd_rand random(1);
        for (IdleTimer& timer : timers_) {
            const auto due = Clock::now() + 900s + std::chrono::milliseconds(random() % 900'000);
            shard.arm(timer, due.time_since_epoch().count(), [] { return true; });
        }
    }
    ~ArmedTimers() {
        for (IdleTimer& timer : timers_) monitor::detail::TimerShard::disarm(timer);
    }
    ArmedTimers(const ArmedTimers&) = delete;
    ArmedTimers& operator=(const ArmedTimers&) = delete;

  private:
    std::deque<IdleTimer> timers_;
};

}  // namespace

Result<std::vector<Row>> measure_timers() {
    const auto runtime = monitor::detail::SharedRuntime::get();
    if (!runtime) return std::unexpected(Error{.code = ErrorCode::unavailable, .message = runtime.error()});
    monitor::detail::TimerShard& shard = (*runtime)->shard_of_this_thread();
    IdleTimer timer;
    const auto arm_and_disarm = mean_of(kCalls, [&] {
        shard.arm(timer, (Clock::now() + 1350s).time_since_epoch().count(), [] { return true; });
        monitor::detail::TimerShard::disarm(timer);
    });
    std::optional<ArmedTimers> others;
    const auto among = [&](std::size_t count) {
        return Subject{.once = arm_and_disarm,
                       .before_turn = [&others, &shard, count] { others.emplace(shard, count); },
                       .after_turn = [&others] { others.reset(); }};
    };
    auto measured = by_turns({.rounds = 50, .batch = 20, .warm_up = 20}, {among(10'000), among(10)});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "arm and disarm a timer among 10,000 others",
                           .beside = "among 10 others",
                           .measured = summarize((*measured)[0]),
                           .bare = summarize((*measured)[1]),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 2}}};
}

}  // namespace curfew::bench
