// One queue for many waiting invocations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "sandbox/pending/test_support.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::begin;
using sandbox::testing::kDeletes;
using sandbox::testing::load;
using sandbox::testing::load_with;
using sandbox::testing::make_host;
using sandbox::testing::outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool readable(const ReadyQueue& queue) {
    pollfd descriptor{.fd = queue.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&descriptor, 1, 0) == 1;
}

TEST(ReadyQueue, TellsOfTimersRepliesAndEndings) {
    std::optional<Reply<void>> open;
    auto proto = make_host();
    proto.host_module("later").add_async("get", [&](Reply<void> reply) { open.emplace(std::move(reply)); });
    LoadedSandbox waits_for_reply = load_with(
        std::move(proto), "import { get } from 'later'; export async function handler() { await get(); return 1; }");
    LoadedSandbox sleeps = load("export const handler = () => new Promise((done) => setTimeout(done, 30, 2));");
    LoadedSandbox ends = load(kDeletes);

    auto queue = ReadyQueue::create();
    ASSERT_TRUE(queue);
    PendingInvocation first = begin(waits_for_reply);
    first.notify(*queue, 1);
    EXPECT_FALSE(readable(*queue));
    EXPECT_THAT(queue->take(), IsEmpty());
    EXPECT_THAT(queue->wait_until(std::chrono::steady_clock::now() + 1ms), IsEmpty());
    open->send();
    EXPECT_TRUE(readable(*queue));
    EXPECT_THAT(queue->take(), ElementsAre(1));
    EXPECT_FALSE(readable(*queue));
    EXPECT_TRUE(first.go_on());
    EXPECT_EQ(outcome(first.result()), "1");
    EXPECT_THAT(queue->take(), ElementsAre(1)) << "it is done";

    PendingInvocation second = begin(sleeps);
    second.notify(*queue, 2);
    EXPECT_THAT(queue->wait_until(std::chrono::steady_clock::now() + 60s), ElementsAre(2));
    EXPECT_TRUE(second.can_go_on());

    {
        PendingInvocation third = begin(ends, R"(["ada"])");
        third.notify(*queue, 3);
        EXPECT_TRUE(ends.interrupt_handle().kill());
        EXPECT_TRUE(readable(*queue));
        EXPECT_TRUE(third.done());
    }
    EXPECT_FALSE(readable(*queue)) << "what was dropped has left the queue";
}

TEST(ReadyQueue, MayGoBeforeItsInvocations) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["ada"])");
    {
        auto queue = ReadyQueue::create();
        invocation.notify(*queue, 1);
        auto other = ReadyQueue::create();
        invocation.notify(*other, 2);
        EXPECT_TRUE(sandbox.interrupt_handle().kill());
        EXPECT_THAT(queue->take(), IsEmpty());
        EXPECT_THAT(other->take(), ElementsAre(2));
    }
    EXPECT_FALSE(invocation.result());
}

// An event loop with replies from other threads: no one is lost.
TEST(ReadyQueue, ServesManyInvocationsOnOneThread) {
    constexpr std::size_t kMany = 8, kRounds = 20;
    std::mutex mutex;
    std::vector<std::pair<int, Reply<int>>> asked;
    std::atomic<bool> over{false};
    std::vector<std::jthread> workers;
    for (int i = 0; i < 2; ++i) {
        workers.emplace_back([&] {
            while (!over) {
                std::vector<std::pair<int, Reply<int>>> mine;
                {
                    const std::lock_guard lock(mutex);
                    mine.swap(asked);
                }
                for (auto& [number, reply] : mine) reply.send(number + 1);
                if (mine.empty()) std::this_thread::yield();
            }
        });
    }
    auto proto = make_host();
    proto.host_module("later").add_async("next", [&](int number, Reply<int> reply) {
        const std::lock_guard lock(mutex);
        asked.emplace_back(number, std::move(reply));
    });
    LoadedSandbox original = load_with(std::move(proto), R"(
        import { next } from 'later';
        export async function handler(rounds) { let n = 0; while (n < rounds) n = await next(n); return n; })");
    const auto snapshot = original.snapshot();
    auto queue = ReadyQueue::create();
    ASSERT_TRUE(snapshot && queue);
    std::vector<LoadedSandbox> sandboxes;
    std::vector<PendingInvocation> invocations;
    for (std::size_t i = 0; i < kMany; ++i) {
        sandboxes.push_back(*LoadedSandbox::from_snapshot(*snapshot));
        invocations.push_back(begin(sandboxes.back(), std::to_string(kRounds)));
        invocations.back().notify(*queue, i);
    }
    const auto is_done = [](PendingInvocation& invocation) { return invocation.done(); };
    while (!std::ranges::all_of(invocations, is_done)) {
        const auto tokens = queue->wait_until(std::chrono::steady_clock::now() + 60s);
        ASSERT_THAT(tokens, ::testing::Not(IsEmpty()));
        for (const std::uint64_t token : tokens) EXPECT_TRUE(invocations[token].go_on());
    }
    for (PendingInvocation& invocation : invocations) EXPECT_EQ(outcome(invocation.result()), std::to_string(kRounds));
    over = true;
}

}  // namespace
}  // namespace curfew
