#include <curfew/monitor/soft.h>

#include "base/quantity_text.h"
#include "base/text.h"
#include "monitor/report.h"

namespace curfew::monitor::detail {

namespace {

std::string message_of(std::string_view handler, const std::string& name, const std::string& limit,
                       const std::string& problem, const std::string& usage) {
    const std::string who = handler.empty() ? "The work" : "Handler " + base::in_quotes(handler);
    const std::string used = "It had used " + usage + ", and goes on.";
    if (!problem.empty()) {
        return "Soft execution monitor " + base::in_quotes(name) + " can no longer watch " + who + ": " + problem +
               ". " + used;
    }
    return who + " has exceeded the soft limit of execution monitor " + base::in_quotes(name) +
           (limit.empty() ? "" : " (" + limit + ")") + ". " + used;
}

}  // namespace

void warn(const Invocation& call, const MonitorTraits& traits, const void* monitor, const std::string& problem,
          const WarningCallback& callback) noexcept {
    try {
        const std::string name = traits.name(monitor);
        const std::string limit = traits.describe(monitor);
        const std::string used = base::usage_text(call.used());
        std::string message = message_of(call.handler(), name, limit, problem, used);
        Warning warning{.monitor = name, .handler = call.handler(), .limit = limit, .used = used, .message = message};
        if (callback) {
            try {
                callback(warning);
            } catch (const std::exception& e) {
                message += std::string(" The warning's callback failed: ") + e.what() + ".";
            } catch (...) {
                message += " The warning's callback failed.";
            }
        }
        warning.message = message;
        reporting::report(warning, call.observer());
    } catch (const std::exception&) {
        // No memory for the text: a warning is lost, which harms nobody's limits.
    }
}

}  // namespace curfew::monitor::detail
