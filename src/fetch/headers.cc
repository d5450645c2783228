#include "fetch/headers.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace curfew::fetch {

namespace {

constexpr std::array kForbidden =
    std::to_array<std::string_view>({"connection", "expect", "host", "http2-settings", "keep-alive", "te", "trailer",
                                     "transfer-encoding", "upgrade", "via"});
constexpr std::array kTransport = std::to_array<std::string_view>({"accept-encoding", "content-length"});

bool is_in(std::string_view name, const auto& names) noexcept {
    return std::ranges::any_of(names, [&](std::string_view other) { return base::equal_ignoring_case(name, other); });
}

}  // namespace

bool is_token(std::string_view text) noexcept {
    constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || kSigns.contains(c);
    });
}

bool is_header_value(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

RequestHeader kind_of(std::string_view name) noexcept {
    constexpr std::string_view kProxy = "proxy-";
    if (is_in(name, kTransport)) return RequestHeader::transport;
    if (is_in(name, kForbidden) || base::equal_ignoring_case(name.substr(0, kProxy.size()), kProxy))
        return RequestHeader::forbidden;
    return RequestHeader::free;
}

std::uint64_t size_of(const std::vector<FetchHeader>& headers) noexcept {
    std::uint64_t size = 0;
    for (const FetchHeader& header : headers) size += header.name.size() + header.value.size();
    return size;
}

std::optional<std::string> latin1_of_utf8(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            bytes.push_back(text[i]);
            continue;
        }
        // U+0080 to U+00FF are C2 80 to C3 BF.
        if ((byte != 0xc2 && byte != 0xc3) || i + 1 == text.size()) return std::nullopt;
        const auto next = static_cast<unsigned char>(text[++i]);
        if ((next & 0xc0) != 0x80) return std::nullopt;
        bytes.push_back(static_cast<char>((byte & 0x03) << 6 | (next & 0x3f)));
    }
    return bytes;
}

std::string utf8_of_latin1(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text.push_back(c);
        } else {
            text.push_back(static_cast<char>(0xc0 | byte >> 6));
            text.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
        }
    }
    return text;
}

}  // namespace curfew::fetch
