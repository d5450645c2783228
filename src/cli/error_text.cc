#include "cli/error_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

#include <curfew/error_details.h>

#include "base/text.h"
#include "base/utf8.h"

namespace curfew::cli {

namespace {

using Json = nlohmann::ordered_json;

// How many places the text takes, if each character takes one.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

// The bytes before a column, which counts characters from 1.
std::string_view before_column(std::string_view text, std::size_t column) {
    std::size_t size = 0;
    for (std::size_t seen = 1; seen < column && size < text.size(); ++seen) {
        size += std::max<std::size_t>(1, base::utf8_length(text.substr(size)));
    }
    return text.substr(0, size);
}

// A value as JSON: without what JSON cannot hold.
Json value_json(const Value& value) {
    const auto whole = value.to_json();
    if (whole) return Json::parse(*whole);
    Json json = Json::object();
    if (const auto* const members = value.get_if<Value::Object>()) {
        for (const auto& [name, each] : *members) {
            if (const auto text = each.to_json(); text && !each.is_undefined()) json[name] = Json::parse(*text);
        }
    }
    return json;
}

void add_details(Json& json, const ErrorDetails& details) {
    if (!details.name.empty()) json["name"] = details.name;
    if (details.line != 0) {
        json["file"] = details.file;
        json["line"] = details.line;
        json["column"] = details.column;
    }
    if (!details.source_line.empty()) json["source_line"] = details.source_line;
    if (details.name.empty()) {
        json["value"] = value_json(details.value);
    } else if (const auto* const fields = details.value.get_if<Value::Object>();
               fields != nullptr && !fields->empty()) {
        json["properties"] = value_json(details.value);
    }
    const auto below = [](const ErrorDetails& other) {
        Json one{{"message", other.message}};
        if (!other.stack.empty()) one["stack"] = other.stack;
        add_details(one, other);
        return one;
    };
    if (details.cause) json["cause"] = below(*details.cause);
    for (const auto& each : details.errors) json["errors"].push_back(below(*each));
}

// Each line of a text behind a line feed and so many blanks.
std::string indented(std::string_view text, std::size_t indent) {
    std::string lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        lines += '\n' + std::string(indent, ' ') + base::escaped(line);
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    return lines;
}

// What caused an error, and the errors of an AggregateError, below it.
std::string causes_of(const ErrorDetails& details, std::size_t indent) {
    std::string text;
    const auto add = [&](const std::string& mark, const ErrorDetails& other) {
        const std::string name = other.name.empty() || other.message.empty() ? other.name : other.name + ": ";
        text += '\n' + std::string(indent, ' ') + mark + base::escaped(name + other.message) +
                indented(other.stack, indent) + causes_of(other, indent + 2);
    };
    if (details.cause) add("[cause]: ", *details.cause);
    for (std::size_t i = 0; i < details.errors.size(); ++i) {
        add("[errors][" + std::to_string(i) + "]: ", *details.errors[i]);
    }
    return text;
}

}  // namespace

std::string causes(const Error& error) {
    const bool are_in_stack = error.stack.contains("[cause]: ") || error.stack.contains("[errors]: ");
    return error.details && !are_in_stack ? causes_of(*error.details, 2) : std::string();
}

std::string source_excerpt(const Error& error) {
    if (!error.details || error.details->source_line.empty()) return {};
    constexpr std::size_t kWidest = 160;
    const ErrorDetails& details = *error.details;
    std::string line = details.source_line;
    std::ranges::replace(line, '\t', ' ');
    std::size_t first = before_column(line, details.source_column).size();
    const std::size_t caret = first;
    if (line.size() > kWidest) {
        first = caret > kWidest / 2 ? caret - kWidest / 2 : 0;
        while (first > 0 && (static_cast<unsigned char>(line[first]) & 0xc0U) == 0x80U) --first;
        line = base::utf8_start(std::string_view(line).substr(first), kWidest);
    } else {
        first = 0;
    }
    const std::string number = std::to_string(details.line);
    const std::string before = base::escaped(std::string_view(line).substr(0, std::min(caret - first, line.size())));
    return "  " + number + " | " + base::escaped(line) + "\n  " + std::string(number.size(), ' ') + " | " +
           std::string(width_of(before), ' ') + "^\n";
}

Json error_json(const Error& error) {
    Json json{{"code", to_string(error.code)}, {"message", error.message}, {"ran", error.ran}};
    if (!error.stack.empty()) json["stack"] = error.stack;
    if (error.details) add_details(json, *error.details);
    return json;
}

}  // namespace curfew::cli
