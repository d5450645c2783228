// Reads CBOR item by item. Nothing is taken on trust: every length is compared with the bytes that are left before it is used.
#ifndef CURFEW_VALUE_CBOR_READER_H
#define CURFEW_VALUE_CBOR_READER_H

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "wire/cbor.h"

namespace curfew::value {

// Steps of nesting: a container's items lie four below it, what a tag stands before one, so that a level of three tags and a
// container counts as one level.
inline constexpr std::size_t kContainerStep = 4;
constexpr std::size_t deepest_step(std::size_t levels) noexcept { return levels * kContainerStep + kContainerStep - 1; }

struct CborFault {
    std::size_t offset;
    std::string what;
};

template <typename T>
using Read = std::expected<T, CborFault>;

// How an item begins.
struct CborHead {
    wire::cbor::Major major;
    std::uint8_t low;      // the lower five bits of the first byte
    std::uint64_t number;  // a length, a count, a tag, an integer, or a float's bits
    std::size_t offset;

    bool is_indefinite() const noexcept { return low == wire::cbor::kIndefinite && major >= wire::cbor::kBytes; }
    bool is_break() const noexcept { return major == wire::cbor::kSimple && low == wire::cbor::kIndefinite; }
};

class CborReader {
  public:
    explicit CborReader(std::string_view input) noexcept : input_(input) {}

    std::size_t offset() const noexcept { return at_; }
    std::size_t left() const noexcept { return input_.size() - at_; }

    Read<CborHead> head();

    // The bytes of a string of which the head was read. Those of one in pieces are put together in `joined`. Text is UTF-8.
    Read<std::string_view> string(const CborHead& head, std::string& joined);

    // Whether there can be as many items as the head says, each of which takes `least` bytes.
    Read<void> check_count(const CborHead& head, std::size_t least) const;

    // Takes the end of a string, array or map of indefinite length, if it comes next.
    bool take_break() noexcept;

    static std::unexpected<CborFault> fault(std::size_t offset, std::string what) {
        return std::unexpected(CborFault{offset, std::move(what)});
    }

  private:
    Read<std::string_view> piece(const CborHead& head);

    std::string_view input_;
    std::size_t at_ = 0;
};

// The number that a head of a float of 2, 4 or 8 bytes stands for.
double float_of(const CborHead& head) noexcept;

// Whether a value of JavaScript stands behind it.
bool is_known_tag(std::uint64_t tag) noexcept;

// Checks that this is one item that a guest can make a value of: the same that Value::from_cbor() takes, but for what its
// texts say (dates, regular expressions) and without its bound on how many values shared parts come to.
Read<void> check_cbor(std::string_view input, std::size_t levels);

}  // namespace curfew::value

#endif
