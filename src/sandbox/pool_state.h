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

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include <curfew/sandbox_pool.h>

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
    // A request in the queue. Granted: it has left the queue, with a sandbox or the right to make one.
    struct Waiter {
        std::condition_variable granted_or_closed;
        bool granted = false;
        Owned sandbox{};
    };

    Result<Owned> make();
    Result<Owned> wait(std::unique_lock<std::mutex>& lock);
    Owned choose_ready();
    void grant(Owned sandbox);
    void leave_place() noexcept;

    const Snapshot snapshot_;
    const std::unique_ptr<const ProtoSandbox> host_;
    const SandboxPoolOptions options_;

    mutable std::mutex mutex_;
    std::vector<Owned> ready_;  // used last, at the end
    std::list<Waiter*> queue_;  // came first, at the front; empty while a sandbox is ready or may be made
    std::size_t places_ = 0;    // sandboxes that there are, or are being made: ready + in use
    bool closed_ = false;
    SandboxPoolReport counts_{};
};

}  // namespace curfew::sandbox

#endif
