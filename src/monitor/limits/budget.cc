#include "monitor/limits/budget.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "monitor/runtime/parking.h"
#include "monitor/runtime/task.h"
#include "monitor/runtime/timer_worker.h"

namespace curfew::monitor::detail {

using curfew::base::saturating_add;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

// Portions smaller than a 1000th of the budget, or than a wake-up's latency, would cost more readings than they are worth;
// larger ones than a millisecond would keep much from those who compete for a large budget.
Budget::Budget(Nanoseconds amount, Nanoseconds period) noexcept
    : amount_(amount),
      period_(period),
      step_(std::max(period / SlidingUse::kSteps, Nanoseconds(1))),
      smallest_(std::min(amount, std::clamp<Nanoseconds>(amount / 1000, 20us, 1ms))) {}

Budget::Nanoseconds Budget::available() {
    const base::Lock lock(mutex_);
    forget_parent();
    advance(steady_clock::now());
    return std::max(amount_ - used_.sum(), Nanoseconds::zero());
}

void Budget::forget_parent() noexcept {
    if (forks_ == base::forks()) return;
    forks_ = base::forks();
    leases_.clear();
    leased_ = {};
    dividing_.store(false, std::memory_order_relaxed);
    for (auto& [caller, account] : accounts_) {
        account.leases = 0;
        account.leased = {};
    }
}

// Times may come a little out of order, as threads reach the lock: SlidingUse does not go back.
void Budget::advance(Time now) noexcept {
    used_.advance(now.time_since_epoch() / step_);
    used_.settle(amount_);
}

void Budget::advance(Account& account, Time now) noexcept {
    account.used.advance(now.time_since_epoch() / step_);
    account.used.settle(share(now));
}

// Callers are known by their threads: threads come and go, so accounts that say nothing any more are dropped. Looked for when
// their number has doubled, so that each costs a constant share of the search.
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

// Portions that others hold count as used, or two could draw the same nanosecond.
Budget::Nanoseconds Budget::available(const Account& account, Time now) noexcept {
    return std::min(share(now) - account.used.sum() - account.leased, amount_ - used_.sum() - leased_);
}

bool Budget::all_leased() const noexcept {
    return amount_ - used_.sum() - leased_ < smallest_ && leased_ > Nanoseconds::zero();
}

bool Budget::draw(BudgetLease& lease, Time now) noexcept {
    Account& account = *lease.account_;
    advance(account, now);
    Nanoseconds free = available(account, now);
    // Others may hold what they do not use. One thread at a time looks for that: those that come meanwhile wait for what it
    // finds, because reading all clocks once more would find no more.
    for (bool divided = false; free < smallest_ && all_leased() && !divided; free = available(account, now)) {
        divided = !dividing_.load(std::memory_order_relaxed);
        if (divided) {
            divide_anew(now);
        } else {
            mutex_.unlock();
            park_until(this, [this] { return !dividing_.load(std::memory_order_acquire); });
            mutex_.lock();
        }
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
void Budget::draw_more(BudgetLease& lease, Time now) noexcept {
    const Nanoseconds free = available(*lease.account_, now);
    if (free >= smallest_ && lease.left_ < free) grant(lease, free);
}

// A quarter, so that a few callers find something free; but not less than a 64th of the budget, or the last ones would be read
// for ever smaller portions.
void Budget::grant(BudgetLease& lease, Nanoseconds free) noexcept {
    const Nanoseconds portion = std::min(free, std::max({free / 4, amount_ / 64, smallest_}));
    lease.left_ += portion;
    lease.account_->leased += portion;
    leased_ += portion;
}

// The clock may have been read before the lock was taken, and others may have charged for a later reading meanwhile: what was
// charged already is not charged again. A clock that fails is the business of the lease's own task, which ends the invocation.
void Budget::charge(BudgetLease& lease, std::optional<Nanoseconds> used, Time now) noexcept {
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

void Budget::put_back(BudgetLease& lease, Nanoseconds amount) noexcept {
    lease.left_ -= amount;
    lease.account_->leased -= amount;
    leased_ -= amount;
}

// Half of what is free stays free for newcomers; the rest is for those who run, in equal parts.
void Budget::divide_anew(Time now) noexcept {
    dividing_.store(true, std::memory_order_relaxed);
    read_all(now);
    std::int64_t running = 0;
    for (const BudgetLease* lease = leases_.front(); lease != nullptr; lease = leases_.next(*lease)) ++running;
    const Nanoseconds part =
        std::max(amount_ - used_.sum(), Nanoseconds::zero()) / 2 / std::max<std::int64_t>(running, 1);
    for (BudgetLease& lease : leases_) {
        if (lease.left_ <= part) continue;
        put_back(lease, lease.left_ - part);
        // Its timer was armed for the larger portion.
        lease.due_ = std::min(lease.due_, now + part / lease.call_.cpu_parallelism());
        TimerShard::bring_forward(lease, lease.due_.time_since_epoch().count());
    }
    dividing_.store(false, std::memory_order_release);
    unpark(this);
}

// Charges all that run for what they have used. The lock is let go for each reading. A lease with a reader stays in the list,
// so its place there is good afterwards; leases that come meanwhile are put before it, and have used nothing yet.
void Budget::read_all(Time now) noexcept {
    for (BudgetLease* lease = leases_.front(); lease != nullptr; lease = leases_.next(*lease)) {
        lease->readers_.fetch_add(1, std::memory_order_relaxed);
        mutex_.unlock();
        const std::optional<Nanoseconds> used = lease->call_.cpu_time();
        mutex_.lock();
        advance(*lease->account_, now);
        charge(*lease, used, now);  // if it was charged for more meanwhile, this adds nothing
        if (lease->readers_.fetch_sub(1, std::memory_order_release) == 1 && lease->ending_) unpark(lease);
    }
}

// From begun() on, not from now: the clock's first reading was then, and what other monitors' first phases take counts too.
BudgetLease::BudgetLease(std::shared_ptr<Budget> budget, const Invocation& call)
    : budget_(std::move(budget)), call_(call), pacing_(budget_->amount()), charged_(call.cpu_time_before()) {
    const base::Lock lock(budget_->mutex_);
    budget_->forget_parent();
    const Budget::Time now = call.begun();
    budget_->advance(now);
    account_ = &budget_->account(std::this_thread::get_id(), now);
    ++account_->leases;
    budget_->leases_.push_front(*this);
    has_some_ = was_granted_ = budget_->draw(*this, now);
    looked_at_ = now;
    due_ = saturating_add(now, left_ / call_.cpu_parallelism());
}

BudgetLease::~BudgetLease() {
    if (forks_ != base::forks()) return;  // it was drawn in the parent
    std::optional<Budget::Nanoseconds> used;
    if (was_granted_) {  // being refused is free
        // What was used is at rest now, so its clock needs no bringing up to date.
        const Usage usage = call_.used();
        used = usage.cpu_time + usage.host_cpu_time;
    }
    const base::Lock lock(budget_->mutex_);
    budget_->forget_parent();
    // Who divides the budget anew may be reading this one's clock without the lock.
    ending_ = true;
    while (readers_.load(std::memory_order_relaxed) > 0) {
        budget_->mutex_.unlock();
        park_until(this, [this] { return readers_.load(std::memory_order_acquire) == 0; });
        budget_->mutex_.lock();
    }
    const Budget::Time now = steady_clock::now();
    budget_->advance(now);
    budget_->advance(*account_, now);
    if (used) budget_->charge(*this, used, now);
    budget_->put_back(*this, left_);
    --account_->leases;
    budget_->leases_.remove(*this);
}

// The time before the clock: what is used after `now` belongs to the next look, and the wait for the lock with it.
void BudgetLease::look_again() {
    const Budget::Time now = steady_clock::now();
    const std::optional<Budget::Nanoseconds> total = call_.cpu_time();
    const base::Lock lock(budget_->mutex_);
    budget_->forget_parent();
    budget_->advance(now);
    budget_->advance(*account_, now);
    const Budget::Nanoseconds before = charged_;
    budget_->charge(*this, total, now);
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
bool BudgetLease::park(Task& task) noexcept {
    const base::Lock lock(budget_->mutex_);
    budget_->forget_parent();
    return task.owner()->shard().arm(*this, due_.time_since_epoch().count(), [&task] { return task.park(); });
}

void BudgetLease::withdraw(Task&) noexcept { TimerShard::disarm(*this); }

}  // namespace curfew::monitor::detail
