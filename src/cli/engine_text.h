// What there is of the engines, in words and in JSON.
#ifndef CURFEW_CLI_ENGINE_TEXT_H
#define CURFEW_CLI_ENGINE_TEXT_H

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include <curfew/engine.h>
#include <curfew/engine_store.h>

namespace curfew::cli {

// An engine of this build, and what there is of it on this machine.
struct EngineReport {
    EngineInfo info;
    EngineState state;
};

std::vector<EngineReport> inspect_engines();

// Of one engine, a sentence without its full stop: "Node.js 24.21.0, installed in /home/me/.cache/curfew/engines/node-24.21.0; its image is ready (34 MiB)".
std::string describe(const EngineReport& report);

// The same as an object: name, product, version, embedded, cache_folder, packages, image, image_bytes, jitless_image, jitless_image_bytes and problem, of which those
// are null that do not apply.
nlohmann::ordered_json to_json(const EngineReport& report);
nlohmann::ordered_json to_json(const EnginePackage& package);

}  // namespace curfew::cli

#endif
