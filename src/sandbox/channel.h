// Passes messages of any length between host and guest, by the protocol of wire/mailbox.h. Everything that the guest
// says is copied once and checked here.
#ifndef CURFEW_SANDBOX_CHANNEL_H
#define CURFEW_SANDBOX_CHANNEL_H

#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/monitor/usage_meter.h>

#include "base/forks.h"
#include "cell/cell.h"
#include "sandbox/guest_services.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

struct Request {
    wire::MessageKind kind;
    std::uint32_t flags = 0;
    std::uint32_t value = 0;
    std::string_view name = {};
    std::string_view payload = {};
};

struct Answer {
    wire::MessageKind kind;
    std::uint32_t flags = 0;
    std::string name = {};
    std::string payload = {};
};

// How an exchange, or a step of one, ended.
enum class ExchangeEnd {
    completed,    // a step: it can go on; the exchange: there is an answer
    refused,      // the guest has no room for the request's body; it waits for the next request
    interrupted,  // the invocation has been ended: the cell was interrupted, or is about to be
    died,         // the cell is dead; Cell::death() says why
    protocol,     // the guest said what it must not say; complaint() says what
    forked,       // this process was forked meanwhile: the cell is its parent's
    output,       // the guest printed more than GuestServices lets it
};

// For one exchange at a time, on the thread that uses the cell.
class Channel {
  public:
    // `meter` counts what passes, and is told of the guest's heap. `number` is the request's: another than that of any
    // request that the guest could still be working on.
    Channel(cell::Cell& cell, GuestServices& services, UsageMeter& meter, std::uint32_t number) noexcept
        : cell_(cell), services_(services), meter_(meter), number_(number) {}

    // Sends a request, serves the guest, and returns its answer in `answer`. On anything but `completed` the answer is empty.
    // After `protocol` and `output` the guest is in the middle of something, and must be reset.
    ExchangeEnd exchange(const Request& request, Answer& answer);

    const std::string& complaint() const noexcept { return complaint_; }

  private:
    ExchangeEnd send(const Request& request);
    ExchangeEnd receive(Answer& answer);
    ExchangeEnd serve(HostReply& reply);
    ExchangeEnd resume();
    void note_heap(bool stopped) noexcept;
    void count(wire::MessageKind kind, std::uint64_t bytes) noexcept;
    ExchangeEnd take_chunk(std::string& body, std::uint64_t length);
    ExchangeEnd complain(const char* what);
    wire::Message empty_message(wire::MessageKind kind) const noexcept;

    cell::Cell& cell_;
    GuestServices& services_;
    UsageMeter& meter_;
    const std::uint32_t number_;
    const std::uint64_t forks_ = base::forks();
    wire::Message heard_{};  // the guest's last message, copied
    std::string complaint_;
};

}  // namespace curfew::sandbox

#endif
