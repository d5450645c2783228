#include "value/cbor_bytes.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "wire/cbor.h"

namespace curfew::value {

namespace {

namespace cbor = wire::cbor;

// A typed array of RFC 8746, by its tag less 64.
struct ArrayTag {
    Value::View view;
    std::uint8_t size;  // of an item; 0: there is no such array in JavaScript
    bool big_endian;
};
using enum Value::View;
constexpr ArrayTag kArrays[] = {
    {uint8, 1, false},         {uint16, 2, true},   {uint32, 4, true},   {biguint64, 8, true},  // 64
    {uint8_clamped, 1, false}, {uint16, 2, false},  {uint32, 4, false},  {biguint64, 8, false},
    {int8, 1, false},          {int16, 2, true},    {int32, 4, true},    {bigint64, 8, true},  // 72
    {uint8, 0, false},         {int16, 2, false},   {int32, 4, false},   {bigint64, 8, false},
    {float16, 2, true},        {float32, 4, true},  {float64, 8, true},  {uint8, 0, false},  // 80
    {float16, 2, false},       {float32, 4, false}, {float64, 8, false}, {uint8, 0, false},
};
static_assert(std::size(kArrays) == cbor::kTypedArraysEnd - cbor::kTypedArrays);

}  // namespace

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto all = std::as_bytes(std::span(text));
    return {all.begin(), all.end()};
}

Value bigint_of(std::string_view digits, bool negative) {
    while (digits.starts_with('\0')) digits.remove_prefix(1);
    Value::BigInt big{.negative = negative, .magnitude = bytes_of(digits)};
    if (!negative) return big;
    std::size_t i = big.magnitude.size();
    while (i > 0 && big.magnitude[i - 1] == std::byte{0xff}) big.magnitude[--i] = std::byte{};
    if (i > 0) {
        big.magnitude[i - 1] = static_cast<std::byte>(std::to_integer<unsigned>(big.magnitude[i - 1]) + 1);
    } else {
        big.magnitude.insert(big.magnitude.begin(), std::byte{1});
    }
    return big;
}

std::optional<Value> typed_array_of(std::uint64_t tag, std::string_view from) {
    const ArrayTag& form = kArrays[tag - cbor::kTypedArrays];
    if (from.size() % form.size != 0) return std::nullopt;
    Value::Bytes bytes{.data = bytes_of(from), .view = form.view};
    if (form.big_endian) {
        for (std::size_t i = 0; i < bytes.data.size(); i += form.size) {
            std::reverse(bytes.data.begin() + static_cast<std::ptrdiff_t>(i),
                         bytes.data.begin() + static_cast<std::ptrdiff_t>(i + form.size));
        }
    }
    return bytes;
}

}  // namespace curfew::value
