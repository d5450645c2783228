// Pools: isolation between requests, who waits for whom, and what happens when sandboxes or the pool go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <curfew/monitor.h>
#include <curfew/sandbox_pool.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using ::testing::HasSubstr;

// Counts its calls in module state; ends in an exception, in a loop, or well.
constexpr const char* kCounter = R"(
    let count = 0;
    function handler(event) {
        ++count;
        if (event === "throw") throw new Error("as asked");
        while (event === "loop") {}
        return count;
    })";

const Snapshot& counter() {
    static const Snapshot saved = [] {
        LoadedSandbox sandbox = load_script(kCounter);
        return *sandbox.snapshot();
    }();
    return saved;
}

SandboxPool make_pool(SandboxPoolOptions options) {
    auto pool = SandboxPool::create(counter(), options);
    EXPECT_TRUE(pool) << pool.error().message;
    return std::move(*pool);
}

std::string call(SandboxPool& pool, std::string_view event = "0") {
    const auto done = pool.handle_event("main", event);
    return done ? done->result : std::string(to_string(done.error().code));
}

void wait_until(const SandboxPool& pool, auto holds) {
    while (!holds(pool.report())) std::this_thread::yield();
}

// --- Isolation ---

TEST(SandboxPool, RestoresAfterEveryRequest) {
    SandboxPool pool = make_pool({.size = 2});
    for (int i = 0; i < 50; ++i) EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(call(pool, R"("throw")"), "handler_error");
    EXPECT_EQ(call(pool), "1");
    const SandboxPoolReport report = pool.report();
    EXPECT_EQ(report.requests, 52U);
    EXPECT_EQ(report.restored, 52U);
    EXPECT_EQ(report.created, 2U);
    EXPECT_EQ(report.ready, 2U);
    EXPECT_EQ(report.in_use, 0U);
}

TEST(SandboxPool, RestoresAfterErrorsOnly) {
    SandboxPool pool = make_pool({.size = 1, .restore = RestorePolicy::after_errors});
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(call(pool), "2");
    EXPECT_EQ(call(pool, R"("throw")"), "handler_error");
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(pool.report().restored, 1U);
}

TEST(SandboxPool, NeverRestoresButAfterACutShortCall) {
    SandboxPool pool = make_pool({.size = 1, .restore = RestorePolicy::never});
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(call(pool, R"("throw")"), "handler_error");
    EXPECT_EQ(call(pool), "3");
    const auto cut = pool.handle_event("main", R"("loop")", WallClockMonitor(5ms));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, cut.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
    EXPECT_EQ(cut.error().terminated_by, "wall-clock");
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(pool.report().restored, 1U);
}

TEST(SandboxPool, IsolatesRequestsOf64Threads) {
    SandboxPool pool = make_pool({.size = 4, .made_at_start = 1, .queue_limit = 64, .wait_limit = 60s});
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 64; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 20; ++i) {
                    if (t % 16 == 0 && i == 10) {
                        const auto cut = pool.handle_event("main", R"("loop")", WallClockMonitor(1ms));
                        if (cut || cut.error().code != (cut.error().ran ? ErrorCode::cancelled : ErrorCode::not_run))
                            ++wrong;
                    } else if (call(pool) != "1") {
                        ++wrong;
                    }
                }
            });
        }
    }
    EXPECT_EQ(wrong, 0);
    const SandboxPoolReport report = pool.report();
    EXPECT_EQ(report.requests, 64U * 20);
    EXPECT_EQ(report.restored + report.replaced, 64U * 20);
    EXPECT_LE(report.created, 4U + report.replaced);
    EXPECT_EQ(report.in_use, 0U);
    EXPECT_EQ(report.waiting, 0U);
}

TEST(SandboxPool, GivesRequestsTheHostThatItWasMadeWith) {
    LoadedSandbox sandbox = load_script("function handler(text) { console.log(text); }");
    std::string printed;
    std::optional<SandboxPool> pool;
    {
        const auto host =
            SandboxBuilder().with_print([&](PrintLevel, std::string_view text) { printed += text; }).build();
        ASSERT_TRUE(host);
        auto made = SandboxPool::create(*sandbox.snapshot(), *host, {.size = 1});
        ASSERT_TRUE(made);
        pool = std::move(*made);
    }
    (void)pool->handle_event("main", R"("hello")");
    EXPECT_EQ(printed, "hello\n");
}

// --- Waiting ---

TEST(SandboxPool, MakesSandboxesWhenTheyAreNeeded) {
    SandboxPool pool = make_pool({.size = 3, .made_at_start = 0});
    EXPECT_EQ(pool.report().created, 0U);
    std::vector<SandboxPool::Lease> leases;
    for (unsigned i = 1; i <= 3; ++i) {
        auto lease = pool.acquire();
        ASSERT_TRUE(lease);
        leases.push_back(std::move(*lease));
        EXPECT_EQ(pool.report().created, i);
        EXPECT_EQ(pool.report().in_use, i);
    }
    leases.clear();
    EXPECT_EQ(pool.report().ready, 3U);
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(pool.report().created, 3U);
}

TEST(SandboxPool, RefusesRequestsThatTheQueueHasNoRoomFor) {
    SandboxPool pool = make_pool({.size = 1, .queue_limit = 0});
    {
        const auto lease = pool.acquire();
        const auto refused = pool.handle_event("main", "0");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
        EXPECT_THAT(refused.error().message, HasSubstr("which is the queue's limit"));
    }
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(pool.report().queue_full, 1U);
}

TEST(SandboxPool, RefusesRequestsThatHaveWaitedTooLong) {
    SandboxPool pool = make_pool({.size = 1, .wait_limit = 2ms});
    {
        const auto lease = pool.acquire();
        const auto refused = pool.handle_event("main", "0");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
        EXPECT_THAT(refused.error().message, HasSubstr("within the wait limit of 2 ms"));
    }
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(pool.report().waited_too_long, 1U);
    EXPECT_EQ(pool.report().waiting, 0U);
}

TEST(SandboxPool, ServesWhoCameFirstFirst) {
    SandboxPool pool = make_pool({.size = 1, .wait_limit = 60s});
    auto lease = std::make_optional(*pool.acquire());
    constexpr std::size_t kThreads = 10;
    std::vector<std::size_t> order;  // only touched by who has the one sandbox
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            const auto own = pool.acquire();
            ASSERT_TRUE(own);
            order.push_back(t);
        });
        wait_until(pool, [&](const SandboxPoolReport& report) { return report.waiting == t + 1; });
    }
    lease.reset();
    threads.clear();
    ASSERT_EQ(order.size(), kThreads);
    EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(SandboxPool, DeadlinesCountTheTimeInTheQueueAndWallClocksDoNot) {
    SandboxPool pool = make_pool({.size = 1, .wait_limit = 60s});
    auto lease = std::make_optional(*pool.acquire());
    const auto deadline = std::chrono::steady_clock::now() + 5ms;
    auto late =
        std::async(std::launch::async, [&] { return pool.handle_event("main", "0", DeadlineMonitor(deadline)); });
    wait_until(pool, [](const SandboxPoolReport& report) { return report.waiting == 1; });
    auto in_time =
        std::async(std::launch::async, [&] { return pool.handle_event("main", "0", WallClockMonitor(10s)); });
    wait_until(pool, [](const SandboxPoolReport& report) { return report.waiting == 2; });
    std::this_thread::sleep_until(deadline + 1ms);
    lease.reset();
    const auto refused = late.get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().terminated_by, "deadline");
    EXPECT_TRUE(in_time.get());
}

// --- Leases ---

TEST(SandboxPool, LendsSandboxes) {
    SandboxPool pool = make_pool({.size = 1});
    for (int i = 0; i < 3; ++i) {
        const auto lease = pool.acquire();
        ASSERT_TRUE(lease);
        EXPECT_EQ((*lease)->handle_event("main", "0")->result, "1");
        EXPECT_EQ((*lease)->handle_event("main", "0")->result, "2");
    }
}

TEST(SandboxPool, RestoresALeaseOnRequest) {
    SandboxPool pool = make_pool({.size = 1, .restore = RestorePolicy::after_errors});
    for (const bool failed : {false, true, false}) {
        auto lease = pool.acquire();
        (void)(*lease)->handle_event("main", "0");
        if (failed) lease->note_failure();
    }
    EXPECT_EQ(call(pool), "2");
}

TEST(SandboxPool, ReplacesSandboxesThatAreGone) {
    SandboxPool pool = make_pool({.size = 1, .restore = RestorePolicy::never});
    {
        const auto lease = pool.acquire();
        EXPECT_TRUE(std::move(**lease).unload());
    }
    EXPECT_EQ(call(pool), "1");
    EXPECT_EQ(pool.report().replaced, 1U);
    EXPECT_EQ(pool.report().created, 2U);
}

TEST(SandboxPool, TakesSandboxesBackFromWhoThrows) {
    SandboxPool pool = make_pool({.size = 1});
    for (int i = 0; i < 3; ++i) {
        try {
            const auto lease = pool.acquire();
            EXPECT_EQ((*lease)->handle_event("main", "0")->result, "1");
            throw std::runtime_error("of the request");
        } catch (const std::runtime_error&) {
        }
    }
    EXPECT_EQ(pool.report().in_use, 0U);
}

// --- The end ---

TEST(SandboxPool, ShutDownEndsWaitingAndLeavesRunningRequestsAlone) {
    SandboxPool pool = make_pool({.size = 1, .wait_limit = 60s});
    auto lease = std::make_optional(*pool.acquire());
    std::vector<std::future<std::string>> waiting;
    for (int i = 0; i < 8; ++i) waiting.push_back(std::async(std::launch::async, [&] { return call(pool); }));
    wait_until(pool, [](const SandboxPoolReport& report) { return report.waiting == 8; });
    pool.shut_down();
    for (auto& one : waiting) EXPECT_EQ(one.get(), "consumed");
    EXPECT_EQ(call(pool), "consumed");
    EXPECT_EQ((*lease)->handle_event("main", "0")->result, "1");
    lease.reset();
    const SandboxPoolReport report = pool.report();
    EXPECT_EQ(report.ready + report.in_use + report.waiting, 0U);
    pool.shut_down();
}

TEST(SandboxPool, LeasesOutliveIt) {
    std::optional<SandboxPool> pool = make_pool({.size = 1});
    const auto lease = pool->acquire();
    pool.reset();
    EXPECT_EQ((*lease)->handle_event("main", "0")->result, "1");
}

TEST(SandboxPool, ThatWasMovedFromSaysSo) {
    SandboxPool first = make_pool({.size = 1});
    SandboxPool second = std::move(first);
    EXPECT_EQ(call(first), "consumed");
    EXPECT_EQ(call(second), "1");
    EXPECT_EQ(first.report().created, 0U);
}

TEST(SandboxPool, RefusesOptionsThatMakeNoSense) {
    for (const SandboxPoolOptions& options : {SandboxPoolOptions{.size = 0}, SandboxPoolOptions{.size = 100'000},
                                              SandboxPoolOptions{.size = 1, .wait_limit = -1s}}) {
        const auto pool = SandboxPool::create(counter(), options);
        ASSERT_FALSE(pool);
        EXPECT_EQ(pool.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace curfew
