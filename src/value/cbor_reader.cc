#include "value/cbor_reader.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/utf8.h"

namespace curfew::value {

namespace cbor = wire::cbor;

Read<CborHead> CborReader::head() {
    const std::size_t offset = at_;
    if (left() == 0) return fault(offset, "it ends where a value should begin");
    const auto first = static_cast<std::uint8_t>(input_[at_++]);
    CborHead head{static_cast<cbor::Major>(first >> 5U), static_cast<std::uint8_t>(first & 0x1fU), 0, offset};
    if (head.low < cbor::kOneByte) {
        head.number = head.low;
        return head;
    }
    if (head.low > cbor::kEightBytes) {
        const bool may_be_indefinite =
            head.major != cbor::kUnsigned && head.major != cbor::kNegative && head.major != cbor::kTag;
        if (head.low == cbor::kIndefinite && may_be_indefinite) return head;
        return fault(offset, "a byte that no value begins with");
    }
    const std::size_t size = std::size_t{1} << (head.low - cbor::kOneByte);
    if (left() < size) return fault(offset, "it ends in the middle of a value");
    for (std::size_t i = 0; i < size; ++i) head.number = head.number << 8U | static_cast<std::uint8_t>(input_[at_++]);
    return head;
}

Read<std::string_view> CborReader::piece(const CborHead& head) {
    if (head.number > left()) {
        return fault(head.offset, "a string of " + std::to_string(head.number) + " bytes, of which " +
                                      std::to_string(left()) + " are there");
    }
    const std::string_view found = input_.substr(at_, head.number);
    if (head.major == cbor::kText) {
        const std::size_t valid = base::valid_utf8_prefix(found);
        if (valid != found.size()) return fault(at_ + valid, "text that is not UTF-8");
    }
    at_ += head.number;
    return found;
}

Read<std::string_view> CborReader::string(const CborHead& head, std::string& joined) {
    if (!head.is_indefinite()) return piece(head);
    joined.clear();
    while (!take_break()) {
        auto next = this->head();
        if (!next) return std::unexpected(std::move(next.error()));
        if (next->major != head.major || next->is_indefinite()) {
            return fault(next->offset, "a string in pieces has a piece that is none");
        }
        auto part = piece(*next);
        if (!part) return part;
        joined += *part;
    }
    return joined;
}

Read<void> CborReader::check_count(const CborHead& head, std::size_t least) const {
    if (head.is_indefinite() || head.number <= left() / least) return {};
    return fault(head.offset, std::string(head.major == cbor::kMap ? "a map" : "an array") + " of " +
                                  std::to_string(head.number) + " items, for which there are only " +
                                  std::to_string(left()) + " bytes");
}

bool CborReader::take_break() noexcept {
    if (left() == 0 || static_cast<std::uint8_t>(input_[at_]) != cbor::kBreak) return false;
    ++at_;
    return true;
}

double float_of(const CborHead& head) noexcept {
    if (head.low == cbor::kEightBytes) return std::bit_cast<double>(head.number);
    if (head.low == cbor::kFourBytes) return std::bit_cast<float>(static_cast<std::uint32_t>(head.number));
    const auto bits = static_cast<unsigned>(head.number);
    const int exponent = static_cast<int>(bits >> 10U & 0x1fU);
    const int fraction = static_cast<int>(bits & 0x3ffU);
    double number = 0;
    if (exponent == 0x1f) {
        number = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else if (exponent == 0) {
        number = std::ldexp(fraction, -24);
    } else {
        number = std::ldexp(fraction + 1024, exponent - 25);
    }
    return (bits & 0x8000U) != 0 ? -number : number;
}

}  // namespace curfew::value
