#include "cli/hint.h"

namespace curfew::cli {
namespace {

bool has_jsx(std::string_view file) { return file.ends_with(".tsx"); }

}  // namespace

std::string hint_for(const Error& error, Stage stage, std::string_view file, std::string_view source) {
    const std::string_view message = error.message;
    if (error.code == ErrorCode::cancelled) {
        if (stage == Stage::calling) return {};
        return "The script was still being loaded: its handler has not been called.";
    }
    if (has_jsx(file) && message.contains("SyntaxError")) {
        return "This is TypeScript with JSX, which Curfew does not take: translate it first, for example with esbuild "
               "or tsc.";
    }
    if (message.contains("has no handler") && source.contains("export default")) {
        return "A default export is not looked for: write export function handler(event) { ... }.";
    }
    if (message.contains("module is not defined") || message.contains("exports is not defined")) {
        return "A script is an ES module: in place of module.exports, write export function handler(event) { ... }.";
    }
    if (message.contains("no way to the network")) {
        return "A handler has no network unless it is given one: --fetch ORIGIN lets it fetch from there.";
    }
    return {};
}

}  // namespace curfew::cli
