// A pool of sandboxes that all start from one snapshot, and go back to it after every request: no request sees what another
// has left behind. docs/snapshots.md says what that costs, and when something else is better.
//
//   auto pool = curfew::SandboxPool::create(snapshot, {.size = 8});
//   auto done = pool->handle_event("greet", event, curfew::WallClockMonitor(100ms));    // from any thread
#ifndef CURFEW_SANDBOX_POOL_H
#define CURFEW_SANDBOX_POOL_H

#include <curfew/language.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/monitor/monitor_set.h>
#include <curfew/sandbox.h>
#include <curfew/snapshot.h>

namespace curfew {

namespace sandbox {
class PoolState;
struct PooledSandbox;
}  // namespace sandbox

// When a pool restores a sandbox that comes back to it. One that is poisoned is restored always.
enum class RestorePolicy {
    after_every_request,  // requests are isolated from each other
    after_errors,         // requests share state, until one of them fails
    never,                // requests share state; only for handlers that are trusted with that
};

// The number of this machine's CPUs; 1 if it is not known.
[[nodiscard]] CURFEW_EXPORT std::size_t default_pool_size() noexcept;

struct SandboxPoolOptions {
    std::size_t size = default_pool_size();                               // sandboxes at most
    std::size_t made_at_start = std::numeric_limits<std::size_t>::max();  // the others when they are first needed
    RestorePolicy restore = RestorePolicy::after_every_request;
    std::size_t queue_limit = 1024;                                  // requests that may wait at a time
    std::chrono::nanoseconds wait_limit = std::chrono::seconds(10);  // for each of them
};

// What a pool has, and what it has done since it was made.
struct SandboxPoolReport {
    std::size_t ready = 0;              // sandboxes that wait for a request
    std::size_t in_use = 0;             // lent out, being restored, or being made
    std::size_t waiting = 0;            // requests that wait for a sandbox
    std::uint64_t requests = 0;         // that got a sandbox
    std::uint64_t created = 0;          // sandboxes, the first ones and replacements included
    std::uint64_t restored = 0;         // how often a sandbox was restored
    std::uint64_t replaced = 0;         // sandboxes that could not be restored, and were dropped for a new one
    std::uint64_t not_created = 0;      // attempts to make a sandbox that failed
    std::uint64_t queue_full = 0;       // requests that were refused because too many were waiting
    std::uint64_t waited_too_long = 0;  // requests that were refused after wait_limit
};

// All functions may be called from any thread at any time, but for moving and destroying.
class CURFEW_EXPORT SandboxPool {
  public:
    class Lease;

    // Makes the first sandboxes. What they reach of their host is what the saved sandbox reached, or `host` has: it is then
    // used by several threads at once. Fails as LoadedSandbox::from_snapshot does, and with `invalid_argument` for a size
    // of zero or more than 65536, or a wait limit that is negative.
    [[nodiscard]] static Result<SandboxPool> create(const Snapshot& snapshot, SandboxPoolOptions options = {});
    [[nodiscard]] static Result<SandboxPool> create(const Snapshot& snapshot, const ProtoSandbox& host,
                                                    SandboxPoolOptions options = {});

    // As shut_down(). Leases may outlive the pool. Moving to a pool shuts down the one that it was.
    ~SandboxPool();
    SandboxPool(SandboxPool&&) noexcept;
    SandboxPool& operator=(SandboxPool&&) noexcept;

    // Calls a handler in one of the sandboxes; see LoadedSandbox::handle_event. Requests that find none free are served in
    // the order in which they came. Garbage is not collected if the sandbox is restored afterwards.
    //
    // The monitors hold for the invocation, and start when there is a sandbox for it: WallClockMonitor does not count the
    // time in the queue. A DeadlineMonitor does, as it names a point in time: past it the handler is not run.
    //
    // Besides LoadedSandbox's own errors, fails with
    //   overloaded   too many requests are waiting, or this one has waited for the wait limit; the message says which
    //   unavailable  a sandbox could not be made
    //   consumed     the pool was shut down
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<EventResult> handle_event(std::string_view handler, std::string_view event,
                                                   const Monitors& monitors = {}, CallOptions options = {});

    // Lends a sandbox, for what handle_event() cannot do. Waits and fails as that does. A thread that holds a lease and asks
    // for another one may wait for itself.
    [[nodiscard]] Result<Lease> acquire();

    // From now on requests fail, those that are waiting included. Those that have a sandbox go on; it is dropped when it
    // comes back.
    void shut_down() noexcept;

    [[nodiscard]] SandboxPoolReport report() const;

  private:
    explicit SandboxPool(std::shared_ptr<sandbox::PoolState> state) noexcept;
    [[nodiscard]] Result<EventResult> handle_event_with(std::string_view handler, std::string_view event,
                                                        MonitorList monitors, CallOptions options);
    std::shared_ptr<sandbox::PoolState> state_;
};

// A sandbox that is lent until this is destroyed. Used by one thread at a time, as the sandbox itself. One that was moved
// from lends a sandbox that is itself moved from: everything that is asked of it fails with `consumed`.
class CURFEW_EXPORT SandboxPool::Lease {
  public:
    ~Lease();
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) noexcept;

    LoadedSandbox& operator*() const noexcept;
    LoadedSandbox* operator->() const noexcept { return &**this; }

    // Has the sandbox restored when it comes back, unless the pool never restores.
    void note_failure() noexcept { failed_ = true; }

  private:
    friend class SandboxPool;
    Lease(std::shared_ptr<sandbox::PoolState> state, std::unique_ptr<sandbox::PooledSandbox> lent) noexcept;

    std::shared_ptr<sandbox::PoolState> state_;
    std::unique_ptr<sandbox::PooledSandbox> lent_;  // none: moved from
    mutable LoadedSandbox none_;                    // in its place then, itself moved from
    bool failed_ = false;
};

template <typename Monitors>
Result<EventResult> SandboxPool::handle_event(std::string_view handler, std::string_view event,
                                              const Monitors& monitors, CallOptions options) {
    return handle_event_with(handler, event, monitor::list_of(monitors), options);
}

}  // namespace curfew

#endif
