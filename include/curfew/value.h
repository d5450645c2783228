// Values as JavaScript has them, beyond what JSON can hold: bytes, undefined, NaN, BigInt, Date, Map, Set, RegExp, typed
// arrays, errors, and objects that are shared or contain themselves. They pass between host and guest as CBOR (RFC 8949).
//
//   curfew::Value event = curfew::Value::Object{{"name", "World"}, {"picture", bytes}};
//   auto done = loaded.handle_event("greet", event);
//   if (const auto* name = done->result["name"].get_if<std::string>()) ...
//
// A Value is cheap to copy: copies share what they hold, and none can change it for the others. Different Values may be
// used by different threads, also where they share something. docs/values.md says what becomes of which.
#ifndef CURFEW_VALUE_H
#define CURFEW_VALUE_H

#include <curfew/language.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/usage.h>

namespace curfew {

class CURFEW_EXPORT Value {
  public:
    struct Undefined {
        friend bool operator==(Undefined, Undefined) = default;
    };
    // A whole number of any size.
    struct BigInt {
        bool negative = false;
        std::vector<std::byte> magnitude{};  // the most significant byte first, without zeros in front; empty: 0
        friend bool operator==(const BigInt&, const BigInt&) = default;
    };
    struct Date {
        double milliseconds = 0;  // since 1970; NaN: an invalid date
    };
    struct RegExp {
        std::string source{};
        std::string flags{};
        friend bool operator==(const RegExp&, const RegExp&) = default;
    };
    // What a guest sees the bytes as.
    enum class View : std::uint8_t {
        uint8,  // a Uint8Array, for bytes that are just bytes
        uint8_clamped,
        int8,
        uint16,
        int16,
        uint32,
        int32,
        biguint64,
        bigint64,
        float16,
        float32,
        float64,
        array_buffer,
        data_view,
    };
    struct Bytes {
        std::vector<std::byte> data{};  // numbers with the least significant byte first
        View view = View::uint8;
        friend bool operator==(const Bytes&, const Bytes&) = default;
    };
    using Array = std::vector<Value>;
    using Member = std::pair<std::string, Value>;
    // In the order in which they were given, as in JavaScript. A name stands once.
    using Object = std::vector<Member>;
    struct Map {
        std::vector<std::pair<Value, Value>> entries{};
    };
    struct Set {
        std::vector<Value> members{};
    };
    // `cause` and `errors` are among the fields, if there are any.
    struct Exception {
        std::string name{};  // "TypeError"
        std::string message{};
        std::string stack{};
        Object fields{};
    };
    // Stands for the value around it that has this label(): an object that contains itself.
    struct Cycle {
        std::uint32_t label = 0;
        friend bool operator==(Cycle, Cycle) = default;
    };

    enum class Kind {
        undefined,
        null,
        boolean,
        number,
        date,
        cycle,
        string,
        bigint,
        bytes,
        regexp,
        array,
        object,
        map,
        set,
        exception,
    };

    Value() noexcept = default;  // undefined. NOLINTBEGIN(google-explicit-constructor): these are values
    Value(std::nullptr_t) noexcept : held_(nullptr) {}
    template <std::same_as<bool> T>
    Value(T value) noexcept : held_(value) {}
    // Integers beyond 2^53, which a number of JavaScript cannot hold, become a BigInt.
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Value(T value) : Value(of_integer(value < 0, value < 0 ? 0 - std::uint64_t(value) : std::uint64_t(value))) {}
    Value(double value) noexcept : held_(value) {}
    Value(std::string value) noexcept : held_(std::move(value)) {}
    Value(std::string_view value) : held_(std::string(value)) {}
    Value(const char* value) : held_(std::string(value)) {}
    Value(Undefined value) noexcept : held_(value) {}
    Value(Date value) noexcept : held_(value) {}
    Value(Cycle value) noexcept : held_(value) {}
    Value(BigInt value);
    Value(Bytes value);
    Value(std::vector<std::byte> value);  // a Uint8Array
    Value(RegExp value);
    Value(Array value);
    Value(Object value);
    Value(Map value);
    Value(Set value);
    Value(Exception value);  // NOLINTEND(google-explicit-constructor)

    [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(held_.index()); }
    [[nodiscard]] bool is_undefined() const noexcept { return kind() == Kind::undefined; }
    [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }

    // What it holds, if it is of this type: bool, double, std::string or one of the above. Else null. Valid until the Value
    // is changed or destroyed.
    template <typename T>
    [[nodiscard]] const T* get_if() const noexcept {
        if constexpr (kIsInline<T>) {
            return std::get_if<T>(&held_);
        } else {
            const auto* shared = std::get_if<std::shared_ptr<const T>>(&held_);
            return shared ? shared->get() : nullptr;
        }
    }

    // A member of an object, or an item of an array; undefined if there is none. A member is looked for in all of them.
    [[nodiscard]] const Value& operator[](std::string_view name) const noexcept;
    [[nodiscard]] const Value& operator[](std::size_t index) const noexcept;
    [[nodiscard]] const Value& operator[](const char* name) const noexcept { return (*this)[std::string_view(name)]; }
    [[nodiscard]] const Value& operator[](int index) const noexcept {
        return (*this)[index < 0 ? SIZE_MAX : static_cast<std::size_t>(index)];
    }

    // Whether another Value holds the same object: this one's copy, or a part of the same whole.
    [[nodiscard]] bool is_shared() const noexcept;

    // Not 0 for what a Cycle inside of it stands for. Decoding gives labels; whoever makes a value that contains itself does.
    [[nodiscard]] std::uint32_t label() const noexcept { return label_; }
    Value& with_label(std::uint32_t label) noexcept {
        label_ = label;
        return *this;
    }

    // The same value in JavaScript's sense (Object.is) all through: NaN is NaN, and 0 is not -0. Objects have the same members
    // in the same order. Which parts are shared makes no difference.
    friend CURFEW_EXPORT bool operator==(const Value& a, const Value& b);

    // How much of it is read.
    struct Bounds {
        std::size_t depth = 200;         // of values in each other
        std::size_t values = 1'000'000;  // in all; one that stands in several places counts for each
    };

    // CBOR, as one item. The error says at which byte it is wrong, and how. Nothing larger than the bytes that there are is
    // allocated for them, but for a Value of 48 bytes for each.
    [[nodiscard]] static Result<Value> from_cbor(std::string_view cbor,
                                                 Bounds bounds = {.depth = 200, .values = 1'000'000});
    // Fails for what is nested deeper than 1,000 levels, for text that is not UTF-8, and for a Cycle without its value.
    [[nodiscard]] Result<std::string> to_cbor() const;

    // JSON. Fails with the offset for what is none, and is read within the same bounds. Of several members of one name the last stays.
    [[nodiscard]] static Result<Value> from_json(std::string_view json,
                                                 Bounds bounds = {.depth = 200, .values = 1'000'000});
    // As JSON.stringify has it: a member that is undefined is left out, NaN becomes null, a Date its text. Fails, with the place,
    // for what JSON cannot hold: bytes, BigInt, Map, Set, RegExp, errors, what contains itself. Also for more than `longest` bytes, since
    // parts that are shared are written out each time.
    [[nodiscard]] Result<std::string> to_json(std::size_t longest = std::size_t{64} << 20) const;

    // JSON to show, not to read back: what JSON cannot hold is an object with one name that begins with `$`, such as
    // {"$bytes": BASE64}, {"$bigint": "12"}, {"$map": [[key, value]]}; docs/values.md lists them. Text that is not UTF-8 is
    // replaced. Fails for more than `longest` bytes, and for what is nested deeper than 1,000 levels.
    [[nodiscard]] Result<std::string> to_shown_json(std::size_t longest = std::size_t{64} << 20) const;

  private:
    template <typename T>
    static constexpr bool kIsInline =
        std::same_as<T, Undefined> || std::same_as<T, std::nullptr_t> || std::same_as<T, bool> ||
        std::same_as<T, double> || std::same_as<T, Date> || std::same_as<T, Cycle> || std::same_as<T, std::string>;
    static Value of_integer(bool negative, std::uint64_t magnitude);

    template <typename T>
    using Shared = std::shared_ptr<const T>;
    std::variant<Undefined, std::nullptr_t, bool, double, Date, Cycle, std::string, Shared<BigInt>, Shared<Bytes>,
                 Shared<RegExp>, Shared<Array>, Shared<Object>, Shared<Map>, Shared<Set>, Shared<Exception>>
        held_;
    std::uint32_t label_ = 0;
};

// What LoadedSandbox::handle_event() gives for a Value.
struct ValueResult {
    Value result;
    Usage usage;
};

}  // namespace curfew

#endif
