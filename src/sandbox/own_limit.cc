#include "sandbox/own_limit.h"

#include "base/quantity_text.h"
#include "base/text.h"
#include "monitor/report.h"

namespace curfew::sandbox {

OwnLimit output_limit(std::uint64_t bytes) {
    const std::string limit = base::size_text(bytes);
    return {.name = "output",
            .limit = limit,
            .who = "the sandbox's limit on printing (" + limit + ")",
            .advice =
                "Raise the limit (SandboxBuilder::with_output_limit, or --output of curfew run), or let it print "
                "less."};
}

OwnLimit cgroup_limit(const cell::Cgroup& cgroup) {
    return {.name = "memory",
            .limit = cgroup.memory_text(),
            .who = "the kernel, for want of memory in its cgroup (memory.max is " + cgroup.memory_text() + ")",
            .advice =
                "Raise memory_max of its CgroupLimits (--cgroup-memory of curfew run), and what the cgroups above "
                "allow, or let it use less."};
}

void end_by(const OwnLimit& limit, std::string_view handler, Verdict& verdict, MonitorObserver* observer) {
    const std::string used = base::usage_text(verdict.usage);
    const std::string who = handler.empty() ? "The script" : "Handler " + base::in_quotes(handler);
    verdict.ending = Ending::cancelled;
    verdict.error = {.code = ErrorCode::cancelled,
                     .message = who + " was ended by " + limit.who + ". It had used " + used + ". " + limit.advice,
                     .terminated_by = std::string(limit.name),
                     .usage = verdict.usage,
                     .ran = true};
    reporting::report({.monitor = verdict.error.terminated_by,
                       .handler = handler,
                       .limit = limit.limit,
                       .used = used,
                       .error = verdict.error},
                      observer);
}

}  // namespace curfew::sandbox
