// What strings of bytes stand for in CBOR, besides themselves: big integers, and typed arrays (RFC 8746).
#ifndef CURFEW_VALUE_CBOR_BYTES_H
#define CURFEW_VALUE_CBOR_BYTES_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <curfew/value.h>

namespace curfew::value {

std::vector<std::byte> bytes_of(std::string_view text);

// `negative`: the digits are of -1 - n.
Value bigint_of(std::string_view digits, bool negative);

// By the tag of the array. Nothing if the bytes are no whole number of its items.
// REQUIRES: is_known_tag(tag), one of wire::cbor::kTypedArrays to kTypedArraysEnd.
std::optional<Value> typed_array_of(std::uint64_t tag, std::string_view bytes);

}  // namespace curfew::value

#endif
