#include "sandbox/usable.h"

#include "sandbox/core.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

namespace {

std::unexpected<Error> busy(const Core& core) {
    return fail(
        ErrorCode::invalid_argument,
        core.busy_on_this_thread()
            ? "this sandbox is in the middle of an invocation: a host function cannot use the sandbox that called it"
            : "this sandbox is in the middle of an invocation on another thread; let one thread at a time use a "
              "sandbox, and serve several threads with a SandboxPool");
}

}  // namespace

Result<void> check_usable(const Core* core, const char* what) {
    if (core == nullptr) return consumed(what);
    if (core->inherited()) return inherited_sandbox();
    if (core->busy() || core->serves_on_this_thread()) return busy(*core);
    return {};
}

Result<void> check_idle(Core* core, const char* what) {
    if (auto usable = check_usable(core, what); !usable) return usable;
    if (core->is_saved_waiting()) {
        return fail(
            ErrorCode::invalid_argument,
            "this sandbox is in the middle of an invocation that was saved; go on with it (continue_event()), or "
            "restore another state");
    }
    if (!core->is_pending()) return {};
    return fail(
        ErrorCode::invalid_argument,
        "an invocation of this sandbox waits; go on with its PendingInvocation, or drop that and restore a snapshot");
}

Result<void> check_not_pending(Core* core, const char* what) {
    if (auto usable = check_usable(core, what); !usable) return usable;
    if (core->is_saved_waiting()) return {};
    return check_idle(core, what);
}

}  // namespace curfew::sandbox
