#include "outcome.h"

#include <nlohmann/json.hpp>

namespace curfew::conform {

using nlohmann::json;

Outcome outcome_of_result(std::string_view text) {
    const json result = json::parse(text, nullptr, false);
    if (result.is_string()) {
        std::string message = result.get<std::string>();
        const bool passed = message.empty();
        return {.passed = passed, .message = std::move(message)};
    }
    if (!result.is_object() || !result.contains("passed") || !result["passed"].is_number_unsigned() ||
        !result.contains("failures") || !result["failures"].is_array()) {
        return {.message = "the handler's result was changed by the test: " + std::string(text.substr(0, 200))};
    }
    Outcome outcome{.parts_passed = result["passed"].get<std::size_t>(), .parts_failed = result["failures"].size()};
    outcome.passed = outcome.parts_failed == 0;
    for (const json& failure : result["failures"]) {
        if (!outcome.message.empty()) outcome.message += "; ";
        outcome.message += failure.is_string() ? failure.get<std::string>() : failure.dump();
    }
    return outcome;
}

Outcome outcome_of(const Result<EventResult>& call) {
    if (call) return outcome_of_result(call->result);
    return {.message = call.error().message,
            .crashed = call.error().code == ErrorCode::guest_abort,
            .ended = call.error().code == ErrorCode::cancelled};
}

}  // namespace curfew::conform
