// Runs the host's own code for the guest of one sandbox: on a kept thread, which the invocation can leave at its end, or on
// the caller's.
#ifndef CURFEW_SANDBOX_HOST_HOST_RUNNER_H
#define CURFEW_SANDBOX_HOST_HOST_RUNNER_H

#include <cstdint>
#include <memory>

#include <curfew/monitor/invocation.h>
#include <curfew/monitor/usage_meter.h>
#include <curfew/sandbox.h>

#include "sandbox/host/host_threads.h"

namespace curfew::sandbox {

// Used by the thread that runs invocations, but for wake().
class HostRunner {
  public:
    HostRunner(HostThread thread, UsageMeter& meter, std::uint64_t sandbox)
        : on_kept_thread_(thread == HostThread::kept), meter_(meter), sandbox_(sandbox) {}

    bool on_kept_thread() const noexcept { return on_kept_thread_; }

    enum class End {
        done,
        left,       // the invocation has been ended; the work goes on alone
        no_thread,  // this machine gives no thread for it; it was not run
    };

    // Runs the work, and charges its CPU time to the invocation. Throws what it throws. Only one work of a sandbox runs at a
    // time: one that was left is waited for first. REQUIRES: on_kept_thread(), inside of a host call or of host work.
    End run(const std::shared_ptr<HostWork>& work, const Invocation& call);

    // The invocation has been cancelled. From any thread.
    void wake() noexcept { waiter_->woken.wake(); }

  private:
    bool wait_for(std::uint64_t number, const Invocation& call) noexcept;

    const bool on_kept_thread_;
    UsageMeter& meter_;
    const std::uint64_t sandbox_;
    const std::shared_ptr<HostWaiter> waiter_ = std::make_shared<HostWaiter>();
    std::uint64_t left_ = 0;  // the number of the latest that was
};

}  // namespace curfew::sandbox

#endif
