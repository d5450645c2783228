// CBOR as values.
#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_set>

#include <curfew/value.h>

#include "base/error.h"
#include "value/cbor_bytes.h"
#include "value/cbor_reader.h"
#include "value/date_text.h"

namespace curfew {

namespace {

namespace cbor = wire::cbor;
using value::CborHead;
using value::CborReader;
using value::Read;

class Decoder {
  public:
    Decoder(std::string_view input, Value::Bounds bounds) : reader_(input), bounds_(bounds) {}

    Read<Value> decode() {
        auto value = item(0);
        if (value && reader_.left() > 0) {
            return CborReader::fault(reader_.offset(), "there is more behind the value");
        }
        return value;
    }

  private:
    struct Mark {
        std::optional<Value> value;  // none while it is being read
        std::size_t values = 0;      // that it stands for
        bool is_cycle = false;
    };

    Read<Value> item(std::size_t depth) {
        auto head = reader_.head();
        if (!head) return std::unexpected(std::move(head.error()));
        return item_of(*head, depth);
    }

    Read<Value> item_of(const CborHead& head, std::size_t depth) {
        if (depth > value::deepest_step(bounds_.depth)) {
            return CborReader::fault(head.offset,
                                     "it is nested deeper than " + std::to_string(bounds_.depth) + " levels");
        }
        if (auto counted = count(1, head); !counted) return std::unexpected(std::move(counted.error()));
        switch (head.major) {
            case cbor::kUnsigned: return Value(head.number);
            case cbor::kNegative: return negative(head.number);
            case cbor::kBytes:
            case cbor::kText: return string(head);
            case cbor::kArray: {
                auto items = array(head, depth);
                if (!items) return std::unexpected(std::move(items.error()));
                return Value(std::move(*items));
            }
            case cbor::kMap: return map(head, depth, false);
            case cbor::kTag: return tagged(head, depth);
            case cbor::kSimple: return simple(head);
        }
        return CborReader::fault(head.offset, "a value of no kind");
    }

    Read<void> count(std::size_t more, const CborHead& head) {
        if (more > bounds_.values - std::min(values_, bounds_.values)) {
            return CborReader::fault(head.offset, "it has more than " + std::to_string(bounds_.values) + " values");
        }
        values_ += more;
        return {};
    }

    static Value negative(std::uint64_t number) {
        if (number < std::uint64_t{1} << 63U) return Value(-1 - static_cast<std::int64_t>(number));
        Value::BigInt big{.negative = true};
        // One more than the number, which may not fit.
        std::uint64_t magnitude = number + 1;
        if (magnitude == 0) big.magnitude.push_back(std::byte{1});
        for (int shift = 56; shift >= 0; shift -= 8)
            big.magnitude.push_back(static_cast<std::byte>(magnitude >> shift));
        return big;
    }

    Read<Value> string(const CborHead& head) {
        std::string joined;
        auto found = reader_.string(head, joined);
        if (!found) return std::unexpected(std::move(found.error()));
        if (head.major == cbor::kText) return Value(*found);
        return Value(value::bytes_of(*found));
    }

    static Read<Value> simple(const CborHead& head) {
        switch (head.low) {
            case 20: return Value(false);
            case 21: return Value(true);
            case 22: return Value(nullptr);
            case 23: return Value();
            case cbor::kTwoBytes:
            case cbor::kFourBytes:
            case cbor::kEightBytes: return Value(value::float_of(head));
            case cbor::kIndefinite: return CborReader::fault(head.offset, "an end where nothing was begun");
            default: return CborReader::fault(head.offset, "a simple value that has no meaning here");
        }
    }

    Read<Value::Array> array(const CborHead& head, std::size_t depth) {
        if (auto fits = reader_.check_count(head, 1); !fits) return std::unexpected(std::move(fits.error()));
        if (auto fits = count(head.is_indefinite() ? 0 : head.number, head); !fits) {
            return std::unexpected(std::move(fits.error()));
        }
        Value::Array items;
        if (!head.is_indefinite()) {
            values_ -= head.number;
            items.reserve(head.number);
        }
        while (head.is_indefinite() ? !reader_.take_break() : items.size() < head.number) {
            auto each = item(depth + value::kContainerStep);
            if (!each) return std::unexpected(std::move(each.error()));
            items.push_back(std::move(*each));
        }
        return items;
    }

    // An object if all keys are texts, else a Map. `always_map`: a Map.
    Read<Value> map(const CborHead& head, std::size_t depth, bool always_map) {
        if (auto fits = reader_.check_count(head, 2); !fits) return std::unexpected(std::move(fits.error()));
        Value::Object members;
        std::vector<std::pair<Value, Value>> entries;
        bool is_map = always_map;
        for (std::size_t i = 0; head.is_indefinite() ? !reader_.take_break() : i < head.number; ++i) {
            auto key_head = reader_.head();
            if (!key_head) return std::unexpected(std::move(key_head.error()));
            if (!is_map && key_head->major != cbor::kText) {
                is_map = true;
                for (auto& [name, each] : members) entries.emplace_back(Value(std::move(name)), std::move(each));
            }
            std::string name;
            Value key;
            if (is_map) {
                auto read = item_of(*key_head, depth + value::kContainerStep);
                if (!read) return read;
                key = std::move(*read);
            } else {
                std::string joined;
                auto read = reader_.string(*key_head, joined);
                if (!read) return std::unexpected(std::move(read.error()));
                name = *read;
            }
            auto each = item(depth + value::kContainerStep);
            if (!each) return each;
            if (is_map) {
                entries.emplace_back(std::move(key), std::move(*each));
            } else {
                members.emplace_back(std::move(name), std::move(*each));
            }
        }
        if (is_map) return Value(Value::Map{std::move(entries)});
        if (has_twice(members)) return CborReader::fault(head.offset, "an object has a member twice");
        return Value(std::move(members));
    }

    static bool has_twice(const Value::Object& members) {
        constexpr std::size_t kFew = 8;
        if (members.size() <= kFew) {
            for (std::size_t i = 1; i < members.size(); ++i) {
                for (std::size_t k = 0; k < i; ++k) {
                    if (members[i].first == members[k].first) return true;
                }
            }
            return false;
        }
        std::unordered_set<std::string_view> seen;
        seen.reserve(members.size());
        return !std::ranges::all_of(members, [&](const auto& each) { return seen.insert(each.first).second; });
    }

    Read<Value> tagged(const CborHead& tag, std::size_t depth) {
        switch (tag.number) {
            case cbor::kShareable: return marked(tag, depth);
            case cbor::kReference: return reference(tag);
            default: break;
        }
        if (!value::is_known_tag(tag.number)) {
            return CborReader::fault(tag.offset, "tag " + std::to_string(tag.number) + ", which has no meaning here");
        }
        auto head = reader_.head();
        if (!head) return std::unexpected(std::move(head.error()));
        const auto is = [&](cbor::Major major) { return head->major == major; };
        if (tag.number >= cbor::kTypedArrays && tag.number < cbor::kTypedArraysEnd && is(cbor::kBytes)) {
            return typed_array(tag, *head);
        }
        switch (tag.number) {
            case cbor::kDateText:
                if (is(cbor::kText)) return date_of_text(*head);
                break;
            case cbor::kDate:
                if (is(cbor::kUnsigned) || is(cbor::kNegative) || is(cbor::kSimple)) return date(*head);
                break;
            case cbor::kBigInt:
            case cbor::kNegativeBigInt:
                if (is(cbor::kBytes)) return bigint(*head, tag.number == cbor::kNegativeBigInt);
                break;
            case cbor::kPattern:
                if (is(cbor::kText)) {
                    auto source = string(*head);
                    if (!source) return source;
                    return Value(Value::RegExp{.source = *source->get_if<std::string>()});
                }
                break;
            case cbor::kRegExp:
                if (is(cbor::kArray)) return regexp(tag, *head, depth + 1);
                break;
            case cbor::kSet:
                if (is(cbor::kArray)) {
                    auto members = array(*head, depth + 1);
                    if (!members) return std::unexpected(std::move(members.error()));
                    return Value(Value::Set{std::move(*members)});
                }
                break;
            case cbor::kMapOfValues:
                if (is(cbor::kMap)) return map(*head, depth + 1, true);
                break;
            case cbor::kObjectOfClass:
                if (is(cbor::kArray)) return of_class(tag, *head, depth + 1);
                break;
            case cbor::kSelfDescribed: return item_of(*head, depth + 1);
            default: break;
        }
        return CborReader::fault(head->offset, "tag " + std::to_string(tag.number) + " before a value of another kind");
    }

    Read<Value> marked(const CborHead& tag, std::size_t depth) {
        const std::size_t number = marks_.size();
        const std::size_t before = values_;
        marks_.emplace_back();
        auto value = item(depth + 1);
        if (!value) return value;
        if (value->kind() == Value::Kind::cycle) return CborReader::fault(tag.offset, "a mark before no value");
        Mark& mark = marks_[number];
        if (mark.is_cycle) value->with_label(static_cast<std::uint32_t>(number + 1));
        mark.values = values_ - before;
        mark.value = *value;
        return value;
    }

    Read<Value> reference(const CborHead& tag) {
        auto number = reader_.head();
        if (!number) return std::unexpected(std::move(number.error()));
        if (number->major != cbor::kUnsigned || number->number >= marks_.size()) {
            return CborReader::fault(tag.offset, "a reference to a value that was not marked before");
        }
        Mark& mark = marks_[number->number];
        if (!mark.value) {
            mark.is_cycle = true;
            return Value(Value::Cycle{static_cast<std::uint32_t>(number->number + 1)});
        }
        if (auto counted = count(mark.values, tag); !counted) return std::unexpected(std::move(counted.error()));
        return *mark.value;
    }

    Read<Value> date(const CborHead& head) {
        double seconds = 0;
        if (head.major == cbor::kSimple) {
            if (head.low < cbor::kTwoBytes || head.low > cbor::kEightBytes) {
                return CborReader::fault(head.offset, "a date that is no number");
            }
            seconds = value::float_of(head);
        } else {
            seconds = static_cast<double>(head.number);
            if (head.major == cbor::kNegative) seconds = -1 - seconds;
        }
        return Value(Value::Date{value::date_in_range(std::round(seconds * 1000))});
    }

    Read<Value> date_of_text(const CborHead& head) {
        auto text = string(head);
        if (!text) return text;
        const auto time = value::date_of_text(*text->get_if<std::string>());
        if (!time) return CborReader::fault(head.offset, "a date that is not written as RFC 3339 has it");
        return Value(Value::Date{*time});
    }

    Read<Value> bigint(const CborHead& head, bool negative) {
        std::string joined;
        auto found = reader_.string(head, joined);
        if (!found) return std::unexpected(std::move(found.error()));
        return value::bigint_of(*found, negative);
    }

    Read<Value> typed_array(const CborHead& tag, const CborHead& head) {
        std::string joined;
        auto found = reader_.string(head, joined);
        if (!found) return std::unexpected(std::move(found.error()));
        if (auto made = value::typed_array_of(tag.number, *found)) return std::move(*made);
        return CborReader::fault(head.offset, "bytes that are no whole number of the array's items");
    }

    // One or two parts, each of which begins as what it is: no mark or reference.
    Read<Value::Array> parts(const CborHead& list, std::size_t depth, const char* otherwise) {
        Value::Array parts;
        if (list.is_indefinite() || list.number == 0 || list.number > 2)
            return CborReader::fault(list.offset, otherwise);
        while (parts.size() < list.number) {
            auto head = reader_.head();
            if (!head) return std::unexpected(std::move(head.error()));
            if (head->major == cbor::kTag) return CborReader::fault(list.offset, otherwise);
            auto each = item_of(*head, depth + value::kContainerStep);
            if (!each) return std::unexpected(std::move(each.error()));
            parts.push_back(std::move(*each));
        }
        return parts;
    }

    Read<Value> regexp(const CborHead& tag, const CborHead& head, std::size_t depth) {
        constexpr const char* kForm = "a regular expression is an array of two texts";
        auto texts = parts(head, depth, kForm);
        if (!texts) return std::unexpected(std::move(texts.error()));
        const auto* const source = texts->front().get_if<std::string>();
        const auto* const flags = texts->back().get_if<std::string>();
        if (source == nullptr || flags == nullptr) return CborReader::fault(tag.offset, kForm);
        return Value(Value::RegExp{.source = *source, .flags = texts->size() == 2 ? *flags : std::string()});
    }

    Read<Value> of_class(const CborHead& tag, const CborHead& head, std::size_t depth) {
        constexpr const char* kForm = "an object of a class is its name and one value";
        auto both = parts(head, depth, kForm);
        if (!both) return std::unexpected(std::move(both.error()));
        const auto* const name = both->size() == 2 ? both->front().get_if<std::string>() : nullptr;
        if (name == nullptr) return CborReader::fault(tag.offset, kForm);
        if (*name == "ArrayBuffer" || *name == "DataView") {
            const auto* const bytes = both->back().get_if<Value::Bytes>();
            if (bytes == nullptr) return CborReader::fault(tag.offset, "a buffer without its bytes");
            return Value(Value::Bytes{
                .data = bytes->data, .view = *name == "DataView" ? Value::View::data_view : Value::View::array_buffer});
        }
        const auto* const fields = both->back().get_if<Value::Object>();
        if (fields == nullptr) return CborReader::fault(tag.offset, "an object of a class that is not known here");
        Value::Exception exception{.name = *name};
        for (const auto& [field, each] : *fields) {
            const auto* const text = each.get_if<std::string>();
            if (field == "message" && text != nullptr) {
                exception.message = *text;
            } else if (field == "stack" && text != nullptr) {
                exception.stack = *text;
            } else {
                exception.fields.emplace_back(field, each);
            }
        }
        return Value(std::move(exception));
    }

    CborReader reader_;
    const Value::Bounds bounds_;
    std::size_t values_ = 0;
    std::vector<Mark> marks_;
};

}  // namespace

Result<Value> Value::from_cbor(std::string_view cbor, Bounds bounds) {
    auto decoded = Decoder(cbor, bounds).decode();
    if (decoded) return std::move(*decoded);
    return base::fail(ErrorCode::invalid_argument, "this is not CBOR that can be read: " + decoded.error().what +
                                                       ", at offset " + std::to_string(decoded.error().offset));
}

}  // namespace curfew
