// One request and its response, between a guest and a transport.
//
//   guest   write, end_body --> [request's body, 128 KiB] --> FetchBody   transport
//           head, read      <-- [head][response's body, 128 KiB] <-- FetchReply
//
// All functions are thread-safe. Callbacks are called without a lock, each once, on the thread that brings what they wait for. An exchange
// ends once: when the transport has finished it, when either side has failed or given it up. What the transport has given
// before it finished can be read after that.
#ifndef CURFEW_FETCH_EXCHANGE_H
#define CURFEW_FETCH_EXCHANGE_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <curfew/fetch/transport.h>

#include "base/mutex.h"
#include "fetch/rules.h"

namespace curfew::fetch {

using Bytes = std::vector<std::byte>;

class Exchange : public std::enable_shared_from_this<Exchange> {
  public:
    static constexpr std::size_t kLargestPiece = 64 << 10;   // that the guest writes and reads
    static constexpr std::size_t kMostBuffered = 128 << 10;  // of either body
    static constexpr std::size_t kRoom = 16 << 10;           // with less, a transport is not told of room

    template <typename T>
    using Answer = std::move_only_function<void(std::expected<T, Failure>&&)>;

    struct Limits {
        std::uint64_t request_bytes;
        std::uint64_t response_bytes;
        std::uint64_t header_bytes;
    };

    // `ended` is called once, when the transport has nothing more to do with it.
    Exchange(Limits limits, bool has_body, std::move_only_function<void(const Exchange*)> ended);

    // --- The guest's side. One head, one read and one write may wait at a time; another of its kind fails.
    void head(Answer<FetchResponse> answer);
    void read(Answer<Bytes> answer);                                    // no bytes: the end
    void write(std::span<const std::byte> bytes, Answer<void> answer);  // answered when another piece has room
    std::expected<void, Failure> end_body();

    // Gives it up: nobody reads any more. Waiting answers get the failure.
    void cancel(Failure failure);

    // --- The transport's side: see FetchBody and FetchReply.
    FetchBody::Piece take(std::span<std::byte> into);
    void on_data(Callback<void()> ready);
    void wait_for_data();

    void respond(FetchResponse response);
    std::size_t give(std::span<const std::byte> bytes);
    bool give_all(std::span<const std::byte> bytes);
    void on_room(Callback<void()> ready);
    void finish(std::string_view rest);
    void fail(Failure failure);
    bool cancelled() const { return stop_.stop_requested(); }
    std::stop_token stop_token() const { return stop_.get_token(); }

  private:
    enum class State {
        open,
        finished,  // the transport has given all
        failed,    // failure_ says why
    };

    // A queue of bytes.
    class Buffer {
      public:
        std::size_t size() const noexcept { return bytes_.size() - first_; }
        void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
        std::size_t take(std::span<std::byte> into);
        Bytes take(std::size_t most);
        void clear() { *this = {}; }

      private:
        Bytes bytes_;
        std::size_t first_ = 0;
    };

    // What is to be called when the lock is gone.
    using Calls = std::vector<std::move_only_function<void()>>;
    static void run(Calls calls);

    bool data_is_ready() const REQUIRES(mutex_);
    bool has_room() const REQUIRES(mutex_);
    std::optional<std::expected<Bytes, Failure>> next_piece() REQUIRES(mutex_);
    bool count_response(std::size_t bytes, Calls& calls) REQUIRES(mutex_);
    void serve_reader(Calls& calls) REQUIRES(mutex_);
    void serve_transport(Calls& calls) REQUIRES(mutex_);
    // Both do nothing if it has ended before.
    void end(State state, Failure failure, Calls& calls) REQUIRES(mutex_);
    std::size_t give_some(std::span<const std::byte> bytes, Calls& calls) REQUIRES(mutex_);

    const Limits limits_;
    std::stop_source stop_;

    base::Mutex mutex_;
    base::Condition changed_;
    State state_ GUARDED_BY(mutex_) = State::open;
    Failure failure_ GUARDED_BY(mutex_);
    std::move_only_function<void(const Exchange*)> ended_ GUARDED_BY(mutex_);

    bool body_is_complete_ GUARDED_BY(mutex_);
    Buffer request_ GUARDED_BY(mutex_);
    std::uint64_t request_bytes_ GUARDED_BY(mutex_) = 0;
    Answer<void> writer_ GUARDED_BY(mutex_);
    Callback<void()> on_data_ GUARDED_BY(mutex_);

    bool has_responded_ GUARDED_BY(mutex_) = false;
    std::optional<FetchResponse> response_ GUARDED_BY(mutex_);
    Answer<FetchResponse> header_reader_ GUARDED_BY(mutex_);
    Buffer body_ GUARDED_BY(mutex_);
    std::uint64_t response_bytes_ GUARDED_BY(mutex_) = 0;
    Answer<Bytes> reader_ GUARDED_BY(mutex_);
    Callback<void()> on_room_ GUARDED_BY(mutex_);
};

}  // namespace curfew::fetch

#endif
