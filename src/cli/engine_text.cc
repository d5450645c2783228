#include "cli/engine_text.h"

#include <nlohmann/json.hpp>

#include "base/quantity_text.h"

namespace curfew::cli {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string describe(const EnginePackage& package, const std::string& product) {
    std::string text = product + " " + (package.version.empty() ? "of an unknown version" : package.version);
    text += (package.is_named ? ", in CURFEW_NODE_DIR: " : ", installed in ") + package.folder;
    if (!package.is_tested) text += ", which Curfew is not tested with";
    return text;
}

}  // namespace

std::vector<EngineReport> inspect_engines() {
    std::vector<EngineReport> reports;
    for (const EngineInfo& info : engines()) {
        Result<EngineState> state = inspect_engine(info.engine);
        EngineReport report{.info = info, .state = {}};
        if (state) {
            report.state = std::move(*state);
        } else {
            report.state.problem = state.error().message;
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

std::string describe(const EngineReport& report) {
    const auto& [info, state] = report;
    const std::string product(info.product);
    if (state.is_embedded) return product + " " + std::string(info.version);
    std::string text;
    for (const EnginePackage& package : state.packages) {
        text += (text.empty() ? "" : "; also ") + describe(package, product);
        if (&package != &state.packages.front()) continue;
        text += state.image.empty() ? "; its image is made at the first use"
                                    : "; its image is ready (" + base::measured_size_text(state.image_bytes) + ")";
        if (!state.jitless_image.empty()) text += ", and so is the one for --jitless";
    }
    if (!state.problem.empty()) text += (text.empty() ? "" : "; ") + state.problem;
    return text;
}

Json to_json(const EnginePackage& package) {
    return Json{{"version", text_or_null(package.version)},
                {"folder", package.folder},
                {"tested", package.is_tested},
                {"named", package.is_named}};
}

Json to_json(const EngineReport& report) {
    const auto& [info, state] = report;
    Json json{{"name", info.name},
              {"product", info.product},
              {"version", info.version},
              {"embedded", state.is_embedded},
              {"cache_folder", text_or_null(state.cache_folder)},
              {"packages", Json::array()},
              {"image", text_or_null(state.image)},
              {"image_bytes", state.image.empty() ? Json(nullptr) : Json(state.image_bytes)},
              {"jitless_image", text_or_null(state.jitless_image)},
              {"jitless_image_bytes", state.jitless_image.empty() ? Json(nullptr) : Json(state.jitless_image_bytes)},
              {"problem", text_or_null(state.problem)}};
    for (const EnginePackage& package : state.packages) json["packages"].push_back(to_json(package));
    return json;
}

}  // namespace curfew::cli
