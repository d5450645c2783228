// Alarms: what native guests do that no script can is told, once, whenever it is found.
#include "sandbox/alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <curfew/curfew.h>

#include "cell/testing/cell_fixture.h"
#include "cell/testing/processes.h"
#include "sandbox/testing/load.h"
#include "sandbox/testing/take_over.h"

namespace curfew::sandbox {
namespace {

using cell::Stop;
using cell::testing::Order;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Recorder final : public Observer {
  public:
    void alarmed(const observed::Alarm& event) noexcept override {
        EXPECT_NE(event.sandbox, 0U);
        told.push_back(std::string(to_string(event.kind)) + " by '" + std::string(event.handler) +
                       "': " + std::string(event.text));
    }
    std::vector<std::string> told;
};

class AlarmsTest : public ::testing::Test {
  protected:
    AlarmsTest() { events_.set_own(std::make_shared<const ObserverList>(ObserverList{recorder_})); }

    const std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
    EventSource events_;
    Alarms alarms_{events_};
    std::unique_ptr<cell::Cell> cell_ = cell::testing::start_cell(cell::testing::test_image());
};

TEST_F(AlarmsTest, OfRefusedSystemCallsAreToldOnce) {
    EXPECT_EQ(order(*cell_, Order::system_call, SYS_getppid), Stop::died);
    alarms_.look_at(*cell_, "main");
    alarms_.look_at(*cell_, "main");
    alarms_.look_a_last_time(*cell_);
    EXPECT_THAT(recorder_->told,
                ElementsAre(StartsWith("refused_system_call by 'main': the guest made the forbidden system call")));
}

TEST_F(AlarmsTest, OfABrokenHandshake) {
    EXPECT_EQ(order(*cell_, Order::garbage_turn_spin), Stop::died);
    alarms_.look_at(*cell_);
    EXPECT_THAT(recorder_->told, ElementsAre("broken_protocol by '': the guest broke the call protocol"));
}

// Nobody calls it again: it is found when it is dropped.
TEST_F(AlarmsTest, OfUsingTheCpuBetweenCalls) {
    EXPECT_EQ(order(*cell_, Order::burn_until_asked), Stop::called_out);
    const auto used = cell_->exact_cpu_time();
    ASSERT_TRUE(used);
    cell_->rest(*used);
    const auto deadline = std::chrono::steady_clock::now() + cell::testing::kPatience;
    while (*cell_->exact_cpu_time() < *used + std::chrono::milliseconds(50) &&
           std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    alarms_.look_a_last_time(*cell_);
    EXPECT_THAT(recorder_->told, ElementsAre(StartsWith("ran_between_calls by '': the guest went on running")));
}

TEST_F(AlarmsTest, AreNotMadeOfWhatAnEngineMayDoByItself) {
    EXPECT_EQ(order(*cell_, Order::divide_by_zero), Stop::died);
    alarms_.look_at(*cell_);
    auto other = cell::testing::start_cell(cell::testing::test_image());
    EXPECT_EQ(cell::testing::count(*other), 1U);
    alarms_.look_a_last_time(*other);
    EXPECT_THAT(recorder_->told, IsEmpty());
}

// The whole way: a sandbox whose cell is taken over in the middle of a call.
TEST(SandboxAlarms, AreToldBeforeTheCallReturns) {
    const auto recorder = std::make_shared<Recorder>();
    bool possible = false;
    auto proto = SandboxBuilder().with_observer(recorder).build();
    proto->host_module("host").add("take_over", [&] { possible = testing::make_cells_call_the_system(); });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler(
        "main", Script::from_content("import * as host from 'host'; export function handler() { host.take_over(); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto ended = loaded->handle_event("main", "1", WallClockMonitor(std::chrono::minutes(1)));
    if (!possible) GTEST_SKIP() << "this process may not trace its cells";
    if (testing::tests_node())
        GTEST_SKIP() << "refused calls go on in the guest there, and are nothing to be alarmed about";
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::guest_abort) << ended.error().message;
    // Which of the two it is depends on whether the host has given the turn back by then.
    EXPECT_THAT(recorder->told,
                ElementsAre(AnyOf(StartsWith("refused_system_call by 'main': the guest made the forbidden system call"),
                                  StartsWith("broken_protocol by 'main'"))));
}

}  // namespace
}  // namespace curfew::sandbox
