// The texts of what a sandbox has loaded, to show a line of them where an error was thrown.
#ifndef CURFEW_SANDBOX_SCRIPT_SOURCES_H
#define CURFEW_SANDBOX_SCRIPT_SOURCES_H

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/script.h>

#include "sandbox/modules/module_resolver.h"

namespace curfew::sandbox {

// Scripts by their names. Shared by a sandbox with its snapshots, and with what starts from those in this process.
using ScriptSources = std::map<std::string, std::shared_ptr<const std::string>, std::less<>>;

// Of scripts by their handlers' names.
inline std::shared_ptr<const ScriptSources> sources_of(const std::vector<std::pair<std::string, Script>>& scripts) {
    auto sources = std::make_shared<ScriptSources>();
    for (const auto& [handler, script] : scripts) {
        sources->insert_or_assign(script.name(), std::make_shared<const std::string>(script.source()));
    }
    return sources;
}

// The same with one more, or with another in place of one of the same name. `sources` may be null.
inline std::shared_ptr<const ScriptSources> with_source(const ScriptSources* sources, const Script& script) {
    auto more = sources != nullptr ? std::make_shared<ScriptSources>(*sources) : std::make_shared<ScriptSources>();
    more->insert_or_assign(script.name(), std::make_shared<const std::string>(script.source()));
    return more;
}

// A script's text or, for any other name, that of a file which scripts can import. Either may be missing, and the second be newer than
// what was loaded. Null: there is none.
inline std::shared_ptr<const std::string> find_source(const ScriptSources* scripts, const ModuleResolver* modules,
                                                      std::string_view file) {
    if (scripts != nullptr) {
        if (const auto found = scripts->find(file); found != scripts->end()) return found->second;
    }
    constexpr std::string_view kScheme = "file://";
    if (file.starts_with(kScheme)) file.remove_prefix(kScheme.size());
    if (modules == nullptr || !file.starts_with('/')) return nullptr;
    auto read = modules->read(file);
    return read ? std::make_shared<const std::string>(std::move(read->text)) : nullptr;
}

}  // namespace curfew::sandbox

#endif
