// A CPU budget that invocations share, and the part of it that one invocation holds.
//
// Invocations draw portions (leases) in advance, a quarter of what is free, and draw again when a portion is
// used up. So the budget cannot be exceeded by many at once, and starting or ending one concerns nobody else.
// When a newcomer finds too little free, what the others have really used is read, and what they have not
// used is divided anew.
//
// Clocks are read without the budget's lock: a reading takes some microseconds, and whoever starts or ends an invocation
// would wait for those of all the others. So a lease whose clock is being read is kept: its destructor waits for that.
#ifndef CURFEW_SRC_MONITOR_BUDGET_H
#define CURFEW_SRC_MONITOR_BUDGET_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include <curfew/monitor/detail/timer.h>
#include <curfew/monitor/invocation.h>
#include <curfew/monitor/task.h>

#include "base/forks.h"
#include "base/intrusive_list.h"
#include "base/mutex.h"
#include "monitor/limits/pacing.h"
#include "monitor/limits/sliding_use.h"

namespace curfew::monitor::detail {

class BudgetLease;

// A lease's place in its budget's list.
struct BudgetLeaseLink {
    base::ListLink<BudgetLease> among_leases;
};

class Budget {
  public:
    using Nanoseconds = std::chrono::nanoseconds;
    using Time = std::chrono::steady_clock::time_point;

    Budget(Nanoseconds amount, Nanoseconds period) noexcept;

    Nanoseconds amount() const noexcept { return amount_; }
    Nanoseconds period() const noexcept { return period_; }
    Nanoseconds available();

  private:
    friend class BudgetLease;

    // What one caller has used. Kept while it matters.
    struct Account {
        SlidingUse used;
        Nanoseconds leased{};    // drawn, but not used yet
        unsigned leases = 0;     // invocations that run now
        Time held_back_until{};  // one period after it was last refused
    };

    // First of all with the lock. In a child the leases of the parent are forgotten then: their invocations lie on stacks
    // of threads that do not exist there, or are not watched any more.
    void forget_parent() noexcept REQUIRES(mutex_);

    // All after advance().
    void advance(Time now) noexcept REQUIRES(mutex_);
    void advance(Account& account, Time now) noexcept REQUIRES(mutex_);
    Account& account(std::thread::id caller, Time now) REQUIRES(mutex_);
    Nanoseconds available(const Account& account, Time now) noexcept REQUIRES(mutex_);
    Nanoseconds share(Time now) noexcept REQUIRES(mutex_);  // how much one caller may use in a period
    // False: nothing is left, the caller is held back. May let go of the lock for a while, as the next two.
    bool draw(BudgetLease& lease, Time now) noexcept REQUIRES(mutex_);
    void divide_anew(Time now) noexcept REQUIRES(mutex_);
    void read_all(Time now) noexcept REQUIRES(mutex_);
    bool all_leased() const noexcept REQUIRES(mutex_);  // though not all may be used
    // For one that does not use what it has.
    void draw_more(BudgetLease& lease, Time now) noexcept REQUIRES(mutex_);
    void grant(BudgetLease& lease, Nanoseconds free) noexcept REQUIRES(mutex_);
    // `used` by the lease's invocation.
    void charge(BudgetLease& lease, std::optional<Nanoseconds> used, Time now) noexcept REQUIRES(mutex_);
    void put_back(BudgetLease& lease, Nanoseconds amount) noexcept REQUIRES(mutex_);

    const Nanoseconds amount_;
    const Nanoseconds period_;
    const Nanoseconds step_;
    const Nanoseconds smallest_;  // portions are not smaller; less than that counts as nothing

    base::ForkSafeMutex mutex_;
    SlidingUse used_ GUARDED_BY(mutex_);
    std::uint64_t forks_ GUARDED_BY(mutex_) = base::forks();
    Nanoseconds leased_ GUARDED_BY(mutex_){};
    std::map<std::thread::id, Account> accounts_ GUARDED_BY(mutex_);
    std::size_t prune_at_ GUARDED_BY(mutex_) = 64;  // number of accounts at which old ones are looked for
    Time somebody_held_back_until_ GUARDED_BY(mutex_){};
    base::IntrusiveList<BudgetLease, &BudgetLeaseLink::among_leases> leases_ GUARDED_BY(mutex_);
    std::atomic<bool> dividing_{false};  // changed with mutex_ held
};

// One invocation's part, in the frame of its task. co_await lease.used_up() goes on when it is time to look
// again; has_some() looks, draws a new portion if needed, and is false when there is none.
class BudgetLease final : public WaitSource, public Timer, private BudgetLeaseLink {
  public:
    BudgetLease(std::shared_ptr<Budget> budget, const Invocation& call);  // draws the first portion
    ~BudgetLease();

    bool has_some() noexcept { return has_some_; }
    void look_again();  // throws if the CPU time cannot be read

    struct Awaiter {
        BudgetLease& lease;
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
            lease.task_ = &frame.promise();
            lease.task_->wait_for(lease);
        }
        void await_resume() const { lease.look_again(); }
    };
    struct UsedUp : Awaitable {
        explicit UsedUp(BudgetLease& l) noexcept : lease(l) {}
        Awaiter awaiter() const noexcept { return {lease}; }
        BudgetLease& lease;
    };
    UsedUp used_up() noexcept { return UsedUp(*this); }

    bool park(Task& task) noexcept override;
    void withdraw(Task& task) noexcept override;
    bool claim_expiry() noexcept override { return task_->claim(); }
    void expire() noexcept override { task_->dispatch(); }

  private:
    friend class Budget;
    friend class base::IntrusiveList<BudgetLease, &BudgetLeaseLink::among_leases>;

    const std::shared_ptr<Budget> budget_;
    const Invocation& call_;
    const std::uint64_t forks_ = base::forks();
    Task* task_ = nullptr;
    bool has_some_ = false;
    bool was_granted_ = false;
    Pacing pacing_;

    // Guarded by the budget's lock, which the analysis does not know to be one for all leases.
    Budget::Account* account_ = nullptr;
    Budget::Nanoseconds left_{};        // drawn, but not used yet
    Budget::Nanoseconds charged_;       // CPU time of the invocation up to which it was charged
    bool readable_ = true;              // its CPU time could be read
    std::atomic<unsigned> readers_{0};  // threads that read its clock now; changed with the lock held
    bool ending_ = false;               // its destructor waits for them
    Budget::Time looked_at_{};          // when it was looked at last
    Budget::Time due_{};                // when it is to be looked at again
};

}  // namespace curfew::monitor::detail

#endif
