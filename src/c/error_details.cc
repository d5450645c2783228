// What JavaScript threw, for C: as JSON.
#include <curfew/error_details.h>
#include <curfew/json.h>

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestValue = 64 << 10;  // of each, as text; a longer one is left out

void add_text(Json& json, const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
}

// No deeper than ErrorDetails is.
Json json_of(const ErrorDetails& details) {
    Json json = Json::object();
    add_text(json, "name", details.name);
    json["message"] = details.message;
    add_text(json, "stack", details.stack);
    if (details.line != 0) {
        json["file"] = details.file;
        json["line"] = details.line;
        json["column"] = details.column;
    }
    add_text(json, "source_line", details.source_line);
    const auto* const fields = details.value.get_if<Value::Object>();
    if (fields != nullptr ? !fields->empty() : !details.value.is_undefined()) {
        if (const auto shown = details.value.to_shown_json(kLongestValue)) json["value"] = Json::parse(*shown);
    }
    if (details.cause) json["cause"] = json_of(*details.cause);
    for (const auto& each : details.errors) json["errors"].push_back(json_of(*each));
    return json;
}

}  // namespace

curfew_error* curfew_error_details(const curfew_error* error, curfew_text** out) {
    if (out == nullptr) return missing("the place for the details");
    *out = nullptr;
    if (error == nullptr) return missing("the error");
    return guarded([&]() -> curfew_error* {
        if (!error->error.details) return nullptr;
        return hand_over_text(json_of(*error->error.details).dump(-1, ' ', false, Json::error_handler_t::replace), out);
    });
}
