// What a guest says must belong to the request that it was given last.
#include "sandbox/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <chrono>
#include <memory>
#include <string>

#include "cell/testing/cell_fixture.h"

namespace curfew::sandbox {
namespace {

using cell::testing::Order;
using ::testing::HasSubstr;

class NoServices final : public GuestServices {
  public:
    std::uint64_t printed = 0;  // bytes
    bool may_print_on = false;

    bool cancelled() const noexcept override { return false; }
    bool may_print() const noexcept override { return may_print_on; }
    void print(wire::PrintLevel, std::string text) override { printed += text.size(); }
    HostReply call_host_function(GuestCall) override { return HostReply::error("none"); }
    std::uint64_t host_argument_limit() const noexcept override { return 0; }
    HostReply refuse_host_call(std::string_view, std::string_view, std::uint64_t) override {
        return HostReply::error("none");
    }
    HostReply resolve_module(std::string_view, std::string_view, std::uint32_t) override {
        return HostReply::error("none");
    }
    HostReply read_module(std::string_view, std::uint32_t) override { return HostReply::error("none"); }
    bool can_reply() const noexcept override { return false; }
    std::optional<HostReply> wait(std::optional<std::chrono::microseconds>, bool) override { return HostReply{}; }
};

class Channels : public ::testing::Test {
  protected:
    ExchangeEnd exchange(std::uint32_t number, Order order, std::string* complaint = nullptr, std::uint32_t flags = 0) {
        Channel channel(*cell_, services_, meter_, number);
        Answer answer{};
        const ExchangeEnd end = channel.exchange(
            {.kind = wire::MessageKind::call, .flags = flags, .value = static_cast<std::uint32_t>(order)}, answer);
        if (complaint != nullptr) *complaint = channel.complaint();
        return end;
    }

    // A guest that has been taken over sends bodies of this kind, as long as its heap.
    ExchangeEnd take_bodies(wire::MessageKind kind, std::string* complaint = nullptr) {
        return exchange(1, Order::send_bodies, complaint, static_cast<std::uint32_t>(kind));
    }

    NoServices services_;
    UsageMeter meter_;

  private:
    std::unique_ptr<cell::Cell> cell_ = cell::testing::start_cell(cell::testing::test_image());
};

std::chrono::nanoseconds used_by_this_thread() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST_F(Channels, TakeAnswersWithTheRequestsNumber) {
    for (const std::uint32_t number : {1U, 2U, 0U, ~0U}) {
        EXPECT_EQ(exchange(number, Order::echo), ExchangeEnd::completed) << number;
    }
}

TEST_F(Channels, RefuseAnswersToEarlierRequests) {
    EXPECT_EQ(exchange(1, Order::echo), ExchangeEnd::completed);
    std::string complaint;
    EXPECT_EQ(exchange(2, Order::answer_earlier, &complaint), ExchangeEnd::protocol);
    EXPECT_THAT(complaint, HasSubstr("another request"));
}

TEST_F(Channels, TakeNoBodiesOfQuestionsThatHaveNone) {
    std::string complaint;
    EXPECT_EQ(take_bodies(wire::MessageKind::wait, &complaint), ExchangeEnd::protocol);
    EXPECT_THAT(complaint, HasSubstr("a wait has a body"));
    EXPECT_EQ(meter_.value(Counter::host_calls), 0U);
}

TEST_F(Channels, TakeNoPathThatIsTooLong) {
    EXPECT_EQ(take_bodies(wire::MessageKind::read_module), ExchangeEnd::protocol);
}

TEST_F(Channels, DoNotReceiveAnImportThatIsTooLong) {
    EXPECT_EQ(take_bodies(wire::MessageKind::resolve), ExchangeEnd::completed);
    EXPECT_GT(*meter_.host_cpu_time(), std::chrono::nanoseconds::zero());
}

TEST_F(Channels, ChargeTheGuestForTheBodiesThatItSends) {
    services_.may_print_on = true;
    const auto before = used_by_this_thread();
    EXPECT_EQ(take_bodies(wire::MessageKind::print), ExchangeEnd::completed);
    const auto used = used_by_this_thread() - before;
    EXPECT_EQ(services_.printed, cell::testing::kBodies * cell::testing::kTestSizes.heap);
    EXPECT_GE(*meter_.host_cpu_time(), used / 2);
}

}  // namespace
}  // namespace curfew::sandbox
