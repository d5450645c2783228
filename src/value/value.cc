#include <algorithm>
#include <bit>
#include <cmath>

#include <curfew/value.h>

namespace curfew {

namespace {

constexpr std::uint64_t kGreatestSafe = std::uint64_t{1} << 53;

bool same_number(double a, double b) noexcept {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// Compares two values. What stands for a part around it or before it is the same if that part is, whatever their labels.
class Comparison {
  public:
    bool same(const Value& a, const Value& b) {
        if (a.kind() != b.kind()) return false;
        if (a.label() != 0 && b.label() != 0) labels_.emplace_back(a.label(), b.label());
        switch (a.kind()) {
            case Value::Kind::undefined:
            case Value::Kind::null: return true;
            case Value::Kind::boolean: return *a.get_if<bool>() == *b.get_if<bool>();
            case Value::Kind::number: return same_number(*a.get_if<double>(), *b.get_if<double>());
            case Value::Kind::string: return *a.get_if<std::string>() == *b.get_if<std::string>();
            case Value::Kind::date:
                return same_number(a.get_if<Value::Date>()->milliseconds, b.get_if<Value::Date>()->milliseconds);
            case Value::Kind::cycle: return same_part(*a.get_if<Value::Cycle>(), *b.get_if<Value::Cycle>());
            case Value::Kind::bigint: return held<Value::BigInt>(a, b);
            case Value::Kind::bytes: return held<Value::Bytes>(a, b);
            case Value::Kind::regexp: return held<Value::RegExp>(a, b);
            case Value::Kind::array: return held<Value::Array>(a, b);
            case Value::Kind::object: return held<Value::Object>(a, b);
            case Value::Kind::map: return held<Value::Map>(a, b);
            case Value::Kind::set: return held<Value::Set>(a, b);
            case Value::Kind::exception: return held<Value::Exception>(a, b);
        }
        return false;
    }

  private:
    template <typename T>
    bool held(const Value& a, const Value& b) {
        const T& of_a = *a.get_if<T>();
        const T& of_b = *b.get_if<T>();
        return &of_a == &of_b || same(of_a, of_b);
    }
    bool same_part(Value::Cycle a, Value::Cycle b) const {
        const auto known = std::ranges::find(labels_.rbegin(), labels_.rend(), a.label, &Labels::first);
        return known == labels_.rend() ? a == b : known->second == b.label;
    }
    template <typename T>
    bool same(const T& a, const T& b) {
        return a == b;
    }
    template <typename A, typename B>
    bool same(const std::pair<A, B>& a, const std::pair<A, B>& b) {
        return same(a.first, b.first) && same(a.second, b.second);
    }
    template <typename T>
    bool same(const std::vector<T>& a, const std::vector<T>& b) {
        return std::ranges::equal(a, b, [this](const T& one, const T& other) { return same(one, other); });
    }
    bool same(const Value::Map& a, const Value::Map& b) { return same(a.entries, b.entries); }
    bool same(const Value::Set& a, const Value::Set& b) { return same(a.members, b.members); }
    bool same(const Value::Exception& a, const Value::Exception& b) {
        return a.name == b.name && a.message == b.message && a.stack == b.stack && same(a.fields, b.fields);
    }

    using Labels = std::pair<std::uint32_t, std::uint32_t>;
    std::vector<Labels> labels_;  // of parts that stand in the same place
};

template <typename T>
std::shared_ptr<const T> share(T&& value) {
    return std::make_shared<const T>(std::forward<T>(value));
}

const Value& nothing() noexcept {
    static const Value undefined;
    return undefined;
}

}  // namespace

Value::Value(BigInt value) : held_(share(std::move(value))) {}
Value::Value(Bytes value) : held_(share(std::move(value))) {}
Value::Value(std::vector<std::byte> value) : Value(Bytes{.data = std::move(value)}) {}
Value::Value(RegExp value) : held_(share(std::move(value))) {}
Value::Value(Array value) : held_(share(std::move(value))) {}
Value::Value(Object value) : held_(share(std::move(value))) {}
Value::Value(Map value) : held_(share(std::move(value))) {}
Value::Value(Set value) : held_(share(std::move(value))) {}
Value::Value(Exception value) : held_(share(std::move(value))) {}

Value Value::of_integer(bool negative, std::uint64_t magnitude) {
    if (magnitude <= kGreatestSafe) {
        const auto number = static_cast<double>(magnitude);
        return negative ? -number : number;
    }
    BigInt big{.negative = negative};
    for (int shift = 56; shift >= 0; shift -= 8) {
        const auto byte = static_cast<std::byte>(magnitude >> shift);
        if (byte != std::byte{} || !big.magnitude.empty()) big.magnitude.push_back(byte);
    }
    return big;
}

const Value& Value::operator[](std::string_view name) const noexcept {
    const auto* const object = get_if<Object>();
    if (object == nullptr) return nothing();
    const auto found = std::ranges::find(*object, name, &Member::first);
    return found == object->end() ? nothing() : found->second;
}

const Value& Value::operator[](std::size_t index) const noexcept {
    const auto* const array = get_if<Array>();
    return array != nullptr && index < array->size() ? (*array)[index] : nothing();
}

bool Value::is_shared() const noexcept {
    return std::visit(
        [](const auto& held) {
            if constexpr (requires { held.use_count(); }) {
                return held.use_count() > 1;
            } else {
                return false;
            }
        },
        held_);
}

bool operator==(const Value& a, const Value& b) { return Comparison().same(a, b); }

}  // namespace curfew
