#include "sandbox/host/host_runner.h"

namespace curfew::sandbox {

HostRunner::End HostRunner::run(const std::shared_ptr<HostWork>& work, const Invocation& call) {
    if (left_) {
        if (!wait_for(*left_, call)) return End::left;
        left_.reset();
    }
    const clockid_t clock = start_on_kept_thread(work, woken_, sandbox_);
    if (clock == kNoThread) return End::no_thread;
    meter_.hand_work_over(clock);
    const bool done = wait_for(*work, call);
    meter_.take_work_back();
    if (!done) {
        left_ = work;
        return End::left;
    }
    if (work->thrown()) std::rethrow_exception(work->thrown());
    return End::done;
}

bool HostRunner::wait_for(const HostWork& work, const Invocation& call) noexcept {
    for (;;) {
        const std::uint32_t seen = woken_->value();
        if (work.done()) return true;
        if (call.cancelled()) return false;
        woken_->wait(seen);
    }
}

}  // namespace curfew::sandbox
