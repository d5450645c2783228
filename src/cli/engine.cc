#include "cli/engine.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <curfew/engine_store.h>

#include "base/error.h"
#include "base/quantity_text.h"
#include "cli/engine_text.h"
#include "cli/exit_status.h"
#include "cli/outcome.h"

namespace curfew::cli {
namespace {

using Json = nlohmann::ordered_json;

EngineProgress progress_on(Console& console) {
    return [&console](std::string_view step) { console.progress(step); };
}

std::string product_of(Engine engine) {
    const auto all = engines();
    const auto found = std::ranges::find(all, engine, &EngineInfo::engine);
    return found == all.end() ? std::string(name_of(engine)) : std::string(found->product);
}

int fail(Error error, const EngineOptions& options, Console& console) {
    return report({.result = std::unexpected(std::move(error)), .usage = {}}, options.json, console);
}

// One of both is for standard output.
int tell(const EngineOptions& options, const std::string& text, const Json& json, Console& console) {
    const std::string object = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return console.result(options.json ? object : text) ? kDone : kFailed;
}

// What install, prepare and remove say of an engine that there is nothing to do for.
bool is_embedded(Engine engine) {
    const Result<EngineState> state = inspect_engine(engine);
    return state && state->is_embedded;
}

int install(const EngineOptions& options, Console& console) {
    EngineInstallation wish{.version = options.version, .progress = progress_on(console)};
    if (options.from) wish.archive = *options.from;
    Result<EnginePackage> installed = install_engine(options.engine, wish);
    if (!installed) return fail(std::move(installed.error()), options, console);
    const std::string product = product_of(options.engine);
    if (is_embedded(options.engine)) {
        return tell(options, product + " is part of Curfew; there is nothing to install.", Json{{"embedded", true}},
                    console);
    }
    if (!installed->is_tested) {
        console.message("Curfew is not tested with " + product + " " + installed->version +
                        ". Run your own tests with it.");
    }
    return tell(options, product + " " + installed->version + " is installed in " + installed->folder,
                to_json(*installed), console);
}

int list(const EngineOptions& options, Console& console) {
    Json json = Json::array();
    std::string text;
    for (const EngineReport& report : inspect_engines()) {
        std::string name(report.info.name);
        name.resize(std::max<std::size_t>(10, name.size() + 1), ' ');
        text += (text.empty() ? "" : "\n") + name + describe(report);
        json.push_back(to_json(report));
    }
    return tell(options, text, json, console);
}

int remove(const EngineOptions& options, Console& console) {
    Result<std::size_t> removed = remove_engine(options.engine, options.version);
    if (!removed) return fail(std::move(removed.error()), options, console);
    const std::string what =
        *removed == 0 ? "nothing was installed"
                      : std::to_string(*removed) + (*removed == 1 ? " version was" : " versions were") + " removed";
    return tell(options, product_of(options.engine) + ": " + what, Json{{"removed", *removed}}, console);
}

int prepare(const EngineOptions& options, Console& console) {
    Result<PreparedEngine> prepared = prepare_engine(options.engine, progress_on(console), options.jitless);
    if (!prepared) return fail(std::move(prepared.error()), options, console);
    if (!prepared->warning.empty()) console.message("Warning: " + prepared->warning + ".");
    std::string text = product_of(options.engine) + " is ready";
    if (prepared->was_made) text += ": its image was made in " + base::measured_duration_text(prepared->time);
    if (!prepared->image.empty()) text += (prepared->was_made ? ", " : ": its image is ") + prepared->image;
    const auto text_or_null = [](const std::string& given) { return given.empty() ? Json(nullptr) : Json(given); };
    return tell(options, text,
                Json{{"made", prepared->was_made},
                     {"time_ns", prepared->time.count()},
                     {"image", text_or_null(prepared->image)},
                     {"warning", text_or_null(prepared->warning)}},
                console);
}

int path(const EngineOptions& options, Console& console) {
    Result<EngineState> state = inspect_engine(options.engine);
    if (!state) return fail(std::move(state.error()), options, console);
    const auto fits = [&](const EnginePackage& package) {
        return options.version.empty() || package.version == options.version;
    };
    const auto found = std::ranges::find_if(state->packages, fits);
    if (found != state->packages.end()) return tell(options, found->folder, to_json(*found), console);
    std::string why = state->problem;
    if (state->is_embedded) why = product_of(options.engine) + " is part of Curfew, and has no folder";
    if (why.empty())
        why = product_of(options.engine) + " " + options.version + " is not installed; curfew engine list says what is";
    return fail({.code = ErrorCode::unavailable, .message = why}, options, console);
}

}  // namespace

int engine(const EngineOptions& options, Console& console) {
    switch (options.action) {
        case EngineAction::install: return install(options, console);
        case EngineAction::list: return list(options, console);
        case EngineAction::remove: return remove(options, console);
        case EngineAction::prepare: return prepare(options, console);
        case EngineAction::path: return path(options, console);
    }
    return kFailed;
}

Result<void> make_ready(Engine engine, bool jitless, Console& console) {
    const Result<PreparedEngine> prepared = prepare_engine(engine, progress_on(console), jitless);
    if (!prepared) return std::unexpected(prepared.error());
    if (!prepared->warning.empty()) console.message("Warning: " + prepared->warning + ".");
    return {};
}

}  // namespace curfew::cli
