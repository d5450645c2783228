// Passes messages of any length between host and guest, by the protocol of wire/mailbox.h. Everything that the guest
// says is copied once and checked here.
//
// The guest's questions are bounded by their kind: `wait` and heap_report have no body, refused_calls is a few numbers; read_module and the name of a
// host_call are as long as names can be, and a longer one breaks the protocol. A `resolve` that is longer than the window
// is refused, a host_call with more arguments than the user allows is answered by host_error, both before they are
// received. All else is bounded by the guest's heap, and `print` by the output limit.
//
// What the calling thread does for the guest meanwhile is charged to the invocation, as the meter's host work.
#ifndef CURFEW_SANDBOX_CHANNEL_H
#define CURFEW_SANDBOX_CHANNEL_H

#include <cstdint>
#include <optional>
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
    waits,        // the guest waits, and its host has put that off: another exchange begins with what ends the wait
};

// For one exchange at a time, on the thread that uses the cell.
class Channel {
  public:
    // `meter` counts what passes, and is told of the guest's heap. `number` is the request's: another than that of any
    // request that the guest could still be working on. `spins`: the cell's resume() burns CPU time of the caller's while
    // it waits.
    Channel(cell::Cell& cell, GuestServices& services, UsageMeter& meter, std::uint32_t number,
            bool spins = false) noexcept
        : cell_(cell), services_(services), meter_(meter), number_(number), spins_(spins) {}

    // Sends a request, serves the guest, and returns its answer in `answer`. On anything but `completed` the answer is empty.
    // After `protocol` and `output` the guest is in the middle of something, and must be reset. Not a new request: what ends
    // the guest's wait.
    ExchangeEnd exchange(const Request& request, Answer& answer, bool new_request = true);

    const std::string& complaint() const noexcept { return complaint_; }

  private:
    ExchangeEnd send(const Request& request);
    ExchangeEnd receive(Answer& answer);
    ExchangeEnd serve(HostReply& reply);
    ExchangeEnd resume();
    void note_heap(bool stopped) noexcept;
    void count(wire::MessageKind kind, std::uint64_t bytes) noexcept;
    ExchangeEnd take_chunk(std::string& body, std::uint64_t length);
    ExchangeEnd refuse_host_call(HostReply& reply);
    ExchangeEnd complain(const char* what);
    wire::Message empty_message(wire::MessageKind kind) const noexcept;
    void charge() noexcept;

    cell::Cell& cell_;
    GuestServices& services_;
    UsageMeter& meter_;
    const std::uint32_t number_;
    const bool spins_;
    const std::uint64_t forks_ = base::forks();
    std::optional<HostWorkScope> host_work_;  // from the first message on that is no answer of one chunk
    wire::Message heard_{};                   // the guest's last message, copied
    std::string complaint_;
};

}  // namespace curfew::sandbox

#endif
