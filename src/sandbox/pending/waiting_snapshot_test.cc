// Snapshots of invocations that wait: they go on in other sandboxes, in the middle of the function.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "sandbox/pending/test_support.h"

namespace curfew {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sandbox::testing::begin;
using sandbox::testing::kDeletes;
using sandbox::testing::load;
using sandbox::testing::load_with;
using sandbox::testing::make_host;
using sandbox::testing::outcome;
using ::testing::HasSubstr;

class WaitingSnapshot : public ::testing::Test {
  protected:
    WaitingSnapshot() {
        std::string name = ::testing::TempDir() + "curfew_waiting_XXXXXX";
        folder_ = ::mkdtemp(name.data());
    }
    ~WaitingSnapshot() override { fs::remove_all(folder_); }

    // As another process would read it.
    Snapshot through_file(const Snapshot& snapshot) const {
        const fs::path path = folder_ / "a.snap";
        EXPECT_TRUE(snapshot.save(path));
        auto loaded = Snapshot::load(path);
        EXPECT_TRUE(loaded) << loaded.error().message;
        return *loaded;
    }

    fs::path folder_;
};

// Answers one call after the other, and returns the result.
std::string answer(PendingInvocation& invocation, std::initializer_list<const char*> answers) {
    for (const char* const json : answers) {
        const auto open = invocation.open_calls();
        EXPECT_FALSE(open.empty());
        if (open.empty()) break;
        const auto done = invocation.resume(open.front().id, json);
        EXPECT_TRUE(done) << done.error().message;
    }
    return outcome(invocation.result());
}

template <typename Monitors = std::tuple<>>
PendingInvocation go_on(LoadedSandbox& sandbox, const Monitors& monitors = {}) {
    auto invocation = sandbox.continue_event(monitors);
    EXPECT_TRUE(invocation) << invocation.error().message;
    return std::move(*invocation);
}

TEST_F(WaitingSnapshot, GoesOnInTheMiddleOfTheFunction) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["ada","bob","eve"])");
    EXPECT_TRUE(invocation.resume(invocation.open_calls().front().id, "true"));
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    const Snapshot snapshot = through_file(*saved);

    const auto waiting = snapshot.waiting();
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->handler, "main");
    EXPECT_EQ(waiting->usage.host_calls, 2u);
    EXPECT_FALSE(waiting->due);
    ASSERT_EQ(waiting->open_calls.size(), 1u);
    EXPECT_EQ(waiting->open_calls[0].arguments, R"(["bob"])");

    auto other = LoadedSandbox::from_snapshot(snapshot, make_host());
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_TRUE(other->waits());
    EXPECT_THAT(other->handle_event("main", "[]").error().message, HasSubstr("continue_event()"));
    EXPECT_FALSE(other->begin_event("main", "[]"));
    PendingInvocation continued = go_on(*other);
    EXPECT_FALSE(other->waits());
    ASSERT_EQ(continued.open_calls().size(), 1u);
    EXPECT_EQ(continued.open_calls()[0].id, waiting->open_calls[0].id);
    EXPECT_EQ(answer(continued, {"false", "true"}), R"({"log":["0:ada","1:eve"],"calls":1})");
    EXPECT_EQ(other->handle_event("main", "[]")->result, R"({"log":["0:ada","1:eve"],"calls":2})");

    EXPECT_EQ(answer(invocation, {"true", "true"}), R"({"log":["0:ada","1:bob","2:eve"],"calls":1})")
        << "the one that was saved goes on as well";
}

TEST_F(WaitingSnapshot, IsGoneOnWithAsOftenAsWanted) {
    LoadedSandbox sandbox = load(R"(
        export async function handler() {
            const before = Math.random();
            const answer = await tools.add(1, 2);
            return [before, answer, Math.random()];
        })");
    PendingInvocation invocation = begin(sandbox);
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    auto other = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(other);
    std::vector<std::string> results;
    for (const char* const json : {"3", "4", "5"}) {
        PendingInvocation fork = go_on(*other);
        results.push_back(answer(fork, {json}));
        EXPECT_THAT(results.back(), HasSubstr(std::string(",") + json + ","));
        ASSERT_TRUE(other->restore(*saved));
        EXPECT_TRUE(other->waits());
    }
    EXPECT_EQ(results[0].substr(0, results[0].find(',')), results[1].substr(0, results[1].find(',')))
        << "what was drawn before is the same";
    EXPECT_NE(results[0].substr(results[0].rfind(',')), results[1].substr(results[1].rfind(',')))
        << "what is drawn later is not";
    EXPECT_NE(results[1].substr(results[1].rfind(',')), results[2].substr(results[2].rfind(',')));
}

TEST_F(WaitingSnapshot, CanBeSavedAgainBeforeAndAfterItGoesOn) {
    LoadedSandbox sandbox = load(kDeletes);
    PendingInvocation invocation = begin(sandbox, R"(["a","b","c","d"])");
    Result<Snapshot> saved = sandbox.snapshot();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(saved) << saved.error().message;
        auto other = LoadedSandbox::from_snapshot(through_file(*saved), make_host());
        ASSERT_TRUE(other);
        const auto again = other->snapshot();  // nothing has run
        ASSERT_TRUE(again);
        EXPECT_EQ(again->waiting()->open_calls.size(), 1u);
        PendingInvocation continued = go_on(*other);
        EXPECT_TRUE(continued.resume(continued.open_calls().front().id, "true"));
        saved = other->snapshot();
    }
    auto last = LoadedSandbox::from_snapshot(*saved, make_host());
    PendingInvocation end = go_on(*last);
    EXPECT_EQ(answer(end, {"true"}), R"({"log":["0:a","1:b","2:c","3:d"],"calls":1})");
}

TEST_F(WaitingSnapshot, LimitsCountWhatWasUsedBefore) {
    LoadedSandbox sandbox = load(R"(
        function burn(time) { const end = Date.now() + time; while (Date.now() < end) {} }
        export async function handler() { for (let i = 0; i < 4; i++) { burn(40); await tools.add(1, 2); } return 'end'; })");
    PendingInvocation invocation = begin(sandbox);
    EXPECT_TRUE(invocation.resume(invocation.open_calls().front().id, "0"));
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    const Snapshot snapshot = through_file(*saved);
    EXPECT_GE(snapshot.waiting()->usage.cpu_time, 10ms);

    auto other = LoadedSandbox::from_snapshot(snapshot, make_host());
    {
        auto used_up = other->continue_event(CpuTimeMonitor(10ms));
        // Found out before the first piece, in which case it still waits, or later.
        EXPECT_EQ(other->waits(), !used_up);
        if (used_up) used_up->wait();
        EXPECT_EQ((used_up ? used_up->result().error() : used_up.error()).terminated_by, "cpu-time");
    }
    ASSERT_TRUE(other->restore(snapshot));
    PendingInvocation counted = go_on(*other, HostCallMonitor(3));
    EXPECT_TRUE(counted.resume(counted.open_calls().front().id, "0"));
    EXPECT_TRUE(counted.resume(counted.open_calls().front().id, "0"));
    EXPECT_EQ(counted.result().error().terminated_by, "host-calls");
    ASSERT_TRUE(other->restore(snapshot));
    PendingInvocation wall = go_on(*other, WallClockMonitor(1h));
    EXPECT_GE(wall.usage().wall_time, 40ms);
    EXPECT_EQ(answer(wall, {"0", "0", "0"}), "\"end\"");
}

TEST_F(WaitingSnapshot, TimersGoOnWhereTheyStood) {
    LoadedSandbox sandbox = load(R"(
        export async function handler() {
            const begun = performance.now();
            await new Promise((done) => setTimeout(done, 300));
            return performance.now() - begun;
        })");
    PendingInvocation invocation = begin(sandbox);
    std::this_thread::sleep_for(100ms);
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    const Snapshot snapshot = through_file(*saved);
    ASSERT_TRUE(snapshot.waiting()->due);
    EXPECT_LE(*snapshot.waiting()->due, 200ms);
    std::this_thread::sleep_for(400ms);  // which is no time for what lies in a file

    auto other = LoadedSandbox::from_snapshot(snapshot, make_host());
    const auto begun = std::chrono::steady_clock::now();
    PendingInvocation continued = go_on(*other);
    ASSERT_FALSE(continued.done());
    ASSERT_TRUE(continued.due());
    EXPECT_GE(*continued.due() - begun, 50ms);
    EXPECT_LE(*continued.due() - begun, 250ms);
    const double passed = std::stod(outcome(continued.finish()));
    EXPECT_GE(passed, 295);
    EXPECT_LT(passed, 650);
}

TEST_F(WaitingSnapshot, NeedsTheFunctionsAndTheRoomOfItsHost) {
    auto many = make_host();
    LoadedSandbox sandbox = load("export const handler = () => Promise.all([tools.add(1, 2), tools.add(3, 4)]);");
    PendingInvocation invocation = begin(sandbox);
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    const Snapshot snapshot = through_file(*saved);
    EXPECT_THAT(LoadedSandbox::from_snapshot(snapshot).error().message, HasSubstr("host functions"));
    auto small = LoadedSandbox::from_snapshot(snapshot, make_host(SandboxBuilder().with_open_host_calls(1)));
    ASSERT_TRUE(small);
    EXPECT_THAT(small->continue_event().error().message, HasSubstr("has 2 open host calls, and its host allows 1"));
    EXPECT_TRUE(small->waits());
}

TEST_F(WaitingSnapshot, AsynchronousCallsAreOpenInIt) {
    std::optional<Reply<int>> open;
    const auto host = [&] {
        auto proto = make_host();
        proto.host_module("later").add_async("get", [&](Reply<int> reply) { open.emplace(std::move(reply)); });
        return proto;
    };
    LoadedSandbox sandbox = load_with(host(), R"(
        import { get } from 'later';
        export async function handler() { return [await get(), await get()]; })");
    PendingInvocation invocation = begin(sandbox);
    open->send(1);  // not taken yet
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    ASSERT_EQ(saved->waiting()->open_calls.size(), 1u);
    auto other = LoadedSandbox::from_snapshot(*saved, host());
    PendingInvocation continued = go_on(*other);
    EXPECT_THAT(continued.finish().error().message, HasSubstr("only resume()"));
    EXPECT_TRUE(continued.resume(continued.open_calls().front().id, "10"));
    open->send(20);
    EXPECT_EQ(outcome(continued.finish()), "[10,20]");
    EXPECT_TRUE(invocation.go_on());
    open->send(2);
    EXPECT_EQ(outcome(invocation.finish()), "[1,2]");
}

TEST_F(WaitingSnapshot, OfARestedSandboxSaysNothing) {
    LoadedSandbox sandbox = load(kDeletes);
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    EXPECT_FALSE(saved->waiting());
    EXPECT_FALSE(sandbox.waits());
    EXPECT_THAT(sandbox.continue_event().error().message, HasSubstr("nothing to go on with"));
}

}  // namespace
}  // namespace curfew
