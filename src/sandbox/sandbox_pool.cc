#include <sched.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include <curfew/sandbox_pool.h>

#include "cell/cgroup.h"
#include "sandbox/config.h"
#include "sandbox/core.h"
#include "sandbox/environment.h"
#include "sandbox/failure.h"
#include "sandbox/pool_state.h"

namespace curfew {

std::size_t default_pool_size() noexcept { return std::max(1U, std::thread::hardware_concurrency()); }

using sandbox::consumed;
using sandbox::fail;

namespace sandbox {

namespace {

std::unexpected<Error> shut() { return fail(ErrorCode::consumed, "the pool of sandboxes was shut down"); }

}  // namespace

// --- Sandboxes ---

Result<PoolState::Owned> PoolState::make() {
    auto made = host_ ? LoadedSandbox::from_snapshot(snapshot_, *host_) : LoadedSandbox::from_snapshot(snapshot_);
    {
        const base::Lock lock(mutex_);
        ++(made ? counts_.created : counts_.not_created);
    }
    if (!made) return std::unexpected(made.error());
    return std::make_unique<PooledSandbox>(PooledSandbox{std::move(*made)});
}

Result<void> PoolState::make_first() {
    const std::size_t count = std::min(options_.made_at_start, options_.size);
    {
        const base::Lock lock(mutex_);
        ready_.reserve(options_.size);
    }
    for (std::size_t i = 0; i < count; ++i) {
        auto made = make();
        if (!made) return std::unexpected(made.error());
        const base::Lock lock(mutex_);
        ready_.push_back(std::move(*made));
        ++places_;
    }
    return {};
}

// Moving a cell to another CPU costs more than a call.
PoolState::Owned PoolState::choose_ready() {
    constexpr std::ptrdiff_t kLookedAt = 32;
    const int cpu = ::sched_getcpu();
    const auto last = ready_.rbegin() + std::min(kLookedAt, std::ssize(ready_));
    auto chosen = std::find_if(ready_.rbegin(), last, [&](const Owned& one) { return one->cpu == cpu; });
    if (chosen == last) {
        // Better one that is on no CPU yet than one that another thread will look for.
        chosen = std::find_if(ready_.rbegin(), last, [](const Owned& one) { return one->cpu < 0; });
    }
    if (chosen == last) chosen = ready_.rbegin();
    std::swap(*chosen, ready_.back());
    Owned sandbox = std::move(ready_.back());
    ready_.pop_back();
    return sandbox;
}

// --- Requests ---

Result<PoolState::Owned> PoolState::take() {
    if (inherited()) {
        return fail(ErrorCode::invalid_argument,
                    "this pool of sandboxes belongs to the process that this one was forked from, and only that one "
                    "can use it; make a new one here, with SandboxPool::create()");
    }
    base::Lock lock(mutex_);
    if (closed_) return shut();
    Owned sandbox;
    if (!ready_.empty()) {
        sandbox = choose_ready();
    } else if (places_ < options_.size) {
        ++places_;
    } else {
        auto waited = wait(lock);
        if (!waited) return waited;
        sandbox = std::move(*waited);
    }
    ++counts_.requests;
    lock.unlock();
    if (sandbox) return sandbox;

    // There is a place for it.
    try {
        auto made = make();
        if (made) return made;
        leave_place();
        return made;
    } catch (...) {
        leave_place();
        throw;
    }
}

Result<PoolState::Owned> PoolState::wait(base::Lock& lock) {
    if (queue_.size() >= options_.queue_limit) {
        ++counts_.queue_full;
        return fail(ErrorCode::overloaded, "all " + std::to_string(options_.size) + " sandboxes are in use, and " +
                                               std::to_string(queue_.size()) +
                                               " requests are waiting already, which is the queue's limit");
    }
    const auto now = std::chrono::steady_clock::now();
    const auto most = std::chrono::steady_clock::time_point::max() - now;
    const auto until = now + std::min<std::chrono::nanoseconds>(options_.wait_limit, most);
    Waiter self;
    const auto place = queue_.insert(queue_.end(), &self);
    while (!self.granted && !closed_ && self.granted_or_closed.wait_until(lock, until) == std::cv_status::no_timeout) {
    }
    if (self.granted) return std::move(self.sandbox);
    queue_.erase(place);
    if (closed_) return shut();
    ++counts_.waited_too_long;
    return fail(ErrorCode::overloaded,
                "no sandbox became free within the wait limit of " +
                    std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(options_.wait_limit).count()) +
                    " ms; all " + std::to_string(options_.size) + " are in use");
}

void PoolState::grant(Owned sandbox) {
    Waiter& first = *queue_.front();
    queue_.pop_front();
    first.sandbox = std::move(sandbox);
    first.granted = true;
    first.granted_or_closed.notify_one();  // with the mutex locked: after that, the waiter may be gone
}

// A sandbox that was to be made or replaced is not there.
void PoolState::leave_place() noexcept {
    const base::Lock lock(mutex_);
    if (!closed_ && !queue_.empty()) {
        grant(nullptr);  // who waits tries it again
    } else {
        --places_;
    }
}

void PoolState::give_back(Owned lent, bool failed) noexcept {
    if (inherited()) return;
    bool restored = false;
    bool replaced = false;
    try {
        const bool every = options_.restore == RestorePolicy::after_every_request;
        const bool wanted = every || (failed && options_.restore == RestorePolicy::after_errors);
        if (wanted || lent->sandbox.poisoned() || !lent->sandbox.core_) {
            restored = lent->sandbox.restore(snapshot_).has_value();
            if (!restored) {
                lent.reset();
                replaced = true;
                if (auto made = make()) lent = std::move(*made);
            }
        }
        if (lent) lent->cpu = replaced ? -1 : ::sched_getcpu();
    } catch (const std::exception&) {  // there is no memory
        lent.reset();
    }
    if (!lent) {
        leave_place();
        return;
    }
    const base::Lock lock(mutex_);
    if (restored) ++counts_.restored;
    if (replaced) ++counts_.replaced;
    if (closed_) {
        --places_;
        return;  // the sandbox goes when the mutex is free again
    }
    if (!queue_.empty()) {
        grant(std::move(lent));
    } else {
        ready_.push_back(std::move(lent));  // has room for all
    }
}

void PoolState::shut_down() noexcept {
    if (inherited()) return;
    std::vector<Owned> dropped;
    const base::Lock lock(mutex_);
    closed_ = true;
    places_ -= ready_.size();
    dropped.swap(ready_);
    for (Waiter* waiter : queue_) waiter->granted_or_closed.notify_one();
}

SandboxPoolReport PoolState::report() const {
    if (inherited()) return {};
    const base::Lock lock(mutex_);
    SandboxPoolReport report = counts_;
    report.ready = ready_.size();
    report.in_use = places_ - ready_.size();
    report.waiting = queue_.size();
    return report;
}

}  // namespace sandbox

// --- SandboxPool ---

namespace {

constexpr std::size_t kLargest = 65536;

// One leaf for all sandboxes of the pool; none, if their builder asked for none.
Result<std::shared_ptr<cell::Cgroup>> make_leaf(const sandbox::Environment& environment) {
    if (!environment.cgroup_limits) return nullptr;
    return cell::Cgroup::make(*environment.cgroup_limits);
}

Result<std::shared_ptr<sandbox::PoolState>> start(const Snapshot& snapshot, std::unique_ptr<const ProtoSandbox> host,
                                                  const SandboxPoolOptions& options) {
    if (!snapshot.state()) return consumed("Snapshot");
    if (options.size == 0) return fail(ErrorCode::invalid_argument, "a pool needs a size of at least one sandbox");
    if (options.size > kLargest) {
        return fail(ErrorCode::invalid_argument,
                    "a pool of " + std::to_string(options.size) + " sandboxes is not possible; give 65536 at most");
    }
    if (options.wait_limit < std::chrono::nanoseconds(0)) {
        return fail(ErrorCode::invalid_argument, "a pool's wait limit cannot be negative");
    }
    auto state = std::make_shared<sandbox::PoolState>(snapshot, std::move(host), options);
    if (auto made = state->make_first(); !made) return std::unexpected(made.error());
    return state;
}

}  // namespace

Result<SandboxPool> SandboxPool::create(const Snapshot& snapshot, SandboxPoolOptions options) {
    Snapshot own = snapshot;
    if (const auto& saved = snapshot.state(); saved && saved->environment) {
        auto leaf = make_leaf(*saved->environment);
        if (!leaf) return std::unexpected(std::move(leaf.error()));
        if (*leaf) {
            auto state = std::make_shared<sandbox::SavedState>(*saved);
            state->environment = with_cgroup(*saved->environment, std::move(*leaf));
            own = Snapshot(std::move(state));
        }
    }
    auto state = start(own, nullptr, options);
    if (!state) return std::unexpected(state.error());
    return SandboxPool(std::move(*state));
}

Result<SandboxPool> SandboxPool::create(const Snapshot& snapshot, const ProtoSandbox& host,
                                        SandboxPoolOptions options) {
    auto own = host.copy();
    if (!own) return std::unexpected(own.error());
    auto leaf = make_leaf(own->config_->environment);
    if (!leaf) return std::unexpected(std::move(leaf.error()));
    own->config_->environment.cgroup = std::move(*leaf);
    auto state = start(snapshot, std::make_unique<const ProtoSandbox>(std::move(*own)), options);
    if (!state) return std::unexpected(state.error());
    return SandboxPool(std::move(*state));
}

SandboxPool::SandboxPool(std::shared_ptr<sandbox::PoolState> state) noexcept : state_(std::move(state)) {}
SandboxPool::SandboxPool(SandboxPool&&) noexcept = default;
SandboxPool& SandboxPool::operator=(SandboxPool&& other) noexcept {
    SandboxPool taken(std::move(other));
    std::swap(state_, taken.state_);
    return *this;
}
SandboxPool::~SandboxPool() { shut_down(); }

Result<EventResult> SandboxPool::handle_event_with(std::string_view handler, std::string_view event,
                                                   MonitorList monitors, CallOptions options) {
    auto lease = acquire();
    if (!lease) return std::unexpected(lease.error());
    lease->note_failure();  // should this throw
    if (state_->options().restore == RestorePolicy::after_every_request) options.collect_garbage = false;
    auto done = (*lease)->handle_event_with(handler, event, monitors, options);
    lease->failed_ = !done;
    return done;
}

Result<SandboxPool::Lease> SandboxPool::acquire() {
    if (!state_) return consumed("SandboxPool");
    auto taken = state_->take();
    if (!taken) return std::unexpected(taken.error());
    return Lease(state_, std::move(*taken));
}

void SandboxPool::shut_down() noexcept {
    if (state_) state_->shut_down();
}

SandboxPoolReport SandboxPool::report() const { return state_ ? state_->report() : SandboxPoolReport(); }

// --- Lease ---

SandboxPool::Lease::Lease(std::shared_ptr<sandbox::PoolState> state,
                          std::unique_ptr<sandbox::PooledSandbox> lent) noexcept
    : state_(std::move(state)), lent_(std::move(lent)), none_(nullptr) {}
SandboxPool::Lease::Lease(Lease&&) noexcept = default;
SandboxPool::Lease& SandboxPool::Lease::operator=(Lease&& other) noexcept {
    Lease taken(std::move(other));
    std::swap(state_, taken.state_);
    std::swap(lent_, taken.lent_);
    std::swap(failed_, taken.failed_);
    return *this;
}
SandboxPool::Lease::~Lease() {
    if (lent_) state_->give_back(std::move(lent_), failed_);
}

LoadedSandbox& SandboxPool::Lease::operator*() const noexcept { return lent_ ? lent_->sandbox : none_; }

}  // namespace curfew
