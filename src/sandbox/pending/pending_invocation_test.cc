// Invocations that wait without a thread.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using ::testing::HasSubstr;

TEST(PendingInvocation, IsDoneAtOnceIfItWaitsForNothing) {
    LoadedSandbox sandbox = load("export function handler(event) { return event + 1; }");
    PendingInvocation invocation = begin(sandbox, "41");
    EXPECT_TRUE(invocation.done());
    EXPECT_TRUE(invocation.open_calls().empty());
    EXPECT_FALSE(invocation.due());
    EXPECT_EQ(outcome(invocation.result()), "42");
    EXPECT_EQ(invocation.result().error().code, ErrorCode::consumed);
    EXPECT_EQ(sandbox.handle_event("main", "1")->result, "2");
}

TEST(PendingInvocation, WaitsForAnswersOneAfterTheOther) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["ada","bob"])");
    ASSERT_FALSE(invocation.done());
    EXPECT_EQ(invocation.handler(), "main");
    ASSERT_EQ(invocation.open_calls().size(), 1u);
    OpenHostCall call = invocation.open_calls().front();
    EXPECT_EQ(call.module, "tools");
    EXPECT_EQ(call.function, "approve");
    EXPECT_EQ(call.arguments, R"(["ada"])");
    EXPECT_FALSE(invocation.can_go_on());
    EXPECT_TRUE(invocation.resume(call.id, "true"));
    ASSERT_EQ(invocation.open_calls().size(), 1u);
    call = invocation.open_calls().front();
    EXPECT_EQ(call.arguments, R"(["bob"])");
    EXPECT_TRUE(invocation.resume(call.id, "false"));
    EXPECT_TRUE(invocation.done());
    const auto result = invocation.result();
    EXPECT_EQ(outcome(result), R"({"log":["0:ada"],"calls":1})");
    EXPECT_EQ(result->usage.host_calls, 2u);
    EXPECT_GT(result->usage.waiting_time, 0ns);
    EXPECT_FALSE(sandbox.poisoned());
    EXPECT_EQ(sandbox.handle_event("main", "[]")->result, R"({"log":["0:ada"],"calls":2})");
}

TEST(PendingInvocation, CallsAreOpenSideBySideAndAnsweredInAnyOrder) {
    LoadedSandbox sandbox = load(R"(
        export async function handler() {
            const failed = tools.approve('x').catch((error) => error.message);
            return Promise.all([tools.add(1, 2), failed, tools.add(3, 4)]);
        })");
    PendingInvocation invocation = begin(sandbox);
    const auto calls = invocation.open_calls();
    ASSERT_EQ(calls.size(), 3u);
    EXPECT_TRUE(invocation.resume(calls[2].id, "7"));
    EXPECT_TRUE(invocation.fail(calls[0].id == calls[2].id ? 0 : calls[0].id, "refused by Eve"));
    EXPECT_EQ(invocation.open_calls().size(), 1u);
    EXPECT_TRUE(invocation.resume(calls[1].id, "3"));
    EXPECT_TRUE(invocation.done());
    EXPECT_EQ(outcome(invocation.result()), R"([3,"refused by Eve",7])");
}

TEST(PendingInvocation, RefusesAnswersThatMakeNoSense) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["ada"])");
    const std::uint32_t id = invocation.open_calls().front().id;
    const auto refused = [&](const Result<void>& done) {
        EXPECT_FALSE(done);
        if (done) return std::string();
        EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
        return done.error().message;
    };
    EXPECT_THAT(refused(invocation.resume(id + 1, "true")), HasSubstr("is not open; open: " + std::to_string(id)));
    EXPECT_THAT(refused(invocation.resume(id, "yes")), HasSubstr("is not JSON"));
    EXPECT_THAT(refused(invocation.fail(id, "\xff")), HasSubstr("is not UTF-8"));
    EXPECT_EQ(invocation.result().error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(invocation.finish().error().message, HasSubstr("only resume() and fail() give"));
    EXPECT_FALSE(invocation.done());
    EXPECT_TRUE(invocation.resume(id, ""));  // undefined
    EXPECT_TRUE(invocation.done());
    EXPECT_THAT(refused(invocation.resume(id, "true")), HasSubstr("is over"));
    EXPECT_EQ(outcome(invocation.result()), R"({"log":[],"calls":1})");
}

TEST(PendingInvocation, ItsSandboxDoesNothingElse) {
    LoadedSandbox sandbox = load(kDeletes);
    {
        PendingInvocation invocation = begin(sandbox, R"(["ada"])");
        const auto other = sandbox.begin_event("main", "[]");
        EXPECT_THAT(other.error().message, HasSubstr("an invocation of this sandbox waits"));
        EXPECT_EQ(sandbox.handle_event("main", "[]").error().code, ErrorCode::invalid_argument);
        const auto snapshot = sandbox.snapshot();
        ASSERT_TRUE(snapshot);
        EXPECT_EQ(sandbox.restore(*snapshot).error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(std::move(sandbox).unload().error().code, ErrorCode::invalid_argument);
        EXPECT_FALSE(sandbox.poisoned());
        EXPECT_EQ(sandbox.continue_event().error().code, ErrorCode::invalid_argument);
    }
    EXPECT_TRUE(sandbox.poisoned()) << "its invocation was dropped";
    EXPECT_EQ(sandbox.handle_event("main", "[]").error().code, ErrorCode::poisoned);
}

TEST(PendingInvocation, MayOutliveItsSandboxAndMoveBetweenThreads) {
    auto sandbox = std::make_unique<LoadedSandbox>(load(kDeletes));
    std::optional<PendingInvocation> invocation(begin(*sandbox, R"(["ada","bob"])"));
    LoadedSandbox moved = std::move(*sandbox);
    std::thread([&] { EXPECT_TRUE(invocation->resume(invocation->open_calls().front().id, "true")); }).join();
    EXPECT_FALSE(invocation->done());
    PendingInvocation other = std::move(*invocation);
    EXPECT_TRUE(invocation->done());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(invocation->result().error().code, ErrorCode::consumed);
    EXPECT_EQ(invocation->go_on().error().code, ErrorCode::consumed);
    {
        const LoadedSandbox gone = std::move(moved);
    }
    EXPECT_TRUE(other.done());
    const auto result = other.result();
    EXPECT_EQ(result.error().code, ErrorCode::cancelled);
    EXPECT_THAT(result.error().message, HasSubstr("its sandbox was dropped"));
}

TEST(PendingInvocation, GoesOnByItselfWhenTimersAreDue) {
    LoadedSandbox sandbox = load(R"(
        const sleep = (time) => new Promise((done) => setTimeout(done, time));
        export async function handler() { await sleep(20); await sleep(20); return 'slept'; })");
    const auto begun = std::chrono::steady_clock::now();
    PendingInvocation invocation = begin(sandbox);
    ASSERT_FALSE(invocation.done());
    ASSERT_TRUE(invocation.due());
    EXPECT_LE(*invocation.due(), begun + 1s);
    EXPECT_TRUE(invocation.go_on());  // too early: it does nothing
    EXPECT_FALSE(invocation.done());
    invocation.wait_until(begun);
    EXPECT_FALSE(invocation.done());
    EXPECT_EQ(outcome(invocation.finish()), "\"slept\"");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 40ms);
}

TEST(PendingInvocation, GoesOnWhenAsynchronousFunctionsAnswer) {
    std::optional<Reply<int>> open;
    auto proto = make_host();
    proto.host_module("later").add_async("get", [&](Reply<int> reply) { open.emplace(std::move(reply)); });
    LoadedSandbox sandbox = load_with(std::move(proto), R"(
        import { get } from 'later';
        import { add } from 'tools';
        export async function handler() { return await get() + await add(1, 1); })");
    PendingInvocation invocation = begin(sandbox);
    ASSERT_TRUE(open);
    EXPECT_FALSE(invocation.can_go_on());
    ASSERT_EQ(invocation.open_calls().size(), 1u);
    std::thread answers([&] { open->send(40); });
    invocation.wait();
    answers.join();
    EXPECT_TRUE(invocation.can_go_on());
    EXPECT_TRUE(invocation.open_calls().empty());
    EXPECT_TRUE(invocation.go_on());
    ASSERT_EQ(invocation.open_calls().size(), 1u);
    EXPECT_TRUE(invocation.resume(invocation.open_calls().front().id, "2"));
    EXPECT_EQ(outcome(invocation.result()), "42");
}

TEST(PendingInvocation, WhatIsNotRunIsAnErrorOfTheBeginning) {
    LoadedSandbox sandbox = load(kDeletes);
    EXPECT_EQ(sandbox.begin_event("other", "[]").error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(sandbox.begin_event("main", "\xff").error().code, ErrorCode::invalid_argument);
    const auto late = sandbox.begin_event("main", "[]", DeadlineMonitor(std::chrono::steady_clock::now() - 1s));
    EXPECT_EQ(late.error().terminated_by, "deadline");
    EXPECT_FALSE(late.error().ran);
    EXPECT_FALSE(sandbox.poisoned());
    EXPECT_EQ(outcome(begin(sandbox, "[]").result()), R"({"log":[],"calls":1})");
    EXPECT_EQ(begin(sandbox, "{").result().error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(begin(sandbox, "5").result().error().code, ErrorCode::handler_error);
}

TEST(PendingInvocation, MonitorsEndItWhileItWaits) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["ada"])", WallClockMonitor(20ms));
    EXPECT_FALSE(invocation.open_calls().empty());
    invocation.wait();
    EXPECT_TRUE(invocation.done());
    EXPECT_TRUE(invocation.open_calls().empty());
    EXPECT_EQ(invocation.result().error().terminated_by, "wall-clock");
    EXPECT_TRUE(sandbox.poisoned());
}

TEST(PendingInvocation, LimitsHoldOverAllPieces) {
    LoadedSandbox sandbox = load(R"(
        function burn(time) { const end = Date.now() + time; while (Date.now() < end) {} }
        export async function handler() { for (;;) { burn(10); await tools.add(1, 2); } })");
    const auto before = sandbox.snapshot();
    const auto answer_all = [](PendingInvocation& invocation) {
        while (!invocation.done()) {
            std::this_thread::sleep_for(5ms);
            const auto open = invocation.open_calls();
            if (open.empty()) continue;
            // A limit may end it at any time, while it waits too: threads of the engine's own use CPU time.
            const auto resumed = invocation.resume(open.front().id, "0");
            EXPECT_TRUE(resumed || invocation.done());
        }
        return invocation.result().error();
    };
    PendingInvocation calls = begin(sandbox, "null", HostCallMonitor(3));
    EXPECT_EQ(answer_all(calls).terminated_by, "host-calls");
    ASSERT_TRUE(sandbox.restore(*before));
    PendingInvocation cpu = begin(sandbox, "null", CpuTimeMonitor(100ms));
    const Error error = answer_all(cpu);
    EXPECT_EQ(error.terminated_by, "cpu-time");
    EXPECT_GE(error.usage.host_calls, 1u);
    ASSERT_TRUE(sandbox.restore(*before));
    PendingInvocation wall = begin(sandbox, "null", WallClockMonitor(50ms).excluding_pauses());
    const Error late = answer_all(wall);
    EXPECT_EQ(late.terminated_by, "wall-clock");
    EXPECT_GE(late.usage.wall_time - late.usage.waiting_time, 50ms);
}

TEST(PendingInvocation, IsKilledWhileItWaits) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["ada"])");
    EXPECT_TRUE(sandbox.interrupt_handle().kill());
    EXPECT_TRUE(invocation.can_go_on());
    EXPECT_EQ(invocation.result().error().terminated_by, "kill");
    EXPECT_FALSE(sandbox.interrupt_handle().kill());
    EXPECT_TRUE(sandbox.poisoned());
}

TEST(PendingInvocation, HostFunctionsCannotUseIt) {
    std::optional<PendingInvocation> invocation;
    std::string said;
    auto proto = make_host();
    proto.host_module("own").add("look", [&] {
        const auto done = invocation->go_on();
        said = done ? "" : done.error().message;
        return invocation->done();
    });
    LoadedSandbox sandbox = load_with(std::move(proto), R"(
        import { look } from 'own';
        import { add } from 'tools';
        export async function handler() { await add(1, 2); return look(); })");
    invocation.emplace(begin(sandbox));
    EXPECT_TRUE(invocation->resume(invocation->open_calls().front().id, "3"));
    EXPECT_THAT(said, HasSubstr("cannot use the invocation that called it"));
    EXPECT_EQ(outcome(invocation->result()), "true");
}

TEST(PendingInvocation, ExceptionsPassThroughAndPoison) {
    auto proto =
        make_host(SandboxBuilder().with_print([](PrintLevel, std::string_view) { throw std::runtime_error("p"); }));
    LoadedSandbox sandbox = load_with(std::move(proto), R"(
        import { add } from 'tools';
        export async function handler() { await add(1, 2); console.log('x'); })");
    PendingInvocation invocation = begin(sandbox);
    const std::uint32_t id = invocation.open_calls().front().id;
    EXPECT_THROW(static_cast<void>(invocation.resume(id, "3")), std::runtime_error);
    EXPECT_TRUE(invocation.done());
    EXPECT_FALSE(invocation.result());
    EXPECT_TRUE(sandbox.poisoned());
}

TEST(PendingInvocation, DeferredFunctionsFailInBlockingCalls) {
    LoadedSandbox sandbox = load("export const handler = () => tools.add(1, 2).catch((error) => error.message);");
    EXPECT_THAT(outcome(sandbox.handle_event("main", "null")), HasSubstr("is answered by whoever runs the invocation"));
}

}  // namespace
}  // namespace curfew
