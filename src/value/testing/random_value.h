// Random values of every kind, for tests.
#ifndef CURFEW_VALUE_TESTING_RANDOM_VALUE_H
#define CURFEW_VALUE_TESTING_RANDOM_VALUE_H

#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include <curfew/value.h>

namespace curfew::value::testing {

// The same for the same seed.
class RandomValues {
  public:
    explicit RandomValues(unsigned seed) : engine_(seed) {}
    std::size_t below(std::size_t end) { return engine_() % end; }
    std::string text() {
        std::string out;
        for (std::size_t i = below(12); i > 0; --i)
            out += below(8) == 0 ? "\u00e9" : std::string(1, static_cast<char>('a' + below(26)));
        return out;
    }
    Value value(int depth) {
        switch (below(depth > 4 ? 10 : 17)) {
            case 0: return {};
            case 1: return nullptr;
            case 2: return below(2) == 0;
            case 3: return static_cast<std::int64_t>(below(2000)) - 1000;
            case 4: return std::ldexp(static_cast<double>(engine_()) - 2e9, static_cast<int>(below(200)) - 100);
            case 5: return text();
            case 6: return Value::Date{static_cast<double>(engine_()) * 1000 + static_cast<double>(below(1000))};
            case 7: return Value::RegExp{text() + "r", "g"};  // JavaScript writes an empty one as (?:)
            case 8: {
                Value::BigInt big{.negative = below(2) == 0, .magnitude = {std::byte{1}}};
                for (std::size_t i = below(20); i > 0; --i) big.magnitude.push_back(static_cast<std::byte>(engine_()));
                return big;
            }
            case 9: {
                const auto view = static_cast<Value::View>(below(14));
                return Value::Bytes{std::vector<std::byte>(8 * below(4), static_cast<std::byte>(engine_())), view};
            }
            case 10: return Value::Array{value(depth + 1), value(depth + 1)};
            case 11: return object(depth);
            case 12: return Value::Map{{{value(depth + 1), value(depth + 1)}, {text() + "!", 1}}};
            case 13: return Value::Set{{value(depth + 1), "member"}};
            case 14:
                return Value::Exception{
                    .name = "TypeError", .message = text(), .stack = text(), .fields = object(depth)};
            default: {
                const Value shared = value(depth + 1);
                return Value::Array{shared, shared, value(depth + 1)};
            }
        }
    }
    Value::Object object(int depth) {
        Value::Object members;
        for (std::size_t i = below(4); i > 0; --i)
            members.emplace_back("k" + text() + std::to_string(i), value(depth + 1));
        return members;
    }

  private:
    std::mt19937 engine_;
};

}  // namespace curfew::value::testing

#endif
