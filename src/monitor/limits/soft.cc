#include <curfew/monitor/soft.h>

#include "base/quantity_text.h"
#include "base/text.h"
#include "monitor/report.h"

namespace curfew::monitor::detail {

namespace {

std::string message_of(const Invocation& call, const MonitorTraits& traits, const void* monitor,
                       const std::string& name, const std::string& problem) {
    const std::string who = call.handler().empty() ? "The work" : "Handler " + base::in_quotes(call.handler());
    const std::string used = "It had used " + base::usage_text(call.used()) + ", and goes on.";
    if (!problem.empty()) {
        return "Soft execution monitor " + base::in_quotes(name) + " can no longer watch " + who + ": " + problem +
               ". " + used;
    }
    const std::string limit = traits.describe(monitor);
    return who + " has exceeded the soft limit of execution monitor " + base::in_quotes(name) +
           (limit.empty() ? "" : " (" + limit + ")") + ". " + used;
}

}  // namespace

void warn(const Invocation& call, const MonitorTraits& traits, const void* monitor, const std::string& problem,
          const WarningCallback& callback) noexcept {
    try {
        const std::string name = traits.name(monitor);
        std::string message = message_of(call, traits, monitor, name, problem);
        if (callback) {
            try {
                callback({name, call.handler(), message});
            } catch (const std::exception& e) {
                message += std::string(" The warning's callback failed: ") + e.what() + ".";
            } catch (...) {
                message += " The warning's callback failed.";
            }
        }
        report(Warning{name, call.handler(), message});
    } catch (const std::exception&) {
        // No memory for the text: a warning is lost, which harms nobody's limits.
    }
}

}  // namespace curfew::monitor::detail
