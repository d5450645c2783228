#include "base/utf8.h"
#include "value/cbor_reader.h"

namespace curfew::value {

namespace {

namespace cbor = wire::cbor;

class Checker {
  public:
    Checker(std::string_view input, std::size_t levels)
        : reader_(input), levels_(levels), deepest_(deepest_step(levels)) {}

    Read<void> check() {
        if (auto whole = item(0); !whole) return whole;
        if (reader_.left() > 0) return CborReader::fault(reader_.offset(), "there is more behind the value");
        return {};
    }

  private:
    Read<void> item(std::size_t depth) {
        auto head = reader_.head();
        if (!head) return std::unexpected(std::move(head.error()));
        return item_of(*head, depth);
    }

    Read<void> item_of(const CborHead& head, std::size_t depth) {
        if (depth > deepest_) {
            return CborReader::fault(head.offset, "it is nested deeper than " + std::to_string(levels_) + " levels");
        }
        switch (head.major) {
            case cbor::kBytes:
            case cbor::kText: return string(head);
            case cbor::kArray:
            case cbor::kMap: return container(head, depth);
            case cbor::kTag: return tagged(head, depth);
            case cbor::kSimple: return simple(head);
            default: return {};
        }
    }

    Read<void> string(const CborHead& head) {
        auto found = reader_.string(head, joined_);
        if (!found) return std::unexpected(std::move(found.error()));
        last_size_ = found->size();
        return {};
    }

    static Read<void> simple(const CborHead& head) {
        if (head.is_break()) return CborReader::fault(head.offset, "an end where nothing was begun");
        if ((head.low < 20 || head.low > 23) && (head.low < cbor::kTwoBytes || head.low > cbor::kEightBytes)) {
            return CborReader::fault(head.offset, "a simple value that has no meaning here");
        }
        return {};
    }

    Read<void> container(const CborHead& head, std::size_t depth) {
        const std::size_t of_each = head.major == cbor::kMap ? 2 : 1;
        if (auto fits = reader_.check_count(head, of_each); !fits) return fits;
        for (std::uint64_t i = 0; head.is_indefinite() ? !reader_.take_break() : i < head.number; ++i) {
            for (std::size_t k = 0; k < of_each; ++k) {
                if (auto each = item(depth + kContainerStep); !each) return each;
            }
        }
        return {};
    }

    // Whether a value of this kind may stand behind the tag; what lies in it is looked at by tagged().
    static bool fits(std::uint64_t tag, const CborHead& head) {
        if (tag >= cbor::kTypedArrays && tag < cbor::kTypedArraysEnd) return head.major == cbor::kBytes;
        switch (tag) {
            case cbor::kDateText:
            case cbor::kPattern: return head.major == cbor::kText;
            case cbor::kDate:
                return head.major == cbor::kUnsigned || head.major == cbor::kNegative ||
                       (head.major == cbor::kSimple && head.low >= cbor::kTwoBytes && head.low <= cbor::kEightBytes);
            case cbor::kBigInt:
            case cbor::kNegativeBigInt: return head.major == cbor::kBytes;
            case cbor::kReference: return head.major == cbor::kUnsigned;
            case cbor::kSet: return head.major == cbor::kArray;
            case cbor::kRegExp:
                return head.major == cbor::kArray && (head.number == 1 || head.number == 2) && !head.is_indefinite();
            case cbor::kObjectOfClass: return head.major == cbor::kArray && head.number == 2 && !head.is_indefinite();
            case cbor::kMapOfValues: return head.major == cbor::kMap;
            default: return true;
        }
    }

    Read<void> tagged(const CborHead& tag, std::size_t depth) {
        if (!is_known_tag(tag.number)) {
            return CborReader::fault(tag.offset, "tag " + std::to_string(tag.number) + ", which has no meaning here");
        }
        if (tag.number == cbor::kShareable) ++marks_;
        auto head = reader_.head();
        if (!head) return std::unexpected(std::move(head.error()));
        if (!fits(tag.number, *head)) {
            return CborReader::fault(head->offset,
                                     "tag " + std::to_string(tag.number) + " before a value of another kind");
        }
        if (tag.number == cbor::kReference && head->number >= marks_) {
            return CborReader::fault(tag.offset, "a reference to a value that was not marked before");
        }
        if (tag.number == cbor::kRegExp || tag.number == cbor::kObjectOfClass) return parts(tag, *head, depth);
        if (auto done = item_of(*head, depth + 1); !done) return done;
        if (tag.number >= cbor::kTypedArrays && tag.number < cbor::kTypedArraysEnd) {
            const auto kind = tag.number - cbor::kTypedArrays;
            const unsigned log2_size = kind < 16 ? kind & 3U : (kind & 3U) + 1;
            if (last_size_ % (std::size_t{1} << log2_size) != 0) {
                return CborReader::fault(head->offset, "bytes that are no whole number of the array's items");
            }
        }
        return {};
    }

    // A regular expression's texts; a class's name and what it is made of.
    Read<void> parts(const CborHead& tag, const CborHead& array, std::size_t depth) {
        for (std::uint64_t i = 0; i < array.number; ++i) {
            auto head = reader_.head();
            if (!head) return std::unexpected(std::move(head.error()));
            const bool is_text = head->major == cbor::kText;
            if (tag.number == cbor::kRegExp && !is_text) {
                return CborReader::fault(tag.offset, "a regular expression is an array of two texts");
            }
            if (tag.number == cbor::kObjectOfClass && i == 0) {
                if (!is_text) return CborReader::fault(tag.offset, "an object of a class is its name and one value");
                auto name = reader_.string(*head, joined_);
                if (!name) return std::unexpected(std::move(name.error()));
                is_buffer_ = *name == "ArrayBuffer" || *name == "DataView";
                continue;
            }
            if (tag.number == cbor::kObjectOfClass && head->major != (is_buffer_ ? cbor::kBytes : cbor::kMap)) {
                return CborReader::fault(tag.offset, is_buffer_ ? "a buffer without its bytes"
                                                                : "an object of a class that is not known here");
            }
            if (auto each = item_of(*head, depth + 1 + kContainerStep); !each) return each;
        }
        return {};
    }

    CborReader reader_;
    const std::size_t levels_;
    const std::size_t deepest_;
    std::size_t marks_ = 0;
    std::size_t last_size_ = 0;  // of the last string
    bool is_buffer_ = false;
    std::string joined_;
};

}  // namespace

bool is_known_tag(std::uint64_t tag) noexcept {
    switch (tag) {
        case cbor::kDateText:
        case cbor::kDate:
        case cbor::kBigInt:
        case cbor::kNegativeBigInt:
        case cbor::kObjectOfClass:
        case cbor::kShareable:
        case cbor::kReference:
        case cbor::kPattern:
        case cbor::kSet:
        case cbor::kMapOfValues:
        case cbor::kRegExp:
        case cbor::kSelfDescribed: return true;
        // The two of 128 bits, and an unused one.
        default: return tag >= cbor::kTypedArrays && tag < cbor::kTypedArraysEnd && tag != 76 && tag != 83 && tag != 87;
    }
}

Read<void> check_cbor(std::string_view input, std::size_t levels) { return Checker(input, levels).check(); }

}  // namespace curfew::value
