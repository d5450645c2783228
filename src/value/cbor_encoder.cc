// Values as CBOR. What stands in several places is written once; that it needs a mark (tag 28) is known only when it comes a
// second time, so marks are put in at the end.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <unordered_map>

#include <curfew/value.h>

#include "base/error.h"
#include "base/utf8.h"
#include "wire/cbor.h"

namespace curfew {

namespace {

namespace cbor = wire::cbor;
using base::fail;

constexpr std::size_t kDeepest = 1000;
constexpr std::size_t kReferenceSize = 4;  // of a number that is filled in at the end

class Encoder {
  public:
    Result<std::string> encode(const Value& value) {
        if (auto done = write(value, 0); !done) return std::unexpected(std::move(done.error()));
        return with_marks();
    }

  private:
    struct Place {
        std::size_t offset;
        bool referred = false;
        std::uint32_t number = 0;  // among the marks, when all is written
    };

    void head(cbor::Major major, std::uint64_t number) {
        const auto first = [&](std::uint8_t low) { out_ += static_cast<char>(major << 5U | low); };
        int bytes = 0;
        if (number < cbor::kOneByte) {
            first(static_cast<std::uint8_t>(number));
        } else if (number <= 0xff) {
            first(cbor::kOneByte), bytes = 1;
        } else if (number <= 0xffff) {
            first(cbor::kTwoBytes), bytes = 2;
        } else if (number <= 0xffffffff) {
            first(cbor::kFourBytes), bytes = 4;
        } else {
            first(cbor::kEightBytes), bytes = 8;
        }
        big_endian(number, bytes);
    }
    void big_endian(std::uint64_t number, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out_ += static_cast<char>(number >> shift);
    }
    void tag(std::uint64_t number) { head(cbor::kTag, number); }
    void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
    void text(std::string_view value) {
        head(cbor::kText, value.size());
        out_ += value;
    }
    void bytes(std::span<const std::byte> value) {
        head(cbor::kBytes, value.size());
        out_.append(reinterpret_cast<const char*>(value.data()), value.size());
    }

    void number(double value) {
        constexpr auto kGreatest = static_cast<double>(cbor::kGreatestInteger);
        if (std::trunc(value) == value && std::abs(value) <= kGreatest && (value != 0 || !std::signbit(value))) {
            if (value < 0) {
                head(cbor::kNegative, static_cast<std::uint64_t>(-value) - 1);
            } else {
                head(cbor::kUnsigned, static_cast<std::uint64_t>(value));
            }
        } else if (std::isfinite(value) && value != 0) {
            byte(cbor::kFloat64);
            big_endian(std::bit_cast<std::uint64_t>(value), 8);
        } else {
            byte(cbor::kFloat16);
            big_endian(std::isnan(value) ? 0x7e00 : value == 0 ? 0x8000 : value < 0 ? 0xfc00 : 0x7c00, 2);
        }
    }

    Result<void> checked_text(std::string_view value) {
        if (!base::is_utf8(value)) return fail(ErrorCode::invalid_argument, "a text in the value is not UTF-8");
        text(value);
        return {};
    }

    // What copies of a value have in common; null for what JavaScript does not tell from its copy.
    static const void* body_of(const Value& value) {
        const void* body = nullptr;
        const auto look = [&]<typename T>(const T*) {
            if (const T* const found = value.get_if<T>()) body = found;
        };
        switch (value.kind()) {
            case Value::Kind::bytes: look(static_cast<const Value::Bytes*>(nullptr)); break;
            case Value::Kind::array: look(static_cast<const Value::Array*>(nullptr)); break;
            case Value::Kind::object: look(static_cast<const Value::Object*>(nullptr)); break;
            case Value::Kind::map: look(static_cast<const Value::Map*>(nullptr)); break;
            case Value::Kind::set: look(static_cast<const Value::Set*>(nullptr)); break;
            case Value::Kind::exception: look(static_cast<const Value::Exception*>(nullptr)); break;
            case Value::Kind::regexp: look(static_cast<const Value::RegExp*>(nullptr)); break;
            default: break;
        }
        return body;
    }

    void refer(std::size_t place) {
        places_[place].referred = true;
        tag(cbor::kReference);
        byte(cbor::kFourBytes);
        references_.emplace_back(out_.size(), place);
        out_.append(kReferenceSize, '\0');
    }

    Result<void> write(const Value& value, std::size_t depth) {
        if (depth > kDeepest) {
            return fail(ErrorCode::invalid_argument,
                        "the value is nested deeper than " + std::to_string(kDeepest) + " levels");
        }
        const void* const body = value.is_shared() || value.label() != 0 ? body_of(value) : nullptr;
        if (body != nullptr) {
            const auto [known, is_new] = written_.try_emplace(body, places_.size());
            if (!is_new) {
                refer(known->second);
                return {};
            }
            if (value.label() != 0) labels_[value.label()] = places_.size();
            places_.push_back({out_.size()});
        }
        return write_new(value, depth + 1);
    }

    Result<void> write_new(const Value& value, std::size_t depth) {
        switch (value.kind()) {
            case Value::Kind::undefined: byte(cbor::kUndefined); break;
            case Value::Kind::null: byte(cbor::kNull); break;
            case Value::Kind::boolean: byte(*value.get_if<bool>() ? cbor::kTrue : cbor::kFalse); break;
            case Value::Kind::number: number(*value.get_if<double>()); break;
            case Value::Kind::string: return checked_text(*value.get_if<std::string>());
            case Value::Kind::date: date(value.get_if<Value::Date>()->milliseconds); break;
            case Value::Kind::bigint: bigint(*value.get_if<Value::BigInt>()); break;
            case Value::Kind::bytes: return view(*value.get_if<Value::Bytes>());
            case Value::Kind::regexp: {
                const auto& pattern = *value.get_if<Value::RegExp>();
                tag(cbor::kRegExp);
                head(cbor::kArray, 2);
                if (auto done = checked_text(pattern.source); !done) return done;
                return checked_text(pattern.flags);
            }
            case Value::Kind::cycle: {
                const auto found = labels_.find(value.get_if<Value::Cycle>()->label);
                if (found == labels_.end()) {
                    return fail(ErrorCode::invalid_argument,
                                "a Cycle in the value stands for a label that no value around it has");
                }
                refer(found->second);
                break;
            }
            case Value::Kind::array: return items(*value.get_if<Value::Array>(), depth);
            case Value::Kind::set: tag(cbor::kSet); return items(value.get_if<Value::Set>()->members, depth);
            case Value::Kind::map: {
                const auto& entries = value.get_if<Value::Map>()->entries;
                tag(cbor::kMapOfValues);
                head(cbor::kMap, entries.size());
                for (const auto& [key, each] : entries) {
                    if (auto done = write(key, depth); !done) return done;
                    if (auto done = write(each, depth); !done) return done;
                }
                break;
            }
            case Value::Kind::object: {
                const auto& object = *value.get_if<Value::Object>();
                head(cbor::kMap, object.size());
                return members(object, depth);
            }
            case Value::Kind::exception: return exception(*value.get_if<Value::Exception>(), depth);
        }
        return {};
    }

    void date(double milliseconds) {
        tag(cbor::kDate);
        number(milliseconds / 1000);
    }

    void bigint(const Value::BigInt& value) {
        std::vector<std::byte> magnitude = value.magnitude;
        magnitude.erase(magnitude.begin(),
                        std::ranges::find_if(magnitude, [](std::byte b) { return b != std::byte{}; }));
        const bool negative = value.negative && !magnitude.empty();
        tag(negative ? cbor::kNegativeBigInt : cbor::kBigInt);
        if (negative) {
            // -1 - n stands for the number, so one less than its magnitude.
            for (std::size_t i = magnitude.size(); i-- > 0;) {
                magnitude[i] = static_cast<std::byte>(std::to_integer<unsigned>(magnitude[i]) - 1U);
                if (magnitude[i] != std::byte{0xff}) break;
            }
            if (magnitude.front() == std::byte{}) magnitude.erase(magnitude.begin());
        }
        bytes(magnitude);
    }

    Result<void> view(const Value::Bytes& value) {
        static constexpr struct {
            std::uint8_t tag;
            std::uint8_t size;
        } kViews[] = {{0, 1},  {68, 1}, {72, 1}, {69, 2}, {77, 2}, {70, 4},
                      {78, 4}, {71, 8}, {79, 8}, {84, 2}, {85, 4}, {86, 8}};
        const char* of_class = value.view == Value::View::array_buffer ? "ArrayBuffer"
                               : value.view == Value::View::data_view  ? "DataView"
                                                                       : nullptr;
        if (of_class != nullptr) {
            tag(cbor::kObjectOfClass);
            head(cbor::kArray, 2);
            text(of_class);
        } else {
            const auto& [of_view, size] = kViews[static_cast<std::size_t>(value.view)];
            if (value.data.size() % size != 0) {
                return fail(ErrorCode::invalid_argument, "the bytes of a typed array are no whole number of its items");
            }
            if (of_view != 0) tag(of_view);
        }
        bytes(value.data);
        return {};
    }

    Result<void> items(const std::vector<Value>& all, std::size_t depth) {
        head(cbor::kArray, all.size());
        for (const Value& each : all) {
            if (auto done = write(each, depth); !done) return done;
        }
        return {};
    }

    Result<void> members(const Value::Object& object, std::size_t depth) {
        for (const auto& [name, each] : object) {
            if (auto done = checked_text(name); !done) return done;
            if (auto done = write(each, depth); !done) return done;
        }
        return {};
    }

    Result<void> exception(const Value::Exception& value, std::size_t depth) {
        tag(cbor::kObjectOfClass);
        head(cbor::kArray, 2);
        if (auto done = checked_text(value.name); !done) return done;
        // A field of such a name is a message or stack that is no text, and takes its place.
        const auto is_field = [&](std::string_view name) {
            return std::ranges::find(value.fields, name, &Value::Member::first) != value.fields.end();
        };
        const bool has_message = !is_field("message"), has_stack = !is_field("stack");
        head(cbor::kMap, value.fields.size() + (has_message ? 1 : 0) + (has_stack ? 1 : 0));
        if (has_message) {
            text("message");
            if (auto done = checked_text(value.message); !done) return done;
        }
        if (has_stack) {
            text("stack");
            if (auto done = checked_text(value.stack); !done) return done;
        }
        return members(value.fields, depth);
    }

    std::string with_marks() {
        std::vector<Place*> marked;
        for (Place& place : places_) {
            if (!place.referred) continue;
            place.number = static_cast<std::uint32_t>(marked.size());
            marked.push_back(&place);
        }
        if (marked.empty()) return std::move(out_);
        for (const auto& [offset, place] : references_) {
            for (std::size_t i = 0; i < kReferenceSize; ++i) {
                out_[offset + i] = static_cast<char>(places_[place].number >> 8 * (kReferenceSize - 1 - i));
            }
        }
        std::string all;
        all.reserve(out_.size() + 2 * marked.size());
        std::size_t copied = 0;
        for (const Place* const place : marked) {
            all.append(out_, copied, place->offset - copied);
            all += "\xd8\x1c";  // tag 28
            copied = place->offset;
        }
        all.append(out_, copied);
        return all;
    }

    std::string out_;
    std::vector<Place> places_;  // of all that may come again, in the order in which they were written
    std::unordered_map<const void*, std::size_t> written_;
    std::unordered_map<std::uint32_t, std::size_t> labels_;
    std::vector<std::pair<std::size_t, std::size_t>> references_;  // where a number goes, and of which place
};

}  // namespace

Result<std::string> Value::to_cbor() const { return Encoder().encode(*this); }

}  // namespace curfew
