#include "sandbox/error_description.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/utf8.h"

namespace curfew::sandbox {

namespace {

constexpr std::size_t kLongestDescription = 4 << 20;
constexpr std::size_t kMostValues = 20'000;
constexpr std::size_t kLongestFile = 4096;

class Reader {
  public:
    explicit Reader(const FindSource& find_source) : find_source_(find_source) {}

    std::shared_ptr<const ErrorDetails> read(const Value& described, std::size_t depth) {
        if (described.get_if<Value::Object>() == nullptr || ++count_ > ErrorDetails::kMostErrors) return nullptr;
        auto details = std::make_shared<ErrorDetails>();
        details->name = text(described["name"]);
        details->message = text(described["message"]);
        details->stack = text(described["stack"]);
        while (details->stack.ends_with('\n')) details->stack.pop_back();
        details->value = described["value"];
        find_place(details->stack, *details);
        if (details->line != 0 && find_source_) {
            if (const auto source = find_source_(details->file)) find_source_line(*source, *details);
        }
        if (depth >= ErrorDetails::kMostCauses) return details;
        details->cause = read(described["cause"], depth + 1);
        if (const auto* const errors = described["errors"].get_if<Value::Array>()) {
            for (const Value& each : *errors) {
                if (auto error = read(each, depth + 1)) details->errors.push_back(std::move(error));
            }
        }
        return details;
    }

  private:
    static std::string text(const Value& value) {
        const auto* const found = value.get_if<std::string>();
        return found != nullptr ? std::string(base::utf8_start(*found, ErrorDetails::kLongestText)) : std::string();
    }

    const FindSource& find_source_;
    std::size_t count_ = 0;
};

// Takes ":14" off the text's end.
std::optional<std::uint32_t> take_number(std::string_view& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    text = text.substr(0, colon);
    return number;
}

// "f (handler.js:3:14)" or "handler.js:3:14".
bool read_frame(std::string_view frame, ErrorDetails& details) {
    if (frame.ends_with(')')) {
        const std::size_t open = frame.rfind(" (");
        if (open == std::string_view::npos) return false;
        frame = frame.substr(open + 2, frame.size() - open - 3);
    } else if (frame.starts_with("async ")) {
        frame.remove_prefix(6);
    }
    const auto column = take_number(frame);
    if (!column) return false;
    const auto line = take_number(frame);
    if (!line || *line == 0 || frame.empty() || frame.size() > kLongestFile || frame.starts_with("node:")) return false;
    details.file = frame;
    details.line = *line;
    details.column = *column;
    return true;
}

}  // namespace

void find_place(std::string_view stack, ErrorDetails& details) {
    constexpr std::string_view kFrame = "    at ";
    while (!stack.empty()) {
        const std::size_t end = std::min(stack.find('\n'), stack.size());
        const std::string_view line = stack.substr(0, end);
        stack.remove_prefix(std::min(end + 1, stack.size()));
        if (line.starts_with(kFrame) && read_frame(line.substr(kFrame.size()), details)) return;
    }
}

void find_source_line(std::string_view source, ErrorDetails& details) {
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < details.line; ++line) {
        begin = source.find('\n', begin);
        if (begin == std::string_view::npos) return;
        ++begin;
    }
    std::string_view line = source.substr(begin, source.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    details.source_column = details.column;
    if (line.size() > ErrorDetails::kLongestSourceLine) {
        // Columns count characters; in a line this long, as in minified code, they are bytes nearly always.
        const std::size_t at = std::min<std::size_t>(details.column, line.size());
        std::size_t first = at > ErrorDetails::kLongestSourceLine / 2 ? at - ErrorDetails::kLongestSourceLine / 2 : 0;
        while (first > 0 && (static_cast<unsigned char>(line[first]) & 0xc0U) == 0x80U) --first;
        line = base::utf8_start(line.substr(first), ErrorDetails::kLongestSourceLine);
        details.source_column = details.column - static_cast<std::uint32_t>(first);
    }
    details.source_line = line;
}

std::shared_ptr<const ErrorDetails> with_other_places(const ErrorDetails& details,
                                                      const std::function<std::string(std::string_view stack)>& mapped,
                                                      const FindSource& find_source) {
    auto other = std::make_shared<ErrorDetails>(details);
    other->stack = mapped(details.stack);
    if (other->stack != details.stack) {
        other->file.clear();
        other->source_line.clear();
        other->line = other->column = other->source_column = 0;
        find_place(other->stack, *other);
        if (other->line != 0 && find_source) {
            if (const auto source = find_source(other->file)) find_source_line(*source, *other);
        }
    }
    if (details.cause) other->cause = with_other_places(*details.cause, mapped, find_source);
    for (auto& each : other->errors) each = with_other_places(*each, mapped, find_source);
    return other;
}

std::shared_ptr<const ErrorDetails> read_error_description(std::string_view cbor, const FindSource& find_source) {
    if (cbor.size() > kLongestDescription) return nullptr;
    const auto described = Value::from_cbor(cbor, {.depth = 64, .values = kMostValues});
    return described ? Reader(find_source).read(*described, 0) : nullptr;
}

}  // namespace curfew::sandbox
