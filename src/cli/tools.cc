#include "cli/tools.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "cli/input.h"

namespace curfew::cli {
namespace {

using Json = nlohmann::json;

std::unexpected<Error> wrong(const std::string& what, const std::string& reason) {
    return base::fail(ErrorCode::invalid_argument, what + " " + reason);
}

// The first of these members that there is.
const Json* member(const Json& object, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (const auto found = object.find(name); found != object.end() && !found->is_null()) return &*found;
    }
    return nullptr;
}

// Empty: there is none.
Result<std::string> schema_of(const Json& tool, std::initializer_list<const char*> names, const std::string& what) {
    const Json* schema = member(tool, names);
    if (schema == nullptr) return std::string();
    if (!schema->is_object()) return wrong(what, "has a schema that is not an object.");
    return schema->dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Tool> parse_tool(const Json& listed, const std::string& what) {
    if (!listed.is_object()) return wrong(what, "is not an object.");
    const Json* inner = member(listed, {"function"});
    const Json& tool = inner != nullptr && inner->is_object() ? *inner : listed;
    const Json* name = member(tool, {"name"});
    if (name == nullptr || !name->is_string()) return wrong(what, "has no name.");
    const auto text = name->get<std::string>();
    const auto parts = text.contains('.') ? parse_function_name(text)
                                          : std::optional(HostFunctionName{std::string(kModuleOfTools), text});
    if (!parts || text.empty()) {
        return wrong(what, "has the name " + base::in_quotes(text) + "; take one such as delete or tools.delete.");
    }
    const std::string named = what + ", " + base::in_quotes(text) + ",";
    Result<std::string> input = schema_of(tool, {"inputSchema", "input_schema", "parameters"}, named);
    if (!input) return std::unexpected(std::move(input.error()));
    Result<std::string> output = schema_of(tool, {"outputSchema", "output_schema"}, named);
    if (!output) return std::unexpected(std::move(output.error()));
    Tool made{.name = *parts, .description = {}};
    made.description.input_schema = std::move(*input);
    made.description.output_schema = std::move(*output);
    if (const Json* said = member(tool, {"description"})) {
        if (!said->is_string()) return wrong(named, "has a description that is not a text.");
        made.description.comment = said->get<std::string>();
    }
    return made;
}

}  // namespace

std::optional<HostFunctionName> parse_function_name(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return std::nullopt;
    return HostFunctionName{std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

Result<std::vector<Tool>> parse_tools(std::string_view json, const std::string& what) {
    const Json parsed = Json::parse(json, nullptr, false);
    if (parsed.is_discarded()) return wrong(what, "is not valid JSON.");
    const Json* listed = parsed.is_object() ? member(parsed, {"tools"}) : &parsed;
    if (listed == nullptr || !listed->is_array()) {
        return wrong(what, "has no list of tools: it is an array of them, or an object whose \"tools\" are that.");
    }
    if (listed->size() > kMostTools) {
        return wrong(what, "has more than " + std::to_string(kMostTools) + " tools.");
    }
    std::vector<Tool> tools;
    for (const Json& one : *listed) {
        Result<Tool> tool = parse_tool(one, what + ": tool " + std::to_string(tools.size() + 1));
        if (!tool) return std::unexpected(std::move(tool.error()));
        if (std::ranges::find(tools, tool->name, &Tool::name) != tools.end()) {
            return wrong(what, "has " + tool->name.module + "." + tool->name.function + " twice.");
        }
        tools.push_back(std::move(*tool));
    }
    return tools;
}

Result<std::vector<Tool>> tools_of(const SandboxOptions& options) {
    std::vector<Tool> tools;
    if (options.tools) {
        const Result<std::string> text = read_file(*options.tools, Input{}, "The file of tools");
        if (!text) return std::unexpected(text.error());
        Result<std::vector<Tool>> listed = parse_tools(*text, "The file of tools " + *options.tools);
        if (!listed) return listed;
        tools = std::move(*listed);
    }
    for (const HostFunctionName& name : options.left_open) {
        if (std::ranges::find(tools, name, &Tool::name) == tools.end()) tools.push_back({name, {}});
    }
    return tools;
}

}  // namespace curfew::cli
