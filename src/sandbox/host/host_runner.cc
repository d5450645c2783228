#include "sandbox/host/host_runner.h"

namespace curfew::sandbox {

HostRunner::End HostRunner::run(const std::shared_ptr<HostWork>& work, const Invocation& call) {
    if (!wait_for(left_, call)) return End::left;
    const std::uint64_t number = waiter_->next_number();
    const clockid_t clock = start_on_kept_thread(work, waiter_, number, sandbox_);
    if (clock == kNoThread) return End::no_thread;
    meter_.hand_work_over(clock);
    const bool done = wait_for(number, call);
    meter_.take_work_back();
    if (!done) {
        left_ = number;
        return End::left;
    }
    if (work->thrown()) std::rethrow_exception(work->thrown());
    return End::done;
}

bool HostRunner::wait_for(std::uint64_t number, const Invocation& call) noexcept {
    for (;;) {
        const std::uint32_t seen = waiter_->woken.value();
        if (waiter_->is_done(number)) return true;
        if (call.cancelled()) return false;
        waiter_->woken.wait(seen);
    }
}

}  // namespace curfew::sandbox
