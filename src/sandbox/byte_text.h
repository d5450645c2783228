// Numbers and texts as bytes, for files: numbers of fixed sizes, least significant byte first; texts with their length
// before them.
#ifndef CURFEW_SANDBOX_BYTE_TEXT_H
#define CURFEW_SANDBOX_BYTE_TEXT_H

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace curfew::sandbox {

static_assert(std::endian::native == std::endian::little);

class ByteWriter {
  public:
    void number(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
    void text(std::string_view text) {
        number(text.size());
        bytes_.append(text);
    }

    const std::string& bytes() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

// Of bytes that may be anything. Reading past their end gives zeros and empty texts, and makes the reader failed.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) noexcept : rest_(bytes) {}

    std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        const std::string_view bytes = take(sizeof value);
        if (!failed_) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }

    std::string_view text() noexcept { return take(number()); }

    // How many things follow, each of `least` bytes or more; so a list of as many can be made without much memory.
    std::uint64_t count(std::uint64_t least) noexcept {
        const std::uint64_t value = number();
        if (value > rest_.size() / least) failed_ = true;
        return failed_ ? 0 : value;
    }

    bool failed() const noexcept { return failed_; }
    bool at_end() const noexcept { return !failed_ && rest_.empty(); }

  private:
    std::string_view take(std::uint64_t length) noexcept {
        if (length > rest_.size()) failed_ = true;
        if (failed_) return {};
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }

    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace curfew::sandbox

#endif
