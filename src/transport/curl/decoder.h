// The codings of a response's body: gzip and deflate.
#ifndef CURFEW_TRANSPORT_CURL_DECODER_H
#define CURFEW_TRANSPORT_CURL_DECODER_H

#include <zlib.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace curfew::transport {

// Decodes as much as there is room for, so that a small body that would become a huge one takes no memory.
class Decoder {
  public:
    // Null for a coding that it does not know, as the value of Content-Encoding.
    static std::unique_ptr<Decoder> of(std::string_view coding);

    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    struct Step {
        std::size_t taken = 0;  // of the input
        std::size_t made = 0;
        bool failed = false;  // the input is not of this coding
    };
    // Both zero and not failed: it needs more input.
    Step decode(std::span<const std::byte> input, std::span<std::byte> output);

    // Whether the input may end here: all of it was decoded, or there was none.
    bool complete() const noexcept { return state_ != State::inside; }

  private:
    explicit Decoder(bool is_gzip) noexcept : is_gzip_(is_gzip) {}
    bool start(std::byte first);

    enum class State { fresh, inside, ended };
    bool is_gzip_;
    bool initialised_ = false;
    State state_ = State::fresh;
    z_stream stream_{};
};

}  // namespace curfew::transport

#endif
