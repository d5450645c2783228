// What a guest may send, by its kind, and who is charged for taking it: against a cell in which no program runs, but a list
// of messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <curfew/file_system.h>
#include <curfew/host_module.h>

#include "sandbox/channel.h"

namespace curfew::sandbox {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using wire::MessageKind;

constexpr std::uint64_t kHeap = 16 << 20;
constexpr std::uint64_t kArgumentLimit = 1 << 20;
constexpr auto kBurnt = 4ms;

void burn(std::chrono::nanoseconds time) {
    const auto now = [] {
        timespec spec{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spec);
        return std::chrono::seconds(spec.tv_sec) + std::chrono::nanoseconds(spec.tv_nsec);
    };
    const auto end = now() + time;
    while (now() < end) {
    }
}

wire::Message message(MessageKind kind, std::uint64_t length = 0, std::uint64_t name_length = 0) {
    return {.kind = static_cast<std::uint16_t>(kind),
            .flags = 0,
            .request = 0,
            .value = 0,
            .chunk = static_cast<std::uint32_t>(std::min<std::uint64_t>(length, wire::kWindowSize)),
            .name_length = name_length,
            .length = length};
}

// Says one message of the list after the other, and notes what it was answered.
class ListedCell final : public cell::Cell {
  public:
    explicit ListedCell(std::vector<wire::Message> messages) : messages_(std::move(messages)) {
        auto image = std::make_shared<cell::MemoryImage>();
        image->sizes = {.heap = kHeap, .stack = 1 << 20};
        image_ = std::move(image);
    }

    std::vector<MessageKind> heard;
    std::function<void()> in_resume = [] {};

    wire::Mailbox& mailbox() noexcept override { return *mailbox_; }
    std::span<std::byte> window(std::uint64_t bytes) noexcept override { return std::span(window_).first(bytes); }
    cell::Stop resume() override {
        in_resume();
        heard.push_back(static_cast<MessageKind>(mailbox_->message.kind));
        if (next_ == messages_.size()) return cell::Stop::died;
        const std::uint32_t request = mailbox_->message.request;
        mailbox_->message = messages_[next_++];
        mailbox_->message.request = request;
        return cell::Stop::called_out;
    }
    void rest(std::chrono::nanoseconds) noexcept override {}
    bool wake() override { return true; }
    void interrupt() noexcept override {}
    bool interrupted() const noexcept override { return false; }
    Result<void> reset() override { return {}; }
    Result<std::shared_ptr<const cell::MemoryImage>> snapshot() override { return image_; }
    void teach_hot_pages() override {}
    const std::shared_ptr<const cell::MemoryImage>& image() const noexcept override { return image_; }
    std::optional<std::chrono::nanoseconds> cpu_time() const noexcept override { return 0ns; }
    std::optional<std::chrono::nanoseconds> exact_cpu_time() const noexcept override { return 0ns; }
    std::uint64_t pages_written() const noexcept override { return 0; }
    bool lost_before_entry() const noexcept override { return false; }
    const cell::Death& death() const noexcept override { return death_; }

    void put_into_window(std::string_view text) { std::memcpy(window_.data(), text.data(), text.size()); }

  private:
    std::vector<wire::Message> messages_;
    std::size_t next_ = 0;
    std::unique_ptr<wire::Mailbox> mailbox_ = std::make_unique<wire::Mailbox>();
    std::vector<std::byte> window_ = std::vector<std::byte>(wire::kWindowSize);
    std::shared_ptr<const cell::MemoryImage> image_;
    cell::Death death_{};
};

// Burns CPU time in everything that it is asked for, but in waiting.
class BurningServices final : public GuestServices {
  public:
    int asked = 0;
    std::uint64_t refused_bytes = 0;
    std::string refused;

    bool cancelled() const noexcept override { return false; }
    bool may_print() const noexcept override { return true; }
    void print(wire::PrintLevel, std::string) override { work(); }
    HostReply call_host_function(GuestCall) override { return work(); }
    std::uint64_t host_argument_limit() const noexcept override { return kArgumentLimit; }
    HostReply refuse_host_call(std::string_view module, std::string_view function, std::uint64_t bytes) override {
        refused = std::string(module) + "." + std::string(function);
        refused_bytes = bytes;
        return HostReply::error("too much");
    }
    HostReply resolve_module(std::string_view, std::string_view, std::uint32_t) override { return work(); }
    HostReply read_module(std::string_view, std::uint32_t) override { return work(); }
    bool can_reply() const noexcept override { return false; }
    std::optional<HostReply> wait(std::optional<std::chrono::microseconds>, bool) override {
        ++asked;
        return HostReply{};
    }

  private:
    HostReply work() {
        ++asked;
        burn(kBurnt);
        return {};
    }
};

struct Exchange {
    explicit Exchange(std::vector<wire::Message> messages, bool spins = false)
        : cell(std::move(messages)), channel(std::make_unique<Channel>(cell, services, meter, 1U, spins)) {}

    ExchangeEnd run() {
        const ExchangeEnd end = channel->exchange({.kind = MessageKind::call}, answer);
        complaint = channel->complaint();
        channel.reset();
        return end;
    }

    ListedCell cell;
    BurningServices services;
    UsageMeter meter;
    std::unique_ptr<Channel> channel;
    Answer answer{};
    std::string complaint;
};

TEST(MessageBounds, TakesNothingOfAMessageThatIsLongerThanItsKindCanBe) {
    constexpr std::uint64_t kLongestName = 2 * HostModule::kMaxNameLength + 1;
    for (const auto& [sent, complaint] :
         {std::pair{message(MessageKind::wait, 1), "a wait has a body"},
          std::pair{message(MessageKind::wait, kHeap), "a wait has a body"},
          std::pair{message(MessageKind::read_module, FileSystem::kLongestPath + 1), "a module's name is too long"},
          std::pair{message(MessageKind::read_module, kHeap, kHeap), "a module's name is too long"},
          std::pair{message(MessageKind::host_call, kHeap, kLongestName + 1), "a function's name is too long"},
          std::pair{message(MessageKind::resolve, 1, 2), "a name is longer than its message"},
          std::pair{message(static_cast<MessageKind>(99), kHeap), "unknown kind"}}) {
        Exchange exchange({sent});
        EXPECT_EQ(exchange.run(), ExchangeEnd::protocol) << complaint;
        EXPECT_THAT(exchange.complaint, HasSubstr(complaint));
        EXPECT_EQ(exchange.services.asked, 0) << complaint;
        EXPECT_EQ(exchange.cell.heard.size(), 1U) << "it was asked for more: " << complaint;
    }
}

TEST(MessageBounds, RefusesAnImportThatIsLongerThanTheWindowAndGoesOn) {
    Exchange exchange({message(MessageKind::resolve, wire::kWindowSize + 1, 10), message(MessageKind::done)});
    EXPECT_EQ(exchange.run(), ExchangeEnd::completed);
    EXPECT_THAT(exchange.cell.heard, ::testing::ElementsAre(MessageKind::call, MessageKind::refused));
    EXPECT_EQ(exchange.services.asked, 0);
}

TEST(MessageBounds, RefusesMoreArgumentsThanTheLimitBeforeItReceivesThem) {
    const std::string name("m\0f", 3);
    Exchange exchange(
        {message(MessageKind::host_call, kArgumentLimit + 1 + name.size(), name.size()), message(MessageKind::done)});
    exchange.cell.put_into_window(name);
    EXPECT_EQ(exchange.run(), ExchangeEnd::completed);
    EXPECT_THAT(exchange.cell.heard, ::testing::ElementsAre(MessageKind::call, MessageKind::host_error));
    EXPECT_EQ(exchange.services.refused, "m.f");
    EXPECT_EQ(exchange.services.refused_bytes, kArgumentLimit + 1);
    EXPECT_EQ(exchange.services.asked, 0);

    // One whose name is not there is none.
    wire::Message torn = message(MessageKind::host_call, kArgumentLimit + 100, 3);
    torn.chunk = 2;
    Exchange broken({torn});
    EXPECT_EQ(broken.run(), ExchangeEnd::protocol);
}

TEST(MessageBounds, ChargesWhatTheThreadDoesForTheGuest) {
    const std::string name("m\0f", 3);
    for (const wire::Message& sent : {message(MessageKind::print, 5), message(MessageKind::host_call, 5, 3),
                                      message(MessageKind::resolve, 5, 3), message(MessageKind::read_module, 5, 5)}) {
        for (const bool spins : {false, true}) {
            Exchange exchange({sent, message(MessageKind::done)}, spins);
            exchange.cell.put_into_window(name);
            EXPECT_EQ(exchange.run(), ExchangeEnd::completed);
            EXPECT_EQ(exchange.services.asked, 1);
            EXPECT_GE(*exchange.meter.host_cpu_time(), kBurnt) << sent.kind;
        }
    }
}

// What taking messages costs is the guest's as well, but not what the thread burns while it waits for the guest.
TEST(MessageBounds, ChargesTheTakingOfMessagesButNoWaitingBySpinning) {
    for (const MessageKind kind : {MessageKind::wait, MessageKind::heap_report, MessageKind::print}) {
        for (const bool spins : {false, true}) {
            Exchange exchange({message(kind), message(kind), message(MessageKind::done)}, spins);
            int resumed = 0;
            exchange.cell.in_resume = [&] {
                if (++resumed == 2) burn(kBurnt);  // the first message was taken
            };
            EXPECT_EQ(exchange.run(), ExchangeEnd::completed);
            const auto in_services = kind == MessageKind::print ? 2 * kBurnt : 0ms;
            if (spins) {
                EXPECT_LT(*exchange.meter.host_cpu_time(), in_services + kBurnt);
            } else {
                EXPECT_GE(*exchange.meter.host_cpu_time(), in_services + kBurnt);
            }
        }
    }
}

TEST(MessageBounds, ChargesALongAnswerAndNotAShortOne) {
    Exchange brief({message(MessageKind::done, wire::kWindowSize)});
    EXPECT_EQ(brief.run(), ExchangeEnd::completed);
    EXPECT_EQ(*brief.meter.host_cpu_time(), 0ns);

    wire::Message first = message(MessageKind::done, wire::kWindowSize + 1);
    wire::Message second = first;
    second.chunk = 1;
    Exchange lengthy({first, second});
    EXPECT_EQ(lengthy.run(), ExchangeEnd::completed);
    EXPECT_GT(*lengthy.meter.host_cpu_time(), 0ns);
    EXPECT_EQ(lengthy.answer.payload.size(), wire::kWindowSize + 1);
}

}  // namespace
}  // namespace curfew::sandbox
