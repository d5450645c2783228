#include "cli/refused_calls.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace curfew::cli {

void RefusedCalls::add(const RefusedCall& call) {
    constexpr std::size_t kMost = 512;
    const std::pair key{call.number, call.error};
    auto found = tallies_.find(key);
    if (found == tallies_.end()) {
        if (tallies_.size() >= kMost) return;
        const std::string error = call.error_name.empty() ? std::to_string(call.error) : std::string(call.error_name);
        found = tallies_.emplace(key, Tally{.name = std::string(call.name), .error = error}).first;
    }
    std::uint64_t& count = found->second.count;
    if (__builtin_add_overflow(count, call.count, &count)) count = ~std::uint64_t{0};
}

std::string RefusedCalls::describe(std::string_view engine) const {
    if (engine == "quickjs") return "QuickJS makes no system calls, so that none was refused.";
    if (tallies_.empty()) return "No system call was refused.";
    std::string text = "Refused system calls (how often, which, and the error that the guest got):";
    for (const auto& [key, tally] : tallies_) {
        const std::string count = std::to_string(tally.count);
        text += "\n" + std::string(8 - std::min<std::size_t>(count.size(), 7), ' ') + count + "  " +
                (tally.name.empty() ? "number " + std::to_string(key.first) : tally.name) + ": " + tally.error;
    }
    return text;
}

nlohmann::ordered_json RefusedCalls::to_json() const {
    using Json = nlohmann::ordered_json;
    Json all = Json::array();
    for (const auto& [key, tally] : tallies_) {
        all.push_back(Json{{"call", tally.name.empty() ? Json(nullptr) : Json(tally.name)},
                           {"number", key.first},
                           {"error", tally.error},
                           {"count", tally.count}});
    }
    return all;
}

}  // namespace curfew::cli
