#include "monitor/limits/budget.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "monitor/runtime/task.h"
#include "monitor/runtime/timer_worker.h"

namespace curfew::monitor::detail {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

Budget::Budget(Nanoseconds amount, Nanoseconds period) noexcept
    : amount_(amount),
      period_(period),
      step_(std::max(period / SlidingUse::kSteps, Nanoseconds(1))),
      smallest_(std::min(amount, std::clamp<Nanoseconds>(amount / 1000, 20us, 1ms))) {}

Budget::Nanoseconds Budget::available() {
    const auto locked = lock();
    advance(steady_clock::now());
    return std::max(amount_ - used_.sum(), Nanoseconds::zero());
}

std::unique_lock<base::ForkSafeMutex> Budget::lock() noexcept {
    std::unique_lock locked(mutex_);
    if (forks_ != base::forks()) {
        forks_ = base::forks();
        leases_ = nullptr;
        leased_ = {};
        for (auto& [caller, account] : accounts_) {
            account.leases = 0;
            account.leased = {};
        }
    }
    return locked;
}

void Budget::advance(Time now) noexcept {
    used_.advance(now.time_since_epoch() / step_);
    used_.settle(amount_);
}

void Budget::advance(Account& account, Time now) noexcept {
    account.used.advance(now.time_since_epoch() / step_);
    account.used.settle(share(now));
}

Budget::Account& Budget::account(std::thread::id caller, Time now) {
    if (accounts_.size() >= prune_at_) {
        for (auto it = accounts_.begin(); it != accounts_.end();) {
            Account& old = it->second;
            advance(old, now);
            const bool matters = old.leases > 0 || old.used.sum() > Nanoseconds::zero() || old.held_back_until > now;
            it = matters ? std::next(it) : accounts_.erase(it);
        }
        prune_at_ = std::max<std::size_t>(64, 2 * accounts_.size());
    }
    return accounts_[caller];
}

// As long as nobody was held back, who comes first may use all. Otherwise all who compete get the same.
Budget::Nanoseconds Budget::share(Time now) noexcept {
    if (somebody_held_back_until_ <= now) return amount_;
    const auto competing = std::ranges::count_if(
        accounts_, [&](const auto& entry) { return entry.second.leases > 0 || entry.second.held_back_until > now; });
    return amount_ / std::max<std::int64_t>(competing, 1);
}

Budget::Nanoseconds Budget::available(const Account& account, Time now) noexcept {
    return std::min(share(now) - account.used.sum() - account.leased, amount_ - used_.sum() - leased_);
}

bool Budget::draw(Lease& lease, Time now) noexcept {
    Account& account = *lease.account_;
    advance(account, now);
    Nanoseconds free = available(account, now);
    const bool all_leased = amount_ - used_.sum() - leased_ < smallest_ && leased_ > Nanoseconds::zero();
    if (free < smallest_ && all_leased) {
        divide_anew(now);
        free = available(account, now);
    }
    if (free < smallest_) {
        account.held_back_until = somebody_held_back_until_ = now + period_;
        return false;
    }
    grant(lease, free);
    return true;
}

// Who sleeps is looked at less often the more it holds. Half of what is free stays free for others, who can
// take back the rest by dividing anew.
void Budget::draw_more(Lease& lease, Time now) noexcept {
    const Nanoseconds free = available(*lease.account_, now);
    if (free >= smallest_ && lease.left_ < free) grant(lease, free);
}

void Budget::grant(Lease& lease, Nanoseconds free) noexcept {
    const Nanoseconds portion = std::min(free, std::max({free / 4, amount_ / 64, smallest_}));
    lease.left_ += portion;
    lease.account_->leased += portion;
    leased_ += portion;
}

void Budget::charge(Lease& lease, std::optional<Nanoseconds> used, Time now) noexcept {
    if (!used) {
        lease.readable_ = false;
        return;
    }
    const Nanoseconds amount = std::max(*used - lease.charged_, Nanoseconds::zero());
    lease.charged_ += amount;
    used_.add(amount, amount_);
    lease.account_->used.add(amount, share(now));
    put_back(lease, std::min(amount, lease.left_));  // it is used now, not leased
}

void Budget::put_back(Lease& lease, Nanoseconds amount) noexcept {
    lease.left_ -= amount;
    lease.account_->leased -= amount;
    leased_ -= amount;
}

// Half of what is free stays free for newcomers; the rest is for those who run, in equal parts.
void Budget::divide_anew(Time now) noexcept {
    std::int64_t running = 0;
    for (Lease* lease = leases_; lease != nullptr; lease = lease->next_) {
        ++running;
        advance(*lease->account_, now);
        charge(*lease, lease->call_.cpu_time(), now);
    }
    const Nanoseconds part =
        std::max(amount_ - used_.sum(), Nanoseconds::zero()) / 2 / std::max<std::int64_t>(running, 1);
    for (Lease* lease = leases_; lease != nullptr; lease = lease->next_) {
        if (lease->left_ <= part) continue;
        put_back(*lease, lease->left_ - part);
        lease->due_ = std::min(lease->due_, now + part / lease->call_.cpu_parallelism());
        TimerShard::bring_forward(*lease, lease->due_.time_since_epoch().count());
    }
}

Lease::Lease(std::shared_ptr<Budget> budget, const Invocation& call)
    : budget_(std::move(budget)), call_(call), pacing_(budget_->amount()) {
    const auto locked = budget_->lock();
    const Budget::Time now = call.start();
    budget_->advance(now);
    account_ = &budget_->account(std::this_thread::get_id(), now);
    ++account_->leases;
    next_ = budget_->leases_;
    if (next_ != nullptr) next_->previous_ = this;
    budget_->leases_ = this;
    has_some_ = was_granted_ = budget_->draw(*this, now);
    looked_at_ = now;
    due_ = saturating_add(now, left_ / call_.cpu_parallelism());
}

Lease::~Lease() {
    const auto locked = budget_->lock();
    if (forks_ != base::forks()) return;  // it was drawn in the parent
    const Budget::Time now = steady_clock::now();
    budget_->advance(now);
    budget_->advance(*account_, now);
    if (was_granted_) {  // being refused is free
        // What was used is at rest now, so its clock needs no bringing up to date.
        const Usage used = call_.used();
        budget_->charge(*this, used.cpu_time + used.host_cpu_time, now);
    }
    budget_->put_back(*this, left_);
    --account_->leases;
    (previous_ == nullptr ? budget_->leases_ : previous_->next_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
}

void Lease::look_again() {
    const auto locked = budget_->lock();
    const Budget::Time now = steady_clock::now();
    budget_->advance(now);
    budget_->advance(*account_, now);
    const Budget::Nanoseconds before = charged_;
    budget_->charge(*this, call_.cpu_time(), now);
    if (!readable_) {
        throw std::runtime_error("the CPU clock can no longer be read; is the process that it measures gone?");
    }
    if (left_ < budget_->smallest_ && !budget_->draw(*this, now)) {
        has_some_ = false;
        return;
    }
    const unsigned speed = call_.cpu_parallelism();
    const Budget::Nanoseconds used = (charged_ - before) / speed;
    const Budget::Nanoseconds waited = now - looked_at_;
    if (used < waited / 2) budget_->draw_more(*this, now);
    due_ = saturating_add(now, pacing_.next(left_ / speed, used, waited));
    looked_at_ = now;
}

// With the budget's lock, so that divide_anew() either finds the timer armed or has changed due_ before.
bool Lease::park(Task& task) noexcept {
    const auto locked = budget_->lock();
    return task.owner()->shard().arm(*this, due_.time_since_epoch().count(), [&task] { return task.park(); });
}

void Lease::withdraw(Task&) noexcept { TimerShard::disarm(*this); }

}  // namespace curfew::monitor::detail
