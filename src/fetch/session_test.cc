// The requests of an invocation: how many, how many at once, and that all of them end with it.
#include "fetch/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace curfew::fetch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps what it was given until the test answers.
class HeldTransport final : public FetchTransport {
  public:
    void start(FetchRequest request, FetchReply reply) override {
        urls.push_back(request.url);
        if (fails) reply.fail("no network", "ENONET");
        if (throws) throw std::runtime_error("the transport is broken");
        held.push_back(std::move(reply));
    }
    std::vector<std::string> urls;
    std::vector<FetchReply> held;
    bool fails = false;
    bool throws = false;
};

class SessionTest : public ::testing::Test {
  protected:
    SessionTest() {
        policy.origins = {"http://a.example"};
        policy.max_concurrent = 2;
        policy.max_requests = 5;
    }
    void start() { session.emplace(*Rules::of(policy), transport); }
    std::uint64_t begin(const std::string& path) {
        const auto number =
            session->begin({.method = "GET", .url = "http://a.example/" + path, .headers = {}, .body_size = {}});
        EXPECT_TRUE(number) << number.error().message;
        return number.value_or(0);
    }
    std::string head_of(std::uint64_t number) {
        std::string answer = "(waiting)";
        session->find(number)->head([&](std::expected<FetchResponse, Failure> head) {
            answer = head ? std::to_string(head->status) : head.error().message;
        });
        return answer;
    }

    FetchPolicy policy;
    std::shared_ptr<HeldTransport> transport = std::make_shared<HeldTransport>();
    std::optional<Session> session;
};

TEST_F(SessionTest, SomeRunAndOthersWait) {
    start();
    begin("1");
    begin("2");
    begin("3");
    const std::uint64_t fourth = begin("4");
    EXPECT_THAT(transport->urls, ElementsAre("http://a.example/1", "http://a.example/2"));
    session->close(fourth);  // never had its turn
    transport->held[0].respond({});
    EXPECT_EQ(transport->urls.size(), 2U);
    transport->held[0].finish();
    EXPECT_THAT(transport->urls, ElementsAre("http://a.example/1", "http://a.example/2", "http://a.example/3"));
    transport->held[1].fail("x");
    transport->held[2].fail("x");
    EXPECT_EQ(transport->urls.size(), 3U);
    begin("5");
    EXPECT_EQ(transport->urls.size(), 4U);
}

TEST_F(SessionTest, CountsAllOfThem) {
    start();
    for (int i = 0; i < 5; ++i) begin("x");
    const auto sixth = session->begin({.method = "GET", .url = "http://a.example/", .headers = {}, .body_size = {}});
    ASSERT_FALSE(sixth);
    EXPECT_EQ(sixth.error().message, "this sandbox's policy allows 5 requests in one invocation, redirects included");
}

TEST_F(SessionTest, RefusesAtOnce) {
    start();
    const auto refused = session->begin({.method = "GET", .url = "http://b.example/", .headers = {}, .body_size = {}});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("allows no requests to http://b.example"));
    EXPECT_TRUE(transport->urls.empty());
}

TEST_F(SessionTest, ManyThatFailAtOnceAreNoRecursion) {
    policy.max_requests = 20'000;
    policy.max_concurrent = 1;
    start();
    for (int i = 0; i < 20'000; ++i) begin("x");
    EXPECT_EQ(transport->urls.size(), 1U);
    transport->fails = true;
    transport->held[0].fail("x");
    EXPECT_EQ(transport->urls.size(), 20'000U);
}

TEST_F(SessionTest, WhatATransportThrowsFailsTheFetch) {
    transport->throws = true;
    start();
    EXPECT_EQ(head_of(begin("1")), "the transport gave the request up");
    transport->throws = false;
    transport->fails = true;
    EXPECT_EQ(head_of(begin("2")), "no network");
}

TEST_F(SessionTest, ItsEndGivesUpAllOfThem) {
    start();
    const std::uint64_t first = begin("1");
    begin("2");
    const std::uint64_t third = begin("3");
    std::vector<std::string> answers;
    for (const std::uint64_t number : {first, third}) {
        session->find(number)->head(
            [&](std::expected<FetchResponse, Failure> head) { answers.push_back(head.error().message); });
    }
    session.reset();
    EXPECT_THAT(answers, ElementsAre("the invocation that fetched is over", "the invocation that fetched is over"));
    EXPECT_TRUE(transport->held[0].cancelled());
    EXPECT_TRUE(transport->held[1].cancelled());
    EXPECT_EQ(transport->urls.size(), 2U);
    transport->held.clear();
    EXPECT_EQ(transport.use_count(), 1);
}

TEST_F(SessionTest, NumbersAreItsOwn) {
    start();
    const std::uint64_t number = begin("1");
    EXPECT_LT(number, std::uint64_t{1} << 53);
    EXPECT_NE(session->find(number), nullptr);
    EXPECT_EQ(session->find(number + 1), nullptr);
    session->close(number);
    session->close(number);
    EXPECT_EQ(session->find(number), nullptr);
    Session other(*Rules::of(policy), transport);
    const auto first = other.begin({.method = "GET", .url = "http://a.example/", .headers = {}, .body_size = {}});
    ASSERT_TRUE(first);
    EXPECT_EQ(session->find(*first), nullptr);
}

}  // namespace
}  // namespace curfew::fetch
