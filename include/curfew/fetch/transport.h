// How requests reach the network: by a library, such as libcurl (<curfew/curl_transport.h>), or by a function of the program's own.
//
//   auto transport = curfew::fetch_transport([](curfew::FetchRequest request, curfew::FetchReply reply) {
//       reply.respond({.status = 200, .headers = {{"content-type", "text/plain"}}});
//       reply.finish("hello from " + request.url);
//   });
#ifndef CURFEW_FETCH_TRANSPORT_H
#define CURFEW_FETCH_TRANSPORT_H

#include <curfew/language.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/callback.h>
#include <curfew/export.h>
#include <curfew/fetch/addresses.h>
#include <curfew/fetch/policy.h>

namespace curfew {

namespace fetch {
class Exchange;
}

// The body of a request, as the guest sends it piece by piece. No more than 128 KiB of it wait to be taken. Thread-safe; copies
// are of the same body.
class CURFEW_EXPORT FetchBody {
  public:
    enum class State {
        more,     // some was taken; there may be more
        waiting,  // nothing is there yet
        end,      // that was all
        failed,   // the request was given up: by the guest, a limit, or the invocation's end
    };
    struct Piece {
        std::size_t size;
        State state;
    };

    // Takes what is there, up to the size of `into`; never waits.
    Piece read(std::span<std::byte> into);

    // Calls `ready` once, when read() would give something else than `waiting`: at once, or later from another thread. One
    // at a time; the last one counts. It must not block.
    void on_ready(Callback<void()> ready);

    // Returns when read() gives something else than `waiting`.
    void wait();

    explicit FetchBody(std::shared_ptr<fetch::Exchange> exchange);  // for the library

  private:
    std::shared_ptr<fetch::Exchange> exchange_;
};

// A request that the policy allows.
struct FetchRequest {
    std::string method;
    std::string url;     // http or https, normalised, without user information and fragment
    std::string origin;  // of the URL: "https://example.com", with the port if it is not the scheme's own

    // All that are to be sent, those of the host included, but for Host, Content-Length, Accept-Encoding and those of the
    // connection, which are the transport's own affair.
    std::vector<FetchHeader> headers;

    std::optional<FetchBody> body;           // none: a request without one
    std::optional<std::uint64_t> body_size;  // of the body, where the guest knows it

    // Every connection must be made to an address that these allow: to check a name before it is resolved by somebody else is no
    // check. A transport that makes none, such as one for tests, need not look.
    FetchAddresses addresses;

    // By when the transport must have finished, or failed.
    std::chrono::steady_clock::time_point deadline;

    // Of the body, received and decoded. What is more makes the fetch fail; a transport may look ahead.
    std::uint64_t max_response_bytes;
    std::uint64_t max_header_bytes;
};

struct FetchResponse {
    int status = 200;  // 200 to 599
    std::string status_text{};
    std::vector<FetchHeader> headers{};  // in their order, several of one name each for itself
};

// Where a transport gives its response: respond() once, write() as often as there is something, finish(); or fail() at any
// point. Moved, kept, and used from one thread at a time, whichever; on_room's callback may come from another. One that is
// dropped before it is finished has failed. After the request was given up (stop_token()) all of it does nothing.
class CURFEW_EXPORT FetchReply {
  public:
    FetchReply(FetchReply&&) noexcept;
    FetchReply& operator=(FetchReply&&) noexcept;
    ~FetchReply();

    // The head. A second one is ignored. Fails the fetch if the headers are larger than the policy allows, and if the status is
    // none that a response can have.
    void respond(FetchResponse response);

    // Passes on a piece of the body, decoded, as far as there is room for it: the guest's reading makes room. Gives how much
    // was taken; for the rest, wait for room.
    [[nodiscard]] std::size_t write(std::span<const std::byte> bytes);

    // Calls `ready` once, when there is room for at least 16 KiB or the request was given up: at once, or later from another thread. The
    // last one counts. It must not block.
    void on_room(Callback<void()> ready);

    // Writes all of it, and waits for room where there is none: not on the thread that calls FetchTransport::start(), which is the
    // invocation's own. False: the request was given up.
    bool write_all(std::span<const std::byte> bytes);

    // The body is complete; `rest` is the end of it, for which no room is needed.
    void finish(std::string_view rest = {});

    // Ends the fetch with an error. The guest sees the message, so it should not tell what is none of its business; and the
    // code, a word as ECONNREFUSED.
    void fail(std::string message, std::string code = {});

    // The guest no longer wants it, it became too large, or its invocation is over. Callbacks of the token run on the thread that
    // gives the request up, and must not block.
    [[nodiscard]] bool cancelled() const noexcept;
    [[nodiscard]] std::stop_token stop_token() const noexcept;

    explicit FetchReply(std::shared_ptr<fetch::Exchange> exchange) noexcept;  // for the library

  private:
    std::shared_ptr<fetch::Exchange> exchange_;
};

// Thread-safe; one may serve any number of sandboxes.
class CURFEW_EXPORT FetchTransport {
  public:
    virtual ~FetchTransport();

    // Begins a request, and returns: it must not wait for anything. Called on the thread of an invocation, or on one on which another
    // request has just ended. An exception fails the fetch; its text goes to the guest.
    virtual void start(FetchRequest request, FetchReply reply) = 0;
};

// A transport of a function.
[[nodiscard]] CURFEW_EXPORT std::shared_ptr<FetchTransport> fetch_transport(
    Callback<void(FetchRequest request, FetchReply reply)> function);

}  // namespace curfew

#endif
