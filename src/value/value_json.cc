// Values from JSON, and as JSON.
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include <curfew/value.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "value/date_text.h"

namespace curfew {

namespace {

using base::fail;
using Json = nlohmann::json;

// --- From JSON ---

// Makes values of what the library's parser reads.
class Builder final : public nlohmann::json_sax<Json> {
  public:
    explicit Builder(Value::Bounds bounds) : bounds_(bounds) {}

    Value& result() { return result_; }
    const std::string& fault() const { return fault_; }
    std::size_t offset() const { return offset_; }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    // Numbers are numbers, as JSON.parse has it.
    bool number_integer(number_integer_t value) override { return put(static_cast<double>(value)); }
    bool number_unsigned(number_unsigned_t value) override { return put(static_cast<double>(value)); }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }
    bool start_array(std::size_t /*size*/) override { return open(false); }
    bool end_array() override {
        Value::Array items = std::move(open_.back().items);
        open_.pop_back();
        return place(std::move(items));
    }
    bool start_object(std::size_t /*size*/) override { return open(true); }
    bool end_object() override {
        Value::Object members = std::move(open_.back().members);
        open_.pop_back();
        return place(std::move(members));
    }
    bool key(string_t& name) override {
        open_.back().name = std::move(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& error) override {
        offset_ = position > 0 ? position - 1 : 0;
        const std::string_view why = error.what();
        fault_ = why.contains("surrogate") ? "half of a surrogate pair in a string, which UTF-8 cannot hold"
                 : error.id == 406         ? "a number that is too large"
                                           : "this cannot stand here, or something is missing";
        return false;
    }

  private:
    struct Open {
        bool is_object;
        Value::Array items{};
        Value::Object members{};
        std::unordered_map<std::string, std::size_t> places{};  // of the members, when there are many
        std::string name{};
    };

    bool refuse(std::string why) {
        fault_ = std::move(why);
        return false;
    }
    bool open(bool is_object) {
        if (open_.size() >= bounds_.depth) {
            return refuse("it is nested deeper than " + std::to_string(bounds_.depth) + " levels");
        }
        open_.push_back({.is_object = is_object});
        return count();
    }
    bool count() {
        if (++values_ <= bounds_.values) return true;
        return refuse("it has more than " + std::to_string(bounds_.values) + " values");
    }
    bool put(Value value) { return count() && place(std::move(value)); }
    bool place(Value value) {
        if (open_.empty()) {
            result_ = std::move(value);
        } else if (Open& in = open_.back(); in.is_object) {
            member(in, std::move(value));
        } else {
            in.items.push_back(std::move(value));
        }
        return true;
    }
    static void member(Open& in, Value value) {
        constexpr std::size_t kFew = 8;
        if (in.members.size() == kFew) {
            for (std::size_t i = 0; i < kFew; ++i) in.places.emplace(in.members[i].first, i);
        }
        std::optional<std::size_t> known;
        if (in.members.size() < kFew) {
            for (std::size_t i = 0; i < in.members.size(); ++i) {
                if (in.members[i].first == in.name) known = i;
            }
        } else if (const auto [found, is_new] = in.places.emplace(in.name, in.members.size()); !is_new) {
            known = found->second;
        }
        if (known) {
            in.members[*known].second = std::move(value);
        } else {
            in.members.emplace_back(std::move(in.name), std::move(value));
        }
    }

    const Value::Bounds bounds_;
    std::size_t values_ = 0;
    std::size_t offset_ = 0;
    std::string fault_;
    std::vector<Open> open_;
    Value result_;
};

// --- To JSON ---

// In hexadecimal: no number is so long that it would take a while.
std::string text_of_bigint(const Value::BigInt& number) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "0x";
    for (const std::byte each : number.magnitude) {
        const auto byte = std::to_integer<unsigned>(each);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xfU];
    }
    if (number.magnitude.empty()) text += '0';
    return number.negative ? '-' + text : text;
}

class Writer {
  public:
    // `shows`: what JSON cannot hold, too.
    Writer(std::size_t longest, bool shows) : longest_(longest), shows_(shows) {}

    Result<std::string> write(const Value& value) {
        if (!append(value, 0)) return fail(ErrorCode::invalid_argument, std::move(fault_));
        return std::move(out_);
    }

  private:
    static constexpr std::size_t kDeepest = 1000;

    bool refuse(const char* what) {
        fault_ = std::string(what) + " cannot be written as JSON";
        return false;
    }

    bool append(const Value& value, std::size_t depth) {
        if (depth > kDeepest) return refuse("what is nested so deep");
        if (out_.size() > longest_) return refuse("so much");
        switch (value.kind()) {
            case Value::Kind::undefined: out_ += shows_ ? R"({"$undefined":true})" : "null"; return true;
            case Value::Kind::null: out_ += "null"; return true;
            case Value::Kind::boolean: out_ += *value.get_if<bool>() ? "true" : "false"; return true;
            case Value::Kind::number: number(*value.get_if<double>()); return true;
            case Value::Kind::string: return text(*value.get_if<std::string>());
            case Value::Kind::date: {
                const double time = value.get_if<Value::Date>()->milliseconds;
                if (std::isnan(value::date_in_range(time))) {
                    out_ += "null";
                } else {
                    out_ += '"' + value::text_of_date(time) + '"';
                }
                return true;
            }
            case Value::Kind::array: return array(*value.get_if<Value::Array>(), depth);
            case Value::Kind::object: return object(*value.get_if<Value::Object>(), depth);
            case Value::Kind::cycle: return shows_ ? cycle(value) : refuse("what contains itself");
            case Value::Kind::bigint: return shows_ ? bigint(value) : refuse("a BigInt");
            case Value::Kind::bytes: return shows_ ? bytes(value) : refuse("bytes");
            case Value::Kind::regexp: return shows_ ? regexp(value) : refuse("a RegExp");
            case Value::Kind::map: return shows_ ? map(value, depth) : refuse("a Map");
            case Value::Kind::set: return shows_ ? set(value, depth) : refuse("a Set");
            case Value::Kind::exception: return shows_ ? exception(value, depth) : refuse("an error");
        }
        return refuse("this");
    }

    // --- What is only shown ---

    bool marked(std::string_view name, std::string_view shown) {
        out_ += "{\"$" + std::string(name) + "\":";
        const bool done = text(shown);
        out_ += '}';
        return done;
    }
    bool cycle(const Value& value) {
        out_ += "{\"$cycle\":" + std::to_string(value.get_if<Value::Cycle>()->label) + '}';
        return true;
    }
    bool bigint(const Value& value) { return marked("bigint", text_of_bigint(*value.get_if<Value::BigInt>())); }
    bool bytes(const Value& value) {
        const auto& data = value.get_if<Value::Bytes>()->data;
        return marked("bytes", base::base64({reinterpret_cast<const char*>(data.data()), data.size()}));
    }
    bool regexp(const Value& value) {
        const auto& regexp = *value.get_if<Value::RegExp>();
        return marked("regexp", '/' + regexp.source + '/' + regexp.flags);
    }
    bool map(const Value& value, std::size_t depth) {
        out_ += "{\"$map\":[";
        bool first = true;
        for (const auto& [key, each] : value.get_if<Value::Map>()->entries) {
            out_ += std::exchange(first, false) ? "[" : ",[";
            if (!append(key, depth + 1)) return false;
            out_ += ',';
            if (!append(each, depth + 1)) return false;
            out_ += ']';
        }
        out_ += "]}";
        return true;
    }
    bool set(const Value& value, std::size_t depth) {
        out_ += "{\"$set\":";
        if (!array(value.get_if<Value::Set>()->members, depth)) return false;
        out_ += '}';
        return true;
    }
    bool exception(const Value& value, std::size_t depth) {
        const auto& exception = *value.get_if<Value::Exception>();
        out_ += "{\"$error\":";
        text(exception.name + ": " + exception.message);
        if (!exception.fields.empty()) {
            out_ += ",\"fields\":";
            if (!object(exception.fields, depth)) return false;
        }
        out_ += '}';
        return true;
    }

    void number(double value) {
        if (!std::isfinite(value)) {
            out_ += !shows_             ? "null"
                    : std::isnan(value) ? R"({"$number":"NaN"})"
                    : value > 0         ? R"({"$number":"Infinity"})"
                                        : R"({"$number":"-Infinity"})";
            return;
        }
        if (value == 0 && !shows_) value = 0;  // not -0
        char digits[32];
        const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
        out_.append(digits, end);
    }

    bool text(std::string_view value) {
        if (!base::is_utf8(value)) {
            return shows_ ? text(base::to_valid_utf8(std::string(value))) : refuse("text that is not UTF-8");
        }
        out_ += '"';
        for (const char c : value) {
            if (c == '"' || c == '\\') {
                out_ += '\\';
                out_ += c;
            } else if (static_cast<unsigned char>(c) < ' ') {
                constexpr std::string_view kDigits = "0123456789abcdef";
                out_ += "\\u00";
                out_ += kDigits[static_cast<unsigned char>(c) >> 4U];
                out_ += kDigits[static_cast<unsigned char>(c) & 0xfU];
            } else {
                out_ += c;
            }
        }
        out_ += '"';
        return true;
    }

    bool array(const Value::Array& items, std::size_t depth) {
        out_ += '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out_ += ',';
            if (!append(items[i], depth + 1)) {
                return at("[" + std::to_string(i) + "]");
            }
        }
        out_ += ']';
        return true;
    }

    bool object(const Value::Object& members, std::size_t depth) {
        out_ += '{';
        bool first = true;
        for (const auto& [name, each] : members) {
            if (each.is_undefined() && !shows_) continue;
            if (!std::exchange(first, false)) out_ += ',';
            if (!text(name)) return false;
            out_ += ':';
            if (!append(each, depth + 1)) return at("." + name);
        }
        out_ += '}';
        return true;
    }

    // On the way out: where the fault was, from the innermost step on.
    bool at(const std::string& step) {
        constexpr std::string_view kAt = ", at ";
        constexpr std::size_t kLongest = 1000;
        if (fault_.size() > kLongest) return false;
        const std::size_t behind = fault_.find(kAt);
        if (behind == std::string::npos) fault_ += kAt;
        fault_.insert(behind == std::string::npos ? fault_.size() : behind + kAt.size(), base::shown(step));
        return false;
    }

    const std::size_t longest_;
    const bool shows_;
    std::string out_;
    std::string fault_;
};

}  // namespace

Result<Value> Value::from_json(std::string_view json, Bounds bounds) {
    Builder builder(bounds);
    if (Json::sax_parse(json, &builder)) return std::move(builder.result());
    std::string message = "this is not JSON that can be read: " + builder.fault();
    if (builder.offset() > 0) message += ", at offset " + std::to_string(builder.offset());
    return fail(ErrorCode::invalid_argument, std::move(message));
}

Result<std::string> Value::to_json(std::size_t longest) const { return Writer(longest, false).write(*this); }

Result<std::string> Value::to_shown_json(std::size_t longest) const { return Writer(longest, true).write(*this); }

}  // namespace curfew
