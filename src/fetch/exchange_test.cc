// A request and its response between both sides: order, bounds, back-pressure and every end.
#include "fetch/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace curfew::fetch {
namespace {

using ::testing::HasSubstr;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
std::string text(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// What a callback was given, as text.
struct Answers {
    std::vector<std::string> given;

    Exchange::Answer<Bytes> piece() {
        return [this](std::expected<Bytes, Failure> result) {
            given.push_back(result ? "piece " + text(*result) : "failed: " + result.error().message);
        };
    }
    Exchange::Answer<FetchResponse> head() {
        return [this](std::expected<FetchResponse, Failure> result) {
            given.push_back(result ? "head " + std::to_string(result->status) : "failed: " + result.error().message);
        };
    }
    Exchange::Answer<void> room() {
        return [this](std::expected<void, Failure> result) {
            given.push_back(result ? "room" : "failed: " + result.error().message);
        };
    }
};

class ExchangeTest : public ::testing::Test {
  protected:
    std::shared_ptr<Exchange> make(bool has_body = false) {
        return std::make_shared<Exchange>(limits, has_body, [this](const Exchange*) { ++ends; });
    }
    std::string take(Exchange& exchange, std::size_t most = 1 << 20) {
        std::string into(most, '\0');
        const FetchBody::Piece piece = exchange.take(std::as_writable_bytes(std::span(into)));
        switch (piece.state) {
            case FetchBody::State::more: return into.substr(0, piece.size);
            case FetchBody::State::waiting: return "(waiting)";
            case FetchBody::State::end: return "(end)";
            case FetchBody::State::failed: return "(failed)";
        }
        return "";
    }

    Exchange::Limits limits{.request_bytes = 1 << 20, .response_bytes = 1 << 20, .header_bytes = 1000};
    int ends = 0;
    Answers answers;
};

TEST_F(ExchangeTest, WhoAsksFirstWaits) {
    const auto exchange = make();
    exchange->head(answers.head());
    exchange->read(answers.piece());
    EXPECT_THAT(answers.given, ::testing::IsEmpty());
    exchange->respond({.status = 200});
    EXPECT_EQ(exchange->give(bytes("abc")), 3U);
    exchange->read(answers.piece());
    exchange->finish("d");
    exchange->read(answers.piece());
    EXPECT_THAT(answers.given, ::testing::ElementsAre("head 200", "piece abc", "piece d", "piece "));
    EXPECT_EQ(ends, 1);
}

TEST_F(ExchangeTest, WhoComesLateFindsAll) {
    const auto exchange = make();
    exchange->respond({.status = 204});
    exchange->finish("abc");
    exchange->head(answers.head());
    exchange->read(answers.piece());
    exchange->read(answers.piece());
    EXPECT_THAT(answers.given, ::testing::ElementsAre("head 204", "piece abc", "piece "));
}

TEST_F(ExchangeTest, TheTransportWaitsForTheGuestToRead) {
    limits.response_bytes = 10 << 20;
    const auto exchange = make();
    exchange->respond({});
    const std::string much(1 << 20, 'x');
    const std::size_t taken = exchange->give(bytes(much));
    EXPECT_EQ(taken, Exchange::kMostBuffered);
    EXPECT_EQ(exchange->give(bytes(much)), 0U);
    int rooms = 0;
    exchange->on_room([&] { ++rooms; });
    EXPECT_EQ(rooms, 0);
    exchange->read(answers.piece());
    EXPECT_EQ(rooms, 1);
    EXPECT_EQ(answers.given.back().size(), std::string("piece ").size() + Exchange::kLargestPiece);
    EXPECT_EQ(exchange->give(bytes(much)), Exchange::kLargestPiece);
}

TEST_F(ExchangeTest, AThreadCanWaitForRoom) {
    limits.response_bytes = 1 << 20;
    const auto exchange = make();
    exchange->respond({});
    const std::string much(1 << 20, 'x');
    std::jthread writer([&] {
        EXPECT_TRUE(exchange->give_all(bytes(much)));
        exchange->finish("");
    });
    std::size_t read = 0;
    for (;;) {
        std::optional<std::size_t> piece;
        std::mutex mutex;
        std::condition_variable there;
        exchange->read([&](std::expected<Bytes, Failure> result) {
            std::lock_guard lock(mutex);
            piece = result.value().size();
            there.notify_one();
        });
        std::unique_lock lock(mutex);
        there.wait(lock, [&] { return piece.has_value(); });
        if (*piece == 0) break;
        read += *piece;
    }
    EXPECT_EQ(read, much.size());
}

TEST_F(ExchangeTest, AResponseIsNotLargerThanAllowed) {
    limits.response_bytes = 1000;
    const auto exchange = make();
    exchange->respond({});
    EXPECT_EQ(exchange->give(bytes(std::string(1000, 'x'))), 1000U);
    exchange->read(answers.piece());
    exchange->read(answers.piece());
    exchange->give(bytes("y"));
    EXPECT_EQ(answers.given.back(),
              "failed: the response is larger than 1000 bytes, which is what this sandbox's policy allows");
    EXPECT_TRUE(exchange->cancelled());
    EXPECT_EQ(exchange->give(bytes("more")), 4U);  // taken, and dropped
    EXPECT_EQ(ends, 1);
}

TEST_F(ExchangeTest, AlsoTheEndOfAResponseCounts) {
    limits.response_bytes = 10;
    const auto exchange = make();
    exchange->respond({});
    exchange->finish("12345678901");
    exchange->read(answers.piece());
    EXPECT_THAT(answers.given.back(), HasSubstr("larger than 10 bytes"));
}

TEST_F(ExchangeTest, HeadsAreChecked) {
    const auto large = make();
    large->head(answers.head());
    large->respond({.status = 200, .headers = {{"a", std::string(1000, 'x')}}});
    EXPECT_THAT(answers.given.back(), HasSubstr("headers are larger than 1000 bytes"));
    for (const int status : {-1, 0, 100, 199, 600}) {
        const auto exchange = make();
        exchange->respond({.status = status});
        exchange->head(answers.head());
        EXPECT_EQ(answers.given.back(), "failed: the response has no valid status");
    }
    const auto odd = make();
    odd->respond({.status = 200, .headers = {{"a b", "x"}, {"c", "y\nz"}, {"d", "e"}}});
    odd->head([](std::expected<FetchResponse, Failure> head) {
        ASSERT_TRUE(head);
        ASSERT_EQ(head->headers.size(), 1U);
        EXPECT_EQ(head->headers[0].name, "d");
    });
    const auto none = make();
    none->head(answers.head());
    none->finish("");
    EXPECT_EQ(answers.given.back(), "failed: there was no response");
}

TEST_F(ExchangeTest, ABodyGoesInPieces) {
    const auto exchange = make(true);
    EXPECT_EQ(take(*exchange), "(waiting)");
    int ready = 0;
    exchange->on_data([&] { ++ready; });
    exchange->write(bytes("abc"), answers.room());
    EXPECT_EQ(ready, 1);
    EXPECT_THAT(answers.given, ::testing::ElementsAre("room"));
    EXPECT_EQ(take(*exchange, 2), "ab");
    EXPECT_EQ(take(*exchange), "c");
    exchange->on_data([&] { ++ready; });
    EXPECT_TRUE(exchange->end_body());
    EXPECT_EQ(ready, 2);
    EXPECT_EQ(take(*exchange), "(end)");
    exchange->write(bytes("d"), answers.room());
    EXPECT_THAT(answers.given.back(), HasSubstr("one at a time, until its end"));
}

TEST_F(ExchangeTest, TheGuestWaitsForTheTransportToTake) {
    const auto exchange = make(true);
    const std::string piece(Exchange::kLargestPiece, 'x');
    exchange->write(bytes(piece), answers.room());
    EXPECT_THAT(answers.given, ::testing::IsEmpty());
    exchange->write(bytes("y"), answers.room());
    EXPECT_THAT(answers.given.back(), HasSubstr("one at a time"));
    take(*exchange, 1);
    EXPECT_EQ(answers.given.back(), "room");
    exchange->write(bytes(piece + "y"), answers.room());
    EXPECT_THAT(answers.given.back(), HasSubstr("at most 64 KiB"));
}

TEST_F(ExchangeTest, ABodyIsNotLargerThanAllowed) {
    limits.request_bytes = 5;
    const auto exchange = make(true);
    exchange->write(bytes("12345"), answers.room());
    exchange->write(bytes("6"), answers.room());
    EXPECT_EQ(answers.given.back(),
              "failed: the request's body is larger than 5 bytes, which is what this sandbox's policy allows");
    EXPECT_EQ(take(*exchange), "(failed)");
    EXPECT_TRUE(exchange->cancelled());
}

TEST_F(ExchangeTest, CancelTellsEverybody) {
    const auto exchange = make(true);
    const std::string piece(Exchange::kLargestPiece, 'x');
    exchange->head(answers.head());
    exchange->read(answers.piece());
    exchange->write(bytes(piece), answers.room());
    int told = 0;
    exchange->on_data([&] { ++told; });
    EXPECT_EQ(told, 1);  // there is some
    exchange->on_room([&] { ++told; });
    EXPECT_EQ(told, 2);  // there is room
    std::stop_callback stopped(exchange->stop_token(), [&] { told += 10; });
    exchange->cancel({.message = "over", .code = {}});
    EXPECT_EQ(told, 12);
    EXPECT_THAT(answers.given, ::testing::UnorderedElementsAre("failed: over", "failed: over", "failed: over"));
    EXPECT_EQ(ends, 1);
    exchange->respond({});
    exchange->finish("");
    exchange->cancel({});
    EXPECT_EQ(ends, 1);
    EXPECT_FALSE(exchange->end_body());
}

TEST_F(ExchangeTest, AReplyThatIsDroppedHasFailed) {
    const auto exchange = make();
    exchange->head(answers.head());
    {
        FetchReply reply(exchange);
        const FetchReply moved = std::move(reply);
        EXPECT_THAT(answers.given, ::testing::IsEmpty());
    }
    EXPECT_THAT(answers.given, ::testing::ElementsAre("failed: the transport gave the request up"));
    const auto finished = make();
    {
        FetchReply reply(finished);
        reply.respond({});
        reply.finish();
    }
    finished->head(answers.head());
    EXPECT_EQ(answers.given.back(), "head 200");
    EXPECT_THROW(FetchReply(nullptr).finish(), std::logic_error);
}

TEST_F(ExchangeTest, AsksOnceAtATime) {
    const auto exchange = make();
    exchange->read(answers.piece());
    exchange->read(answers.piece());
    EXPECT_EQ(answers.given.back(), "failed: a response is being read already");
    exchange->respond({});
    exchange->head(answers.head());
    exchange->head(answers.head());
    EXPECT_EQ(answers.given.back(), "failed: the head of a response can be asked for once only");
}

TEST_F(ExchangeTest, HoldsNobodyWhenItHasEnded) {
    auto exchange = make();
    const std::weak_ptr<Exchange> weak = exchange;
    FetchReply reply(exchange);
    exchange->on_room([exchange] {});  // there is room, so it is called and let go
    exchange->give(bytes(std::string(Exchange::kMostBuffered, 'x')));
    exchange->on_room([exchange] {});
    exchange->cancel({});
    exchange.reset();
    {
        const FetchReply last = std::move(reply);
    }
    EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace curfew::fetch
