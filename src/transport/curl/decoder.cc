#include "transport/curl/decoder.h"

#include <algorithm>

#include "base/ascii.h"

namespace curfew::transport {

namespace {

uInt bounded(std::size_t size) { return static_cast<uInt>(std::min<std::size_t>(size, 1 << 20)); }

}  // namespace

std::unique_ptr<Decoder> Decoder::of(std::string_view coding) {
    const bool is_gzip = base::equal_ignoring_case(coding, "gzip") || base::equal_ignoring_case(coding, "x-gzip");
    if (is_gzip) return std::unique_ptr<Decoder>(new Decoder(true));
    if (base::equal_ignoring_case(coding, "deflate")) return std::unique_ptr<Decoder>(new Decoder(false));
    return nullptr;
}

Decoder::~Decoder() {
    if (initialised_) inflateEnd(&stream_);
}

// "deflate" means zlib's format, but some servers leave its header out.
bool Decoder::start(std::byte first) {
    constexpr int kGzip = 16;
    const bool has_header = (first & std::byte{0x0f}) == std::byte{8};
    const int window = is_gzip_ ? MAX_WBITS + kGzip : (has_header ? MAX_WBITS : -MAX_WBITS);
    const int result = initialised_ ? inflateReset2(&stream_, window) : inflateInit2(&stream_, window);
    initialised_ = initialised_ || result == Z_OK;
    state_ = State::inside;
    return result == Z_OK;
}

Decoder::Step Decoder::decode(std::span<const std::byte> input, std::span<std::byte> output) {
    if (state_ != State::inside) {
        if (input.empty()) return {};
        // What follows a gzip file is another one, or filling that nobody wants.
        constexpr std::byte kGzipStart{0x1f};
        if (state_ == State::ended && (!is_gzip_ || input.front() != kGzipStart)) return {.taken = input.size()};
        if (!start(input.front())) return {.failed = true};
    }
    // zlib takes no pointer to constants, and changes nothing there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    stream_.avail_in = bounded(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = bounded(output.size());
    const uInt in_before = stream_.avail_in;
    const uInt out_before = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    const Step step{.taken = in_before - stream_.avail_in, .made = out_before - stream_.avail_out};
    if (result == Z_STREAM_END) {
        state_ = State::ended;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return {.failed = true};
    }
    return step;
}

}  // namespace curfew::transport
