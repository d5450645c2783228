// What a SandboxPool and its leases share: the sandboxes, and the queue of requests.
//
//              take                       give_back
//   ready ------------------> in use ------------------------> ready, or handed to the first request in the queue
//     ^                         ^  |
//     | made at the start       |  | it could not be restored or made
//     +------- (nothing) -------+--+---> (nothing): its place is free for a new one
//
// Sandboxes are made, restored and destroyed without the mutex.
#ifndef CURFEW_SANDBOX_POOL_STATE_H
#define CURFEW_SANDBOX_POOL_STATE_H

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include <curfew/sandbox_pool.h>

#include "base/forks.h"
#include "base/mutex.h"

namespace curfew::sandbox {

struct PooledSandbox {
    LoadedSandbox sandbox;
    int cpu = -1;  // on which it was used last: there it is called fastest
};

class PoolState {
  public:
    using Owned = std::unique_ptr<PooledSandbox>;

    // `host`: none, if the saved sandbox's own is meant.
    PoolState(const Snapshot& snapshot, std::unique_ptr<const ProtoSandbox> host, const SandboxPoolOptions& options)
        : snapshot_(snapshot), host_(std::move(host)), options_(options) {}

    Result<void> make_first();
    Result<Owned> take();
    void give_back(Owned lent, bool failed) noexcept;
    void shut_down() noexcept;
    SandboxPoolReport report() const;
    const SandboxPoolOptions& options() const noexcept { return options_; }

  private:
    // This process is a child of the one that made the pool. The mutex may be locked for ever here.
    bool inherited() const noexcept { return forks_ != base::forks(); }

    // A request in the queue. Granted: it has left the queue, with a sandbox or the right to make one.
    struct Waiter {
        base::Condition granted_or_closed;
        bool granted = false;
        Owned sandbox{};
    };

    Result<Owned> make();
    // Nothing in place of a sandbox: there is a place for a new one.
    Result<Owned> wait(base::Lock& lock) REQUIRES(mutex_);
    Owned choose_ready() REQUIRES(mutex_);
    // The queue is not empty: gives a sandbox, or the right to make one, to who came first.
    void grant(Owned sandbox) REQUIRES(mutex_);
    void leave_place() noexcept;

    const std::uint64_t forks_ = base::forks();
    const Snapshot snapshot_;
    const std::unique_ptr<const ProtoSandbox> host_;
    const SandboxPoolOptions options_;

    mutable base::Mutex mutex_;
    std::vector<Owned> ready_ GUARDED_BY(mutex_);  // used last, at the end
    std::list<Waiter*> queue_
        GUARDED_BY(mutex_);  // came first, at the front; empty while a sandbox is ready or may be made
    std::size_t places_ GUARDED_BY(mutex_) = 0;  // sandboxes that there are, or are being made: ready + in use
    bool closed_ GUARDED_BY(mutex_) = false;
    SandboxPoolReport counts_ GUARDED_BY(mutex_){};
};

}  // namespace curfew::sandbox

#endif
