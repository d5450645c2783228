// What isolation between requests costs: a pool that restores its sandboxes after every request, beside sandboxes that keep
// their state.
#include <chrono>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/node_sandbox.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr auto kSlice = std::chrono::milliseconds(200);
constexpr int kSlices = 5;

// What many requests, sent for some time by some threads, came to.
struct Traffic {
    std::vector<double> rates{};      // per second, of each slice
    std::vector<double> latencies{};  // in nanoseconds, of each request
};

// Every thread sends one request after the other.
Result<void> send(std::size_t threads, const std::function<Result<void>(std::size_t)>& request, Traffic& traffic) {
    std::mutex mutex;
    std::optional<Error> failure;
    std::size_t count = 0;
    const auto begin = Clock::now();
    const auto end = begin + kSlice;
    {
        std::vector<std::jthread> senders;
        for (std::size_t t = 0; t < threads; ++t) {
            senders.emplace_back([&, t] {
                const std::vector<int> cpus = base::allowed_cpus();
                const base::BoundTo bound(cpus[t % cpus.size()]);
                std::vector<double> own;
                std::optional<Error> error;
                for (auto before = Clock::now(); before < end && !error;) {
                    if (Result<void> done = request(t); !done) error = std::move(done.error());
                    const auto after = Clock::now();
                    own.push_back(nanoseconds(after - before));
                    before = after;
                }
                const std::scoped_lock lock(mutex);
                count += own.size();
                traffic.latencies.insert(traffic.latencies.end(), own.begin(), own.end());
                if (error) failure = std::move(error);
            });
        }
    }
    if (failure) return std::unexpected(std::move(*failure));
    traffic.rates.push_back(static_cast<double>(count) * 1e9 / nanoseconds(Clock::now() - begin));
    return {};
}

Result<std::vector<Row>> measure_pool_with(std::size_t threads) {
    Result<LoadedSandbox> original = load_redirect();
    if (!original) return std::unexpected(std::move(original.error()));
    const Result<Snapshot> saved = original->snapshot();
    if (!saved) return std::unexpected(saved.error());
    Result<SandboxPool> pool = SandboxPool::create(*saved, {.size = threads});
    if (!pool) return std::unexpected(std::move(pool.error()));
    std::vector<LoadedSandbox> own;
    for (std::size_t t = 0; t < threads; ++t) {
        Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*saved);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        own.push_back(std::move(*sandbox));
    }
    const auto through_pool = [&](std::size_t) -> Result<void> {
        const Result<EventResult> done = pool->handle_event(kRedirectName, kRedirectEvent);
        if (!done) return std::unexpected(done.error());
        return {};
    };
    const auto directly = [&](std::size_t thread) { return call_redirect(own[thread]); };
    Traffic pooled, direct;
    for (int i = 0; i <= kSlices; ++i) {
        if (Result<void> done = send(threads, through_pool, pooled); !done) return std::unexpected(done.error());
        if (Result<void> done = send(threads, directly, direct); !done) return std::unexpected(done.error());
        if (i == 0) pooled = direct = {};  // everything is warm now
    }
    const std::string from = std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    const std::string what = "requests through a pool with restore every time, " + from;
    const std::string beside = "handle_event without restore, " + from;
    return std::vector{Row{.what = what,
                           .beside = beside,
                           .unit = Unit::per_second,
                           .measured = summarize_rates(std::move(pooled.rates)),
                           .bare = summarize_rates(std::move(direct.rates)),
                           .goal = {.kind = Goal::Kind::at_least_times, .limit = 0.5}},
                       Row{.what = what + ": each",
                           .beside = beside,
                           .measured = summarize(std::move(pooled.latencies)),
                           .bare = summarize(std::move(direct.latencies))}};
}

#ifdef CURFEW_BENCH_NODE
Result<std::vector<Row>> measure_node_pool_with(std::size_t threads) {
    std::vector<SandboxPool> pools;
    for (const Engine engine : {Engine::node, Engine::quickjs}) {
        Result<LoadedSandbox> original = load_on(engine, kRedirect);
        if (!original) return std::unexpected(std::move(original.error()));
        const Result<Snapshot> saved = warmed(*original);
        if (!saved) return std::unexpected(saved.error());
        Result<SandboxPool> pool = SandboxPool::create(*saved, {.size = threads});
        if (!pool) return std::unexpected(std::move(pool.error()));
        pools.push_back(std::move(*pool));
    }
    std::vector<Traffic> traffic(pools.size());
    for (int i = 0; i <= kSlices; ++i) {
        for (std::size_t which = 0; which < pools.size(); ++which) {
            if (i == 1) traffic[which] = {};  // everything is warm now
            const auto request = [&](std::size_t) -> Result<void> {
                const Result<EventResult> done = pools[which].handle_event(kRedirectName, kRedirectEvent);
                if (!done) return std::unexpected(done.error());
                return {};
            };
            if (Result<void> done = send(threads, request, traffic[which]); !done) return std::unexpected(done.error());
        }
    }
    const std::string what = "Node.js: requests through a pool with restore every time, " + std::to_string(threads) +
                             (threads == 1 ? " thread" : " threads");
    const std::string beside = "the cells of QuickJS-NG";
    return std::vector{Row{.what = what,
                           .beside = beside,
                           .unit = Unit::per_second,
                           .measured = summarize_rates(std::move(traffic[0].rates)),
                           .bare = summarize_rates(std::move(traffic[1].rates))},
                       Row{.what = what + ": each",
                           .beside = beside,
                           .measured = summarize(std::move(traffic[0].latencies)),
                           .bare = summarize(std::move(traffic[1].latencies))}};
}
#endif

Result<std::vector<Row>> of_threads(Result<std::vector<Row>> (*measure)(std::size_t threads)) {
    std::vector<Row> all;
    for (const std::size_t threads : {1, 2}) {
        Result<std::vector<Row>> rows = measure(threads);
        if (!rows) return rows;
        all.insert(all.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
    }
    return all;
}

}  // namespace

Result<std::vector<Row>> measure_pool() { return of_threads(measure_pool_with); }

#ifdef CURFEW_BENCH_NODE
Result<std::vector<Row>> measure_node_pool() { return of_threads(measure_node_pool_with); }
#endif

}  // namespace curfew::bench
