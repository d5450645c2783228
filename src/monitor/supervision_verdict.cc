// Supervision: how it has ended, for its caller and those who listen.
#include <algorithm>
#include <utility>

#include "base/quantity_text.h"
#include "base/text.h"
#include "monitor/report.h"
#include "monitor/supervision.h"
#include "monitor/supervision_text.h"

namespace curfew::monitor::detail {

namespace {

constexpr std::string_view kKillName = "kill";

}  // namespace

// What was ended while it waited has used no time since then, whenever its owner comes to see it.
void Supervision::leave_out_what_came_later(Usage& usage) const noexcept {
    const auto wall_time = std::min(usage.wall_time, std::chrono::nanoseconds(ended_waiting_ - invocation_.start()));
    usage.waiting_time -= std::min(usage.waiting_time, usage.wall_time - wall_time);
    usage.wall_time = wall_time;
}

// `limit` becomes that of the monitor that ended it, in words.
Error Supervision::cancelled_error(const Usage& usage, std::string& limit) const {
    Error error;
    error.code = work_begun_ ? ErrorCode::cancelled : ErrorCode::not_run;
    error.usage = usage;
    error.ran = work_begun_;
    const std::string who = subject(options_.handler, "The work");
    const void* const winner = winner_.load(std::memory_order_acquire);
    if (winner == &kKilled) {
        error.terminated_by = kKillName;
        error.message = work_begun_ ? who + " was ended by kill() after " + base::usage_text(usage) + "."
                                    : who + " was not run: kill() came before.";
        return error;
    }
    for (const Slot& slot : slots_) {
        if (slot.core() != winner) continue;
        error.terminated_by = monitor_name(slot.monitor);
        const std::string monitor = "execution monitor " + base::in_quotes(error.terminated_by);
        if (slot.core()->failure()) {
            error.message = who + (work_begun_ ? " was ended because " : " was not run because ") + monitor +
                            " could not go on watching it: " + what_of(slot.core()->failure()) + ".";
            if (work_begun_) error.message += " It had used " + base::usage_text(usage) + ".";
        } else {
            limit = slot.monitor.traits.describe(slot.monitor.monitor);
            const std::string by = monitor + (limit.empty() ? "" : " (limit: " + limit + ")");
            error.message = work_begun_ ? who + " was ended by " + by + ". It had used " + base::usage_text(usage) + "."
                                        : who + " was not run: " + by + " had fired before.";
            if (work_begun_ && !limit.empty()) error.message += " Raise the limit, or let it do less.";
        }
    }
    if (!interrupt_failure_.empty()) error.message += " The interrupt failed: " + interrupt_failure_ + ".";
    return error;
}

Verdict Supervision::verdict(const Usage& usage) {
    Verdict verdict;
    verdict.usage = usage;
    const void* const winner = winner_.load(std::memory_order_acquire);
    if (not_started_) {
        verdict.ending = Ending::not_started;
        verdict.error = std::move(*not_started_);
        verdict.error.usage = verdict.usage;
    } else if (winner == &kWorkEnded) {
        verdict.ending = Ending::completed;
    } else {
        verdict.ending = Ending::cancelled;
        std::string limit;
        verdict.error = cancelled_error(verdict.usage, limit);
        if (winner != &kKilled) {
            reporting::report({.monitor = verdict.error.terminated_by,
                               .handler = options_.handler,
                               .limit = limit,
                               .used = base::usage_text(verdict.usage),
                               .error = verdict.error},
                              options_.observer);
        }
    }
    if (options_.usage != nullptr) *options_.usage = verdict.usage;
    return verdict;
}

}  // namespace curfew::monitor::detail
