// Many sandboxes at once: how much memory one more takes, and how fast they are made and called.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "table/measure.h"
#include "table/process_memory.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr std::size_t kCrowd = 500;

Result<Snapshot> redirect_snapshot() {
    Result<LoadedSandbox> original = load_redirect();
    if (!original) return std::unexpected(std::move(original.error()));
    if (Result<void> called = call_redirect(*original); !called) return std::unexpected(std::move(called.error()));
    return original->snapshot();
}

// Bytes, of each of a few rounds.
Result<std::vector<double>> memory_of_one_more(const Snapshot& snapshot, bool page_tables) {
    constexpr std::size_t kRounds = 3;
    raise_descriptor_limit();
    std::vector<double> averages;
    for (std::size_t round = 0; round < kRounds; ++round) {
        std::vector<LoadedSandbox> crowd;
        crowd.reserve(kCrowd + 1);
        std::uint64_t before = 0;
        for (std::size_t i = 0; i <= kCrowd; ++i) {
            Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(snapshot);
            if (!sandbox) return std::unexpected(std::move(sandbox.error()));
            if (Result<void> called = call_redirect(*sandbox); !called) return std::unexpected(called.error());
            crowd.push_back(std::move(*sandbox));
            if (i != 0) continue;
            // Not counted: the first, which has for itself what all others share.
            const Result<std::uint64_t> memory = memory_of_all(page_tables);
            if (!memory) return std::unexpected(memory.error());
            before = *memory;
        }
        const Result<std::uint64_t> after = memory_of_all(page_tables);
        if (!after) return std::unexpected(after.error());
        averages.push_back((static_cast<double>(*after) - static_cast<double>(before)) / kCrowd);
    }
    return averages;
}

}  // namespace

Result<std::vector<Row>> measure_memory() {
    Result<Snapshot> snapshot = redirect_snapshot();
    if (!snapshot) return std::unexpected(std::move(snapshot.error()));
    auto averages = memory_of_one_more(*snapshot, false);
    if (!averages) return std::unexpected(std::move(averages.error()));
    return std::vector{Row{.what = "memory of one more idle sandbox (average over 500)",
                           .unit = Unit::bytes,
                           .measured = summarize(std::move(*averages)),
                           .goal = {.kind = Goal::Kind::at_most, .limit = 400 << 10}}};
}

Result<std::vector<Row>> measure_node_memory() {
    Result<LoadedSandbox> original = load_handler(kRedirectName, kRedirect, WaitMode::automatic, Engine::node);
    if (!original) return std::unexpected(std::move(original.error()));
    for (int i = 0; i < 2000; ++i) {
        if (Result<void> called = call_redirect(*original); !called) return std::unexpected(std::move(called.error()));
    }
    Result<Snapshot> snapshot = original->snapshot();
    if (!snapshot) return std::unexpected(std::move(snapshot.error()));
    Result<Snapshot> small = redirect_snapshot();
    if (!small) return std::unexpected(std::move(small.error()));
    auto averages = memory_of_one_more(*snapshot, true);
    if (!averages) return std::unexpected(std::move(averages.error()));
    auto of_small = memory_of_one_more(*small, true);
    if (!of_small) return std::unexpected(std::move(of_small.error()));
    return std::vector{Row{.what = "Node.js: memory of one more idle sandbox, page tables included",
                           .beside = "the cell of QuickJS-NG",
                           .unit = Unit::bytes,
                           .measured = summarize(std::move(*averages)),
                           .bare = summarize(std::move(*of_small)),
                           .goal = {.kind = Goal::Kind::at_most, .limit = 450 << 10}}};
}

Result<std::vector<Row>> measure_crowd() {
    constexpr std::size_t kThreads = 2;
    constexpr std::size_t kRounds = 5;
    raise_descriptor_limit();
    Result<Snapshot> snapshot = redirect_snapshot();
    if (!snapshot) return std::unexpected(std::move(snapshot.error()));

    struct Part {
        std::vector<LoadedSandbox> sandboxes{};
        std::optional<Error> failure{};
    };
    // Seconds that it takes the threads to do their parts.
    const auto all_do = [](std::vector<Part>& parts, auto work) {
        const auto begin = Clock::now();
        {
            std::vector<std::jthread> threads;
            for (Part& part : parts) threads.emplace_back([&part, work] { work(part); });
        }
        return nanoseconds(Clock::now() - begin) / 1e9;
    };
    const auto make = [&](Part& part) {
        for (std::size_t i = 0; i < kCrowd / kThreads && !part.failure; ++i) {
            Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*snapshot);
            if (sandbox) {
                part.sandboxes.push_back(std::move(*sandbox));
            } else {
                part.failure = std::move(sandbox.error());
            }
        }
    };
    const auto call = [](Part& part) {
        for (LoadedSandbox& sandbox : part.sandboxes) {
            if (part.failure) break;
            if (Result<void> called = call_redirect(sandbox); !called) part.failure = std::move(called.error());
        }
    };

    std::vector<double> with_start;
    std::vector<double> calls_only;
    for (std::size_t round = 0; round < kRounds; ++round) {
        std::vector<Part> parts(kThreads);
        const double making = all_do(parts, make);
        const double calling = all_do(parts, call);
        for (Part& part : parts) {
            if (!part.failure) continue;
            part.failure->message = "not all of 500 sandboxes at once worked: " + part.failure->message;
            return std::unexpected(std::move(*part.failure));
        }
        with_start.push_back(kCrowd / (making + calling));
        calls_only.push_back(kCrowd / calling);
    }
    return std::vector{Row{.what = "500 sandboxes at once on 2 threads: made, one call each",
                           .beside = "none failed",
                           .unit = Unit::per_second,
                           .measured = summarize_rates(std::move(with_start))},
                       Row{.what = "500 sandboxes at once on 2 threads: their first calls",
                           .beside = "none failed",
                           .unit = Unit::per_second,
                           .measured = summarize_rates(std::move(calls_only))}};
}

}  // namespace curfew::bench
