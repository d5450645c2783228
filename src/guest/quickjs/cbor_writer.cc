#include "guest/quickjs/cbor_writer.h"

#include "guest/platform/memory.h"

namespace curfew::guest {

namespace cbor = wire::cbor;

namespace {

bool is_high(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

CborWriter::~CborWriter() {
    if (data_ != small_) heap.release(data_);
}

bool CborWriter::grow(size_t more) {
    if (failed_) return false;
    // Twice as much, so that what is long is not copied for each item; or just enough, when the heap has no more.
    const size_t wanted[] = {(size_ + more) * 2, size_ + more};
    for (const size_t capacity : wanted) {
        auto* grown = static_cast<char*>(data_ == small_ ? heap.allocate(capacity) : heap.resize(data_, capacity));
        if (!grown) continue;
        if (data_ == small_) memcpy(grown, small_, size_);
        data_ = grown;
        capacity_ = capacity;
        return true;
    }
    failed_ = true;
    capacity_ = size_;
    return false;
}

void CborWriter::long_head(cbor::Major major, uint64_t number) {
    const int log2 = number <= 0xff ? 0 : number <= 0xffff ? 1 : number <= 0xffffffff ? 2 : 3;
    data_[size_++] = static_cast<char>(major << 5 | (cbor::kOneByte + log2));
    for (int shift = 8 * (1 << log2) - 8; shift >= 0; shift -= 8) data_[size_++] = static_cast<char>(number >> shift);
}

void CborWriter::narrow(const uint8_t* characters, size_t size) {
    size_t beyond_ascii = 0;
    for (size_t i = 0; i < size; ++i) beyond_ascii += characters[i] >> 7;
    if (beyond_ascii == 0) return text({reinterpret_cast<const char*>(characters), size});
    head(cbor::kText, size + beyond_ascii);
    if (!make_room(size + beyond_ascii)) return;
    for (size_t i = 0; i < size; ++i) {
        const uint8_t character = characters[i];
        if (character < 0x80) {
            data_[size_++] = static_cast<char>(character);
        } else {
            data_[size_++] = static_cast<char>(0xc0 | character >> 6);
            data_[size_++] = static_cast<char>(0x80 | (character & 0x3f));
        }
    }
}

bool CborWriter::wide(const uint16_t* characters, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < size; ++i) {
        const uint16_t unit = characters[i];
        if (is_high(unit) && i + 1 < size && is_low(characters[i + 1])) {
            ++i;
            length += 4;
        } else if (is_high(unit) || is_low(unit)) {
            return false;
        } else {
            length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
        }
    }
    head(cbor::kText, length);
    if (!make_room(length)) return true;
    const auto put = [this](uint32_t byte) { data_[size_++] = static_cast<char>(byte); };
    for (size_t i = 0; i < size; ++i) {
        uint32_t point = characters[i];
        if (is_high(point)) point = 0x10000 + ((point & 0x3ff) << 10 | (characters[++i] & 0x3ff));
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xc0 | point >> 6);
            put(0x80 | (point & 0x3f));
        } else {
            if (point < 0x10000) {
                put(0xe0 | point >> 12);
            } else {
                put(0xf0 | point >> 18);
                put(0x80 | (point >> 12 & 0x3f));
            }
            put(0x80 | (point >> 6 & 0x3f));
            put(0x80 | (point & 0x3f));
        }
    }
    return true;
}

void CborWriter::number(double value) {
    constexpr auto kGreatest = static_cast<double>(cbor::kGreatestInteger);
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    constexpr uint64_t kMinusZero = uint64_t{1} << 63;
    if (value >= -kGreatest && value <= kGreatest && bits != kMinusZero) {
        const auto whole = static_cast<int64_t>(value);
        if (static_cast<double>(whole) == value) return integer(whole);
    }
    const bool is_nan = value != value;
    const bool is_infinite = !is_nan && value - value != 0;
    if (is_nan || is_infinite || bits == kMinusZero) {
        const unsigned half = is_nan ? 0x7e00 : (is_infinite ? 0x7c00U : 0U) | (bits >> 63 ? 0x8000U : 0U);
        const uint8_t out[] = {cbor::kFloat16, static_cast<uint8_t>(half >> 8), static_cast<uint8_t>(half)};
        return raw(out, sizeof(out));
    }
    uint8_t out[9] = {cbor::kFloat64};
    for (int i = 0; i < 8; ++i) out[i + 1] = static_cast<uint8_t>(bits >> (56 - 8 * i));
    raw(out, sizeof(out));
}

void CborWriter::fill_in(size_t behind, uint32_t number) {
    for (int i = 1; i <= 4; ++i) data_[behind - static_cast<size_t>(i)] = static_cast<char>(number >> 8 * (i - 1));
}

void CborWriter::insert_tags(const uint32_t* offsets, size_t count, uint8_t tag) {
    constexpr size_t kSize = 2;
    if (count == 0 || !make_room(kSize * count)) return;
    size_t end = size_;
    for (size_t i = count; i-- > 0;) {
        memmove(data_ + offsets[i] + kSize * (i + 1), data_ + offsets[i], end - offsets[i]);
        data_[offsets[i] + kSize * i] = static_cast<char>(cbor::kTag << 5 | cbor::kOneByte);
        data_[offsets[i] + kSize * i + 1] = static_cast<char>(tag);
        end = offsets[i];
    }
    size_ += kSize * count;
}

}  // namespace curfew::guest
