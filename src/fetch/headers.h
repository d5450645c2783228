// Headers: what they may be, and which of them a guest may set.
#ifndef CURFEW_FETCH_HEADERS_H
#define CURFEW_FETCH_HEADERS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/fetch/policy.h>

namespace curfew::fetch {

// A name of RFC 9110: letters, digits and some signs, at least one.
bool is_token(std::string_view text) noexcept;

// No line breaks and no NUL.
bool is_header_value(std::string_view text) noexcept;

enum class RequestHeader {
    free,       // the guest says what it is
    transport,  // the transport says; the guest's is dropped
    forbidden,  // of the connection, or of what lies between: nobody's but the transport's
};
RequestHeader kind_of(std::string_view name) noexcept;

// Bytes that they have together.
std::uint64_t size_of(const std::vector<FetchHeader>& headers) noexcept;

// Between the text of JavaScript, in which a header has no character above U+00FF, and its bytes. Nothing for other text.
std::optional<std::string> latin1_of_utf8(std::string_view text);
std::string utf8_of_latin1(std::string_view bytes);

}  // namespace curfew::fetch

#endif
