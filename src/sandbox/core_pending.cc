// A core's invocations that are run in pieces.
#include <string>

#include "sandbox/core.h"
#include "sandbox/failure.h"
#include "sandbox/pending/pending_run.h"

namespace curfew::sandbox {

Core::~Core() {
    if (pending_) pending_->abandon("its sandbox was dropped while the invocation waited");
    if (cell_ && !inherited()) alarms_.look_a_last_time(*cell_);
}

bool Core::is_pending() { return pending_ != nullptr && !pending_->done(); }

Result<std::shared_ptr<PendingRun>> Core::begin(std::string_view handler, std::string_view event, HeldMonitors monitors,
                                                CallOptions options) {
    if (auto fit = check_call(handler, event, options.format); !fit) return std::unexpected(std::move(fit.error()));
    return PendingRun::begin(*this, handler, event, std::move(monitors), std::move(options));
}

Result<std::shared_ptr<PendingRun>> Core::continue_saved(HeldMonitors monitors, CallOptions options) {
    if (poisoned_) {
        return fail(ErrorCode::poisoned, "an earlier invocation was cut short; restore or unload this sandbox first");
    }
    if (!waiting_) {
        return fail(
            ErrorCode::invalid_argument,
            "there is nothing to go on with: this sandbox is not in the middle of an invocation. One that is starts "
            "from, or was restored to, a snapshot that was taken while a PendingInvocation waited");
    }
    const std::size_t most = services_.environment()->open_host_calls;
    if (waiting_->calls.size() > most) {
        return fail(ErrorCode::invalid_argument, "the saved invocation has " + std::to_string(waiting_->calls.size()) +
                                                     " open host calls, and its host allows " + std::to_string(most) +
                                                     " (SandboxBuilder::with_open_host_calls)");
    }
    return PendingRun::go_on_from(*this, *waiting_, std::move(monitors), std::move(options));
}

// How an invocation in pieces has ended. Its clock was stopped and went on in between.
void Core::settle_pieces(std::string_view handler, const CallOptions& options, ExchangeEnd stop, Verdict& verdict) {
    judge(handler, options, stop, verdict);
    if (!clock_.stopped()) clock_.stop();
    drop_lost_cells();
    let_rest();
}

}  // namespace curfew::sandbox
