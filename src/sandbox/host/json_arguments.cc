// Arguments that functions of the host get as JSON text: what is checked of them.
#include <nlohmann/json.hpp>

#include <curfew/host/detail/typed_function.h>

namespace curfew::host::detail {

using Json = nlohmann::json;

namespace {

// What is wrong with an argument that should be JSON, or nothing.
std::string wrong_with(const Argument& argument) {
    if (auto checked = check_json(argument.data); !checked) return std::move(checked.error());
    return Json::accept(argument.data) ? std::string() : "is not JSON that can be read";
}

Outcome bad_argument(std::size_t index, const std::string& wrong) {
    return {Outcome::Kind::bad_arguments, "argument " + std::to_string(index + 1) + " " + wrong};
}

}  // namespace

Outcome check(std::span<const Argument> arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].is_bytes) continue;
        if (const std::string wrong = wrong_with(arguments[i]); !wrong.empty()) return bad_argument(i, wrong);
    }
    return {};
}

Outcome join(std::span<const Argument> arguments, std::string& array) {
    std::size_t size = 2;
    for (const Argument& argument : arguments) size += argument.data.size() + 1;
    array.reserve(size);
    array += '[';
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Argument& argument = arguments[i];
        const std::string wrong = argument.is_bytes ? "should be JSON, but is bytes" : wrong_with(argument);
        if (!wrong.empty()) return bad_argument(i, wrong);
        if (i > 0) array += ',';
        array += argument.data;
    }
    array += ']';
    return {};
}

}  // namespace curfew::host::detail
