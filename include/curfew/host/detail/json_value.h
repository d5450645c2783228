// JSON behind a curtain: what host functions take and return can be converted without the JSON library's headers, which
// cost a compiler more than all of Curfew's. <curfew/json.h> is the way to the values behind.
#ifndef CURFEW_HOST_DETAIL_JSON_VALUE_H
#define CURFEW_HOST_DETAIL_JSON_VALUE_H

#include <curfew/language.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/export.h>
#include <curfew/host/detail/function.h>

namespace curfew::host::detail {

// A value, or what is wrong with what came: "should be an integer, but is a string".
template <typename T>
using Converted = std::expected<T, std::string>;

struct JsonMember;

// A part of JSON that was parsed. Valid as long as its JsonDocument.
class CURFEW_EXPORT JsonValue {
  public:
    explicit JsonValue(const void* node) noexcept : node_(node) {}
    const void* node() const noexcept { return node_; }

    bool is_null() const noexcept;
    bool is_array() const noexcept;
    bool is_object() const noexcept;

    std::vector<JsonValue> items() const;     // of an array
    std::vector<JsonMember> members() const;  // of an object, sorted by key

  private:
    const void* node_;  // a nlohmann::json
};

struct JsonMember {
    std::string_view key;
    JsonValue value;
};

class JsonDocument {
  public:
    explicit JsonDocument(std::shared_ptr<const void> root) noexcept : root_(std::move(root)) {}
    JsonValue root() const noexcept { return JsonValue(root_.get()); }

  private:
    std::shared_ptr<const void> root_;
};

// Refuses what is not UTF-8, not JSON, or nested deeper than kMaxDepth.
inline constexpr int kMaxDepth = 200;
CURFEW_EXPORT Converted<JsonDocument> parse(const Argument& argument);
CURFEW_EXPORT Converted<void> check_json(std::string_view text);

CURFEW_EXPORT std::string should_be(std::string_view expected, const Argument& but_is);
CURFEW_EXPORT std::string should_be(std::string_view expected, JsonValue but_is);
CURFEW_EXPORT std::string cannot_become(std::string_view type, const char* why);

inline bool is_null(const Argument& argument) { return !argument.is_bytes && argument.data == "null"; }
inline bool is_null(JsonValue value) { return value.is_null(); }

CURFEW_EXPORT Converted<bool> to_bool(const Argument& argument);
CURFEW_EXPORT Converted<bool> to_bool(JsonValue value);
CURFEW_EXPORT Converted<double> to_number(const Argument& argument);
CURFEW_EXPORT Converted<double> to_number(JsonValue value);
CURFEW_EXPORT Converted<std::string> to_text(const Argument& argument);
CURFEW_EXPORT Converted<std::string> to_text(JsonValue value);
CURFEW_EXPORT Converted<std::int64_t> to_signed(const Argument& argument, std::int64_t least, std::int64_t greatest);
CURFEW_EXPORT Converted<std::int64_t> to_signed(JsonValue value, std::int64_t least, std::int64_t greatest);
CURFEW_EXPORT Converted<std::uint64_t> to_unsigned(const Argument& argument, std::uint64_t greatest);
CURFEW_EXPORT Converted<std::uint64_t> to_unsigned(JsonValue value, std::uint64_t greatest);

CURFEW_EXPORT Outcome number_result(double number);
CURFEW_EXPORT Outcome integer_result(std::int64_t number);
CURFEW_EXPORT Outcome integer_result(std::uint64_t number);
CURFEW_EXPORT Outcome text_result(std::string_view text);
inline Outcome failed(std::string why) { return {Outcome::Kind::failed, std::move(why)}; }

// The same inside of arrays and objects.
CURFEW_EXPORT void append_number(std::string& json, double number);
CURFEW_EXPORT void append_integer(std::string& json, std::int64_t number);
CURFEW_EXPORT void append_integer(std::string& json, std::uint64_t number);
CURFEW_EXPORT void append_text(std::string& json, std::string_view text);  // may throw as refuse_result() does

// What a function returned is no JSON. Throws std::runtime_error with a message for the guest.
[[noreturn]] CURFEW_EXPORT void refuse_result(const char* why);

}  // namespace curfew::host::detail

#endif
