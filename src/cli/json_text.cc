#include "cli/json_text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/utf8.h"

namespace curfew::cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Walks over the text once. The functions that take something return false when they met the fault.
class JsonWalk {
  public:
    explicit JsonWalk(std::string_view text) : text_(text) {}

    std::optional<JsonFault> find_fault() {
        if (take_values() && at_ != text_.size()) fail("something follows after the value's end");
        return fault_;
    }

  private:
    enum class Inside : std::uint8_t { array, object };

    // Takes one value with all that it holds, and the white space around it.
    bool take_values() {
        std::vector<Inside> open;
        while (true) {
            skip_space();
            const char first = peek();
            if (first == '{' || first == '[') {
                ++at_;
                skip_space();
                const Inside inside = first == '{' ? Inside::object : Inside::array;
                if (peek() != (inside == Inside::object ? '}' : ']')) {
                    open.push_back(inside);
                    if (inside == Inside::object && !take_key()) return false;
                    continue;
                }
                ++at_;
            } else if (!take_scalar()) {
                return false;
            }
            if (!take_ends(open)) return false;
            if (open.empty()) return true;
        }
    }

    // After a value: takes the ends of what ends here, then the comma and the key that lead to the next value.
    bool take_ends(std::vector<Inside>& open) {
        while (true) {
            skip_space();
            if (open.empty()) return true;
            const bool in_object = open.back() == Inside::object;
            if (peek() == ',') {
                ++at_;
                return !in_object || take_key();
            }
            if (peek() != (in_object ? '}' : ']')) {
                return fail(in_object ? "a comma or } is missing" : "a comma or ] is missing");
            }
            ++at_;
            open.pop_back();
        }
    }

    bool take_key() {
        skip_space();
        if (peek() != '"') return fail("a key in double quotes is missing");
        if (!take_string()) return false;
        skip_space();
        if (peek() != ':') return fail("a colon is missing");
        ++at_;
        return true;
    }

    bool take_scalar() {
        const char first = peek();
        if (first == '"') return take_string();
        if (first == '-' || is_digit(first)) return take_number();
        for (const std::string_view word : {"true", "false", "null"}) {
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return true;
            }
        }
        return fail("a value is missing");
    }

    bool take_number() {
        if (peek() == '-') ++at_;
        if (peek() == '0') {
            ++at_;
            if (is_digit(peek())) return fail("a number starts with a zero that is not needed");
        } else if (!take_digits()) {
            return false;
        }
        if (peek() == '.') {
            ++at_;
            if (!take_digits()) return false;
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!take_digits()) return false;
        }
        return true;
    }

    bool take_digits() {
        if (!is_digit(peek())) return fail("a digit is missing");
        while (is_digit(peek())) ++at_;
        return true;
    }

    bool take_string() {
        ++at_;  // the quote
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (c == '\\') {
                if (!take_escape()) return false;
                continue;
            }
            if (static_cast<std::uint8_t>(c) < 0x20) return fail("a control character stands in a string unescaped");
            const std::size_t length = base::utf8_length(text_.substr(at_));
            if (length == 0) return fail("a string is not UTF-8");
            at_ += length;
        }
        return fail("a string does not end");
    }

    bool take_escape() {
        ++at_;  // the backslash
        if (peek() == 'u') {
            ++at_;
            for (int i = 0; i < 4; ++i, ++at_) {
                if (!is_hex_digit(peek())) return fail("a \\u escape has less than four hexadecimal digits");
            }
            return true;
        }
        if (at_ == text_.size() || std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) {
            return fail("a backslash stands before something that JSON does not escape");
        }
        ++at_;
        return true;
    }

    void skip_space() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
    }

    // A NUL cannot stand outside a string, so it serves for the text's end.
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool fail(std::string_view reason) {
        fault_ = JsonFault{at_, at_ == text_.size() ? "it ends too soon: " + std::string(reason) : std::string(reason)};
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::optional<JsonFault> fault_;
};

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text) { return JsonWalk(text).find_fault(); }

std::size_t json_depth(std::string_view text) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

}  // namespace curfew::cli
