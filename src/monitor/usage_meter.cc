#include <pthread.h>

#include <algorithm>
#include <new>

#include <curfew/monitor/usage_meter.h>

#include "base/clock.h"
#include "base/forks.h"

namespace curfew {

using monitor::detail::Task;
using monitor::detail::ThresholdAwaiter;

namespace {

std::int64_t read_clock(clockid_t clock) noexcept {
    return base::read_clock(clock).value_or(std::chrono::nanoseconds(-1)).count();
}

clockid_t own_clock() noexcept {
    clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
    ::pthread_getcpuclockid(::pthread_self(), &clock);
    return clock;
}

// A counter behind the last one would have no place in the meter: the compiler misses its case here (-Wswitch).
constexpr bool has_place(Counter counter) noexcept {
    switch (counter) {
        case Counter::host_calls:
        case Counter::host_calls_finished:
        case Counter::bytes_in:
        case Counter::bytes_out:
        case Counter::bytes_printed:
        case Counter::output:
        case Counter::pauses_finished:
        case Counter::heap: return static_cast<unsigned>(counter) < kCounters;
    }
    return false;
}
static_assert(has_place(Counter::heap));

}  // namespace

// The peak is kept apart from the counter, because it must not fall; and raised in a loop, because several threads may count.
void UsageMeter::set_heap(std::uint64_t bytes) noexcept {
    std::uint64_t peak = peak_heap_.load(std::memory_order_relaxed);
    while (bytes > peak && !peak_heap_.compare_exchange_weak(peak, bytes, std::memory_order_relaxed)) {
    }
    Count& count = counts_[static_cast<unsigned>(Counter::heap)];
    count.value.store(bytes, std::memory_order_seq_cst);  // as in add()
    if (bytes > count.threshold.load(std::memory_order_seq_cst)) reached(Counter::heap, bytes);
}

// The slow path of an increment: on the thread that counts, so that whoever waits has decided before the thread goes on.
// `value` is the caller's own, not the counter's present one: a counter that can fall (the heap) must end an invocation by a
// value that it had, even if it has fallen meanwhile.
void UsageMeter::reached(Counter counter, std::uint64_t value) noexcept {
    const auto index = static_cast<unsigned>(counter);
    // One at a time: a task that goes on may wait for the same meter again, and the lock must not be held
    // then.
    for (;;) {
        Task* task = nullptr;
        {
            const monitor::detail::Lock lock(mutex_);
            for (ThresholdAwaiter* waiting = waiting_; waiting != nullptr && task == nullptr;) {
                ThresholdAwaiter& candidate = *waiting;
                waiting = waiting->next_;
                if (candidate.counter_ != index || candidate.limit_ >= value) continue;
                // Who cannot be claimed is being cancelled: its owner withdraws it, and finds it gone.
                unlink(candidate);
                if (candidate.task_->claim()) task = candidate.task_;
            }
            update_threshold(index);
        }
        if (task == nullptr) return;
        task->dispatch();
    }
}

// A search through all that wait, not a sorted list: an invocation has a few monitors, and this runs when one of them fires or
// is withdrawn, while the one number that it finds spares every increment the lock.
void UsageMeter::update_threshold(unsigned index) noexcept {
    std::uint64_t lowest = kNoThreshold;
    for (const ThresholdAwaiter* waiting = waiting_; waiting != nullptr; waiting = waiting->next_) {
        if (waiting->counter_ == index) lowest = std::min(lowest, waiting->limit_);
    }
    counts_[index].threshold.store(lowest, std::memory_order_seq_cst);
}

void UsageMeter::link(ThresholdAwaiter& awaiter) const noexcept {
    awaiter.next_ = waiting_;
    awaiter.previous_ = nullptr;
    if (awaiter.next_ != nullptr) awaiter.next_->previous_ = &awaiter;
    waiting_ = &awaiter;
    awaiter.linked_ = true;
}

void UsageMeter::unlink(ThresholdAwaiter& awaiter) const noexcept {
    (awaiter.previous_ == nullptr ? waiting_ : awaiter.previous_->next_) = awaiter.next_;
    if (awaiter.next_ != nullptr) awaiter.next_->previous_ = awaiter.previous_;
    awaiter.next_ = awaiter.previous_ = nullptr;
    awaiter.linked_ = false;
}

// A clock's number is known before a span that it measures begins, and the span before has ended: host_cpu_time() relies on it.
void UsageMeter::measure(clockid_t clock) noexcept {
    worker_clock_.store(clock, std::memory_order_release);
    host_cpu_.begin(read_clock(clock));
}

void UsageMeter::hand_work_over(clockid_t clock) noexcept {
    host_cpu_.end(read_clock(worker_clock_.load(std::memory_order_relaxed)));
    measure(clock);
}

void UsageMeter::take_work_back() noexcept { hand_work_over(own_clock()); }

// Nested work is measured once: by the outermost scope. The clock is noted anew each time, because a meter may serve
// another thread at every call; and it is noted by number, because other threads read it too (CLOCK_THREAD_CPUTIME_ID would be
// theirs).
void UsageMeter::enter_host_work() noexcept {
    if (work_depth_++ > 0) return;
    measure(own_clock());
}

void UsageMeter::leave_host_work() noexcept {
    if (--work_depth_ > 0) return;
    host_cpu_.end(read_clock(worker_clock_.load(std::memory_order_relaxed)));
}

void UsageMeter::enter_host_call() noexcept {
    enter_host_work();
    if (depth_++ == 0) {
        host_wall_.begin(std::chrono::steady_clock::now().time_since_epoch().count());
    }
    add(Counter::host_calls, 1);
}

// Counted as finished last: who waits for that reads times in which this call has ended.
void UsageMeter::leave_host_call() noexcept {
    if (--depth_ == 0) {
        host_wall_.end(std::chrono::steady_clock::now().time_since_epoch().count());
    }
    leave_host_work();
    add(Counter::host_calls_finished, 1);
}

// Between calls the sum is whole, and no clock is read. Else the clock must be that of the span: read between two looks at the
// span that show the same. A span that does not last as long is over in a moment.
std::optional<std::chrono::nanoseconds> UsageMeter::host_cpu_time() const noexcept {
    for (;;) {
        const Stopwatch::Reading before = host_cpu_.load();
        if (!before.running) return std::chrono::nanoseconds(before.at(0));
        const std::int64_t now = read_clock(worker_clock_.load(std::memory_order_acquire));
        const Stopwatch::Reading after = host_cpu_.load();
        if (after.sum != before.sum || !after.running) continue;
        if (now < 0) return std::nullopt;
        return std::chrono::nanoseconds(before.at(now));
    }
}

UsageMeter::HostCallTime UsageMeter::host_call_time(std::chrono::steady_clock::time_point now) const noexcept {
    HostCallTime time;
    // Read before the time: who waits for the present call's end by this number does not wait for a later
    // one's.
    time.finished = value(Counter::host_calls_finished);
    const Stopwatch::Reading wall = host_wall_.load();
    time.in_call = wall.running;
    time.spent = std::chrono::nanoseconds(wall.at(now.time_since_epoch().count()));
    return time;
}

// In the order in which host_call_time() reads, and leave_host_call() counts.
UsageMeter::PauseTime UsageMeter::pause_time(std::chrono::steady_clock::time_point now) const noexcept {
    PauseTime time;
    time.finished = value(Counter::pauses_finished);
    const Stopwatch::Reading wall = pause_wall_.load();
    time.paused = wall.running;
    time.spent = std::chrono::nanoseconds(wall.at(now.time_since_epoch().count()));
    return time;
}

void UsageMeter::begin_pause() noexcept {
    pause_wall_.begin(std::chrono::steady_clock::now().time_since_epoch().count());
}

void UsageMeter::end_pause() noexcept {
    pause_wall_.end(std::chrono::steady_clock::now().time_since_epoch().count());
    add(Counter::pauses_finished, 1);
}

void UsageMeter::go_on_from(const Usage& before) noexcept {
    const auto set = [&](Counter counter, std::uint64_t count) {
        counts_[static_cast<unsigned>(counter)].value.store(count, std::memory_order_relaxed);
    };
    const std::uint64_t output = before.bytes_out + before.bytes_printed;
    set(Counter::host_calls, before.host_calls);
    set(Counter::bytes_in, before.bytes_in);
    set(Counter::bytes_out, before.bytes_out);
    set(Counter::bytes_printed, before.bytes_printed);
    set(Counter::output, output < before.bytes_out ? kNoThreshold : output);
    peak_heap_.store(before.peak_heap, std::memory_order_relaxed);
    host_cpu_.set(before.host_cpu_time.count());
    pause_wall_.set(before.waiting_time.count());
}

Usage UsageMeter::snapshot() const noexcept {
    Usage usage;
    usage.host_cpu_time = host_cpu_time().value_or(std::chrono::nanoseconds::zero());
    usage.peak_heap = peak_heap();
    usage.host_calls = value(Counter::host_calls);
    const Stopwatch::Reading pauses = pause_wall_.load();
    // Most have none, and a look at the clock costs more than all else here.
    const std::int64_t now = pauses.running ? std::chrono::steady_clock::now().time_since_epoch().count() : 0;
    usage.waiting_time = std::chrono::nanoseconds(pauses.at(now));
    usage.bytes_in = value(Counter::bytes_in);
    usage.bytes_out = value(Counter::bytes_out);
    usage.bytes_printed = value(Counter::bytes_printed);
    return usage;
}

void UsageMeter::reset() noexcept {
    if (forks_ != base::forks()) {
        forks_ = base::forks();
        // A thread of the parent may have been in the lock, and what waited here is not watched any more. The mutex is made
        // anew where it lies: unlocking what another thread had locked is not allowed, and a fork-safe one would enter and
        // leave a list of the process at every invocation.
        new (&mutex_) monitor::detail::Mutex();
        {
            const monitor::detail::Lock lock(mutex_);
            waiting_ = nullptr;
        }
        for (Count& count : counts_) count.threshold.store(kNoThreshold, std::memory_order_relaxed);
    }
    for (Count& count : counts_) count.value.store(0, std::memory_order_relaxed);
    peak_heap_.store(0, std::memory_order_relaxed);
    host_wall_.clear();
    host_cpu_.clear();
    pause_wall_.clear();
}

namespace monitor::detail {

bool ThresholdAwaiter::park(Task& task) noexcept {
    const Lock lock(meter_.mutex_);
    if (!task.park()) return false;
    meter_.link(*this);
    const UsageMeter::Count& count = meter_.counts_[counter_];
    if (limit_ < count.threshold.load(std::memory_order_relaxed)) {
        count.threshold.store(limit_, std::memory_order_seq_cst);
    }
    // Who counts adds first and looks at the threshold then; here it is the other way round, so one sees the
    // other.
    if (count.value.load(std::memory_order_seq_cst) <= limit_) return true;
    if (!task.claim()) return true;  // cancelled meanwhile: the owner withdraws it
    meter_.unlink(*this);
    return false;
}

// The task was cancelled while parked, so nobody can claim it, but reached() may have taken it out of the list already.
void ThresholdAwaiter::withdraw(Task&) noexcept {
    const Lock lock(meter_.mutex_);
    if (!linked_) return;
    meter_.unlink(*this);
    const_cast<UsageMeter&>(meter_).update_threshold(counter_);
}

// The thread that held the meter's lock at the fork does not exist here; the child is alone with the meter.
void ThresholdAwaiter::forget(Task&) noexcept {
    if (linked_) meter_.unlink(*this);
    meter_.counts_[counter_].threshold.store(UsageMeter::kNoThreshold, std::memory_order_relaxed);
}

}  // namespace monitor::detail

}  // namespace curfew
