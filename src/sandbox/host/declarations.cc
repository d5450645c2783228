#include "sandbox/host/declarations.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"

namespace curfew::sandbox {

namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 32;  // in a schema
constexpr std::string_view kPromise = "promise of ";

bool is_identifier(std::string_view name) {
    const auto is_letter = [](char c) {
        const char lower = static_cast<char>(c | 0x20);
        return (lower >= 'a' && lower <= 'z') || c == '_' || c == '$';
    };
    return !name.empty() && is_letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string json_text(std::string_view text) {
    return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A comment, which no text ends before its end.
std::string comment(std::string_view text, const std::string& indent) {
    if (text.empty()) return {};
    std::string safe(text);
    for (std::size_t at = 0; (at = safe.find("*/", at)) != std::string::npos;) safe.replace(at, 2, "*\\/");
    while (safe.ends_with('\n')) safe.pop_back();
    if (!safe.contains('\n')) return indent + "/** " + safe + " */\n";
    std::string lines = indent + "/**\n" + indent + " * ";
    for (const char c : safe) {
        lines += c;
        if (c == '\n') lines += indent + " * ";
    }
    return lines + "\n" + indent + " */\n";
}

// --- From C++ types, by their names in a signature ---

enum class Side { argument, result };

std::string in_parentheses(std::string type) { return type.contains('|') ? '(' + type + ')' : type; }

std::string type_of(std::string_view name, Side side) {
    if (name.ends_with('?')) return type_of(name.substr(0, name.size() - 1), side) + " | null";
    if (name.ends_with("[]")) return in_parentheses(type_of(name.substr(0, name.size() - 2), side)) + "[]";
    if (name.starts_with('{') && name.ends_with('}')) {
        return "Record<string, " + type_of(name.substr(1, name.size() - 2), side) + '>';
    }
    if (name == "boolean" || name == "number" || name == "string" || name == "void") return std::string(name);
    if (name.starts_with("int") || name.starts_with("uint")) return "number";
    if (name == "bytes") return side == Side::result ? "Uint8Array" : "Uint8Array | ArrayBuffer | DataView";
    return "any";
}

// The names in "(int, {string?}) -> bytes".
std::vector<std::string_view> parameters_of(std::string_view list) {
    std::vector<std::string_view> names;
    int depth = 0;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i < list.size() && (list[i] == '{' || list[i] == '<' || list[i] == '(')) ++depth;
        if (i < list.size() && (list[i] == '}' || list[i] == '>' || list[i] == ')')) --depth;
        if (i < list.size() && (list[i] != ',' || depth > 0)) continue;
        if (i > from) names.push_back(list.substr(from, i - from));
        from = std::min(i + 2, list.size());
    }
    return names;
}

struct Signature {
    std::vector<std::string_view> parameters;
    std::string_view result;
    bool is_async = false;
    bool takes_any = false;
};

Signature parse(std::string_view text) {
    Signature signature{};
    const std::size_t arrow = text.rfind(") -> ");
    if (arrow == std::string_view::npos) return {.parameters = {}, .result = "any", .takes_any = true};
    signature.result = text.substr(arrow + 5);
    if (signature.result.starts_with(kPromise)) {
        signature.is_async = true;
        signature.result.remove_prefix(kPromise.size());
    }
    const std::string_view list = text.substr(1, arrow - 1);
    signature.takes_any = list == "..." || list == "json";
    if (!signature.takes_any) signature.parameters = parameters_of(list);
    return signature;
}

// --- From schemas ---

std::string type_of(const Json& schema, int depth);

std::string joined(const Json& all, const char* separator, int depth) {
    std::string text;
    for (const Json& one : all) text += (text.empty() ? "" : separator) + in_parentheses(type_of(one, depth + 1));
    return text.empty() ? "any" : text;
}

std::string type_of_object(const Json& schema, int depth) {
    const auto properties = schema.find("properties");
    const auto required = schema.find("required");
    std::string text;
    if (properties != schema.end() && properties->is_object()) {
        for (const auto& [name, type] : properties->items()) {
            const bool is_required = required != schema.end() && required->is_array() &&
                                     std::ranges::find(*required, Json(name)) != required->end();
            if (type.is_object() && type.contains("description") && type["description"].is_string()) {
                std::string said = comment(type["description"].get<std::string>(), "");
                std::ranges::replace(said, '\n', ' ');
                text += said;
            }
            text += (is_identifier(name) ? name : json_text(name)) + (is_required ? ": " : "?: ") +
                    type_of(type, depth + 1) + "; ";
        }
    }
    const auto more = schema.find("additionalProperties");
    const bool has_more = more != schema.end() && more->is_object();
    if (text.empty()) return "Record<string, " + (has_more ? type_of(*more, depth + 1) : std::string("any")) + '>';
    if (has_more) text += "[key: string]: any; ";
    return "{ " + text + '}';
}

std::string type_of_name(const std::string& name, const Json& schema, int depth) {
    if (name == "string" || name == "boolean" || name == "null") return name;
    if (name == "number" || name == "integer") return "number";
    if (name == "object") return type_of_object(schema, depth);
    if (name != "array") return "any";
    const auto items = schema.find("items");
    return items == schema.end() ? "any[]" : in_parentheses(type_of(*items, depth + 1)) + "[]";
}

std::string type_of(const Json& schema, int depth) {
    if (!schema.is_object() || depth > kDeepest) return "any";
    if (schema.contains("const")) return schema["const"].dump(-1, ' ', false, Json::error_handler_t::replace);
    if (const auto values = schema.find("enum"); values != schema.end() && values->is_array() && !values->empty()) {
        std::string text;
        for (const Json& value : *values)
            text += (text.empty() ? "" : " | ") + value.dump(-1, ' ', false, Json::error_handler_t::replace);
        return text;
    }
    for (const auto& [keyword, separator] : {std::pair("anyOf", " | "), {"oneOf", " | "}, {"allOf", " & "}}) {
        if (const auto all = schema.find(keyword); all != schema.end() && all->is_array()) {
            return joined(*all, separator, depth);
        }
    }
    const auto type = schema.find("type");
    if (type == schema.end()) return schema.contains("properties") ? type_of_object(schema, depth) : "any";
    if (type->is_string()) return type_of_name(type->get<std::string>(), schema, depth);
    if (!type->is_array()) return "any";
    std::string text;
    for (const Json& one : *type) {
        if (one.is_string()) text += (text.empty() ? "" : " | ") + type_of_name(one.get<std::string>(), schema, depth);
    }
    return text.empty() ? "any" : text;
}

// --- Declarations ---

// Of a function that takes anything: those that its description names, or any number.
std::string any_parameters(const std::vector<std::string>& names) {
    if (names.empty() || !std::ranges::all_of(names, is_identifier)) return "...args: any[]";
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name + ": any";
    return text;
}

std::string parameters_text(const Signature& signature, const HostDescription& said) {
    if (!said.input_schema.empty()) {
        const std::string name = said.parameters.empty() ? "input" : said.parameters.front();
        return name + ": " + type_of_schema(said.input_schema).value_or("any");
    }
    if (signature.takes_any) return any_parameters(said.parameters);
    std::string text;
    const auto& parameters = signature.parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        // Only what nothing else must follow may be left out.
        const bool may_miss = std::ranges::all_of(parameters.begin() + static_cast<std::ptrdiff_t>(i), parameters.end(),
                                                  [](std::string_view name) { return name.ends_with('?'); });
        const bool named = i < said.parameters.size() && is_identifier(said.parameters[i]);
        text += (i == 0 ? "" : ", ") + (named ? said.parameters[i] : "arg" + std::to_string(i + 1)) +
                (may_miss ? "?: " : ": ") + type_of(parameters[i], Side::argument);
    }
    return text;
}

std::string signature_text(std::string_view cpp_signature, const HostDescription& said) {
    if (!said.signature.empty()) return said.signature;
    const Signature signature = parse(cpp_signature);
    const std::string result = said.output_schema.empty() ? type_of(signature.result, Side::result)
                                                          : type_of_schema(said.output_schema).value_or("any");
    return '(' + parameters_text(signature, said) + "): " + (signature.is_async ? "Promise<" + result + '>' : result);
}

const HostDescription& description_of(const HostDescriptions* said, const std::string& function) {
    static const HostDescription nothing;
    if (said == nullptr) return nothing;
    const auto found = said->by_function.find(function);
    return found == said->by_function.end() ? nothing : found->second;
}

}  // namespace

Result<std::string> type_of_schema(std::string_view schema) {
    const Json parsed = Json::parse(schema, nullptr, false);
    if (!parsed.is_object()) return base::fail(ErrorCode::invalid_argument, "it is not a JSON object");
    return type_of(parsed, 0);
}

std::string declarations(std::span<const HostFunctionShape> shapes,
                         const std::function<const HostDescriptions*(std::string_view module)>& of) {
    std::string text;
    for (std::size_t i = 0; i < shapes.size();) {
        const std::string& module = shapes[i].module;
        const HostDescriptions* const descriptions = of(module);
        text += (text.empty() ? "" : "\n") + ("declare module " + json_text(module)) + " {\n";
        for (; i < shapes.size() && shapes[i].module == module; ++i) {
            const std::string& name = shapes[i].function;
            if (name.empty()) continue;
            const HostDescription& said = description_of(descriptions, name);
            const std::string signature = signature_text(shapes[i].signature, said);
            text += comment(said.comment, "  ");
            if (is_identifier(name)) {
                text += "  export function " + name + signature + ";\n";
            } else {
                const std::string local = "function_" + std::to_string(i);
                text +=
                    "  function " + local + signature + ";\n  export { " + local + " as " + json_text(name) + " };\n";
            }
        }
        text += "}\n";
    }
    return text;
}

}  // namespace curfew::sandbox
