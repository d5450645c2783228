// What a guest says must belong to the request that it was given last.
#include "sandbox/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "cell/testing/cell_fixture.h"

namespace curfew::sandbox {
namespace {

using cell::testing::Order;
using ::testing::HasSubstr;

class NoServices final : public GuestServices {
  public:
    bool cancelled() const noexcept override { return false; }
    bool may_print() const noexcept override { return false; }
    void print(wire::PrintLevel, std::string) override {}
    HostReply call_host_function(std::string_view, std::string_view, std::uint32_t, std::string_view) override {
        return HostReply::error("none");
    }
    std::uint64_t host_argument_limit() const noexcept override { return 0; }
    HostReply refuse_host_call(std::string_view, std::string_view, std::uint64_t) override {
        return HostReply::error("none");
    }
    HostReply resolve_module(std::string_view, std::string_view, bool) override { return HostReply::error("none"); }
    HostReply read_module(std::string_view) override { return HostReply::error("none"); }
    void wait(std::chrono::microseconds) override {}
};

class Channels : public ::testing::Test {
  protected:
    ExchangeEnd exchange(std::uint32_t number, Order order, std::string* complaint = nullptr) {
        Channel channel(*cell_, services_, meter_, number);
        Answer answer{};
        const ExchangeEnd end =
            channel.exchange({.kind = wire::MessageKind::call, .value = static_cast<std::uint32_t>(order)}, answer);
        if (complaint != nullptr) *complaint = channel.complaint();
        return end;
    }

  private:
    std::unique_ptr<cell::Cell> cell_ = cell::testing::start_cell(cell::testing::test_image());
    NoServices services_;
    UsageMeter meter_;
};

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

}  // namespace
}  // namespace curfew::sandbox
