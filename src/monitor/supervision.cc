#include "monitor/supervision.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/text.h"
#include "monitor/runtime/parking.h"
#include "monitor/runtime/thread.h"
#include "monitor/supervision_text.h"

namespace curfew::monitor::detail {

namespace {

TimerTime steady_now() noexcept { return std::chrono::steady_clock::now().time_since_epoch().count(); }

Error failed_to_start(std::string_view handler, const std::string& name, const std::string& why) {
    Error error;
    error.code = ErrorCode::monitor_failed;
    error.message = subject(handler, "The work") +
                    " was not run: execution monitor failed to start: " + base::in_quotes(name) + ": " + why;
    return error;
}

}  // namespace

Supervision::Supervision(const SuperviseOptions& options, InterruptRef interrupt, const CpuClock& clock,
                         UsageMeter& meter, const Usage& before, Waker* waker)
    : options_(options),
      interrupt_(interrupt),
      meter_(meter),
      invocation_(options.handler, clock, meter, options.observer, before),
      waker_(waker),
      alarm_set_(invocation_.begun().time_since_epoch().count()) {}

// The tasks' frames go with the slots, after everything that could touch them has come to an end in run().
Supervision::~Supervision() = default;

Verdict Supervision::run(MonitorList monitors, WorkRef work) {
    not_started_ = check(work);
    if (!not_started_ && begin(monitors)) run_piece(work);
    return conclude();
}

bool Supervision::begin(MonitorList monitors) {
    not_started_ = start_monitors(monitors);
    if (not_started_ || !open()) return false;
    if (options_.kill_switch != nullptr) options_.kill_switch->state_->attach(*this);
    tasks_know_runtime_ = true;
    start_tasks();
    return true;
}

Verdict Supervision::conclude() {
    if (!tasks_know_runtime_) return verdict(invocation_.used());
    const bool completed = win(&kWorkEnded);
    Usage usage = invocation_.used();  // before what may have to be waited for
    cancel_tasks();
    if (!completed && !forked()) {
        park_until(this, [this] { return pending_.load(std::memory_order_acquire) == 0; });
        if (paused_) leave_out_what_came_later(usage);
    }
    if (options_.kill_switch != nullptr) options_.kill_switch->state_->detach(*this);
    Verdict verdict = this->verdict(usage);
    if (completed && thrown_) std::rethrow_exception(thrown_);
    return verdict;
}

std::optional<Error> Supervision::check(WorkRef work) const {
    if (work && interrupt_) return std::nullopt;
    Error error;
    error.code = ErrorCode::invalid_argument;
    error.message = std::string("supervise was given an empty ") + (work ? "interrupt" : "work") +
                    " (a null function), so nothing was run; pass a callable";
    return error;
}

void Supervision::reserve_slots(std::size_t count) {
    if (count <= kInlineSlots) {
        slots_ = std::span(inline_slots_).first(count);
    } else {
        more_slots_.resize(count);
        slots_ = more_slots_;
    }
}

std::optional<Error> Supervision::start_monitors(MonitorList monitors) {
    const MonitorList& defaults = options_.defaults;
    if (monitors.empty() && defaults.empty()) return std::nullopt;

    reserve_slots(monitors.size() + defaults.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < monitors.size(); ++i) slots_[count++].monitor = monitors[i];
    for (std::size_t i = 0; i < defaults.size(); ++i) {
        const MonitorList::Entry candidate = defaults[i];
        bool overridden = false;
        for (std::size_t j = 0; j < monitors.size() && !overridden; ++j) {
            const MonitorList::Entry own = monitors[j];
            overridden = own.traits.soft(own.monitor) == candidate.traits.soft(candidate.monitor) &&
                         monitor_name(own) == monitor_name(candidate);
        }
        if (!overridden) slots_[count++].monitor = candidate;
    }
    slots_ = slots_.first(count);

    const std::expected<SharedRuntime*, std::string> shared = SharedRuntime::get();
    if (!shared) return failed_to_start(options_.handler, monitor_name(slots_[0].monitor), shared.error());
    use(**shared);
    invocation_.runtime_ = *shared;
    bool may_block = !interrupt_.prompt();
    for (Slot& slot : slots_) {
        if (std::optional<Error> error = start_monitor(slot)) return error;
        may_block = may_block || !slot.core()->builtin();
    }
    if (may_block) {
        if (const std::error_code error = executor().ensure_started()) {
            return failed_to_start(options_.handler, monitor_name(slots_[0].monitor),
                                   "the monitor runtime could not start a thread (" + error.message() +
                                       "); check the process's limits on threads and memory");
        }
    }
    return std::nullopt;
}

std::optional<Error> Supervision::start_monitor(Slot& slot) {
    const auto failed = [&](const std::string& why) {
        return failed_to_start(options_.handler, monitor_name(slot.monitor), why);
    };
    try {
        Result<MonitorTask> task = slot.monitor.traits.get_monitor(slot.monitor.monitor, invocation_);
        if (!task) return failed(task.error().message);
        slot.task.emplace(std::move(*task));
    } catch (const std::exception& e) {
        return failed(e.what());
    } catch (...) {
        return failed("it threw an exception that is no std::exception");
    }
    if (slot.core() == nullptr) return failed("it returned a task that was moved from");
    slot.core()->attach(*this, nullptr);
    if (!slot.core()->finished()) return std::nullopt;
    if (slot.core()->failure()) return failed(what_of(slot.core()->failure()));
    win(slot.core());  // the limit is exceeded already; the interrupt is not called, because there is no work
    return std::nullopt;
}

void Supervision::start_tasks() noexcept {
    OwnDues* const before = std::exchange(OwnDues::of_this_thread(), &dues_);
    for (Slot& slot : slots_) {
        ++started_;
        slot.core()->start();
    }
    OwnDues::of_this_thread() = before;
}

std::chrono::nanoseconds Supervision::first() const noexcept {
    const TimerTime due = dues_.after(0);
    return due == kNever ? kNotDue : std::chrono::nanoseconds(due - alarm_set_);
}

std::chrono::nanoseconds Supervision::left() const noexcept {
    const TimerTime due = dues_.after(rung_at_);
    return due == kNever ? kNotDue : std::chrono::nanoseconds(std::max(due - steady_now(), TimerTime{0}));
}

void Supervision::ring() noexcept {
    constexpr int kMost = 16;  // most are those of other calls, and the timer threads' affair
    const TimerTime due = dues_.after(rung_at_);
    rung_at_ = steady_now();
    if (due > rung_at_ || forked()) return;
    dues_.drop(rung_at_);
    OwnDues* const before = std::exchange(OwnDues::of_this_thread(), &dues_);
    rings_ = true;
    for (int i = 0; i < kMost && open() && shard().expire_one(rung_at_); ++i) {
    }
    rings_ = false;
    OwnDues::of_this_thread() = before;
}

bool Supervision::run_piece(WorkRef work) {
    if (paused_) caller_ = std::this_thread::get_id();
    const void* nobody = nullptr;
    if (!winner_.compare_exchange_strong(nobody, &kWorkRuns, std::memory_order_acq_rel)) return false;
    work_begun_ = true;
    try {
        if (paused_) end_pause();
        const base::AlarmScope scope(slots_.empty() ? nullptr : this);
        work(invocation_);
    } catch (...) {
        thrown_ = std::current_exception();
    }
    return true;
}

// The monitors that slept go on, on this thread.
void Supervision::end_pause() noexcept {
    paused_ = false;
    alarm_set_ = steady_now();
    dues_.drop(alarm_set_);
    OwnDues* const before = std::exchange(OwnDues::of_this_thread(), &dues_);
    meter_.end_pause();
    OwnDues::of_this_thread() = before;
}

bool Supervision::pause() noexcept {
    meter_.begin_pause();
    paused_ = true;
    const void* runs = &kWorkRuns;
    return winner_.compare_exchange_strong(runs, nullptr, std::memory_order_acq_rel);
}

void Supervision::cancel_tasks() noexcept {
    const bool child_process = forked();
    for (Slot& slot : slots_.first(started_)) {
        if (!child_process) {
            slot.core()->cancel();
        } else if (!slot.core()->abandon()) {
            leak(*slot.task);  // a thread of the parent process was in it: it is left as it is
        }
    }
}

bool Supervision::open() const noexcept {
    const void* const winner = winner_.load(std::memory_order_acquire);
    return winner == nullptr || winner == &kWorkRuns;
}

bool Supervision::win(const void* winner) noexcept {
    const void* before = winner_.load(std::memory_order_acquire);
    do {
        if (before != nullptr && before != &kWorkRuns) return false;
    } while (!winner_.compare_exchange_weak(before, winner, std::memory_order_acq_rel, std::memory_order_acquire));
    ended_work_ = before == &kWorkRuns;
    return true;
}

void Supervision::task_ended(Task& task, bool own_thread) noexcept {
    if (win(&task)) cancel(own_thread);
}

bool Supervision::claim_kill() noexcept { return win(&kKilled); }

// The object stays until this has settled: run() waits for that.
void Supervision::end_by_kill() noexcept { cancel(true); }

// The winner's part, once, on any thread. User code (interrupt, stop callbacks) runs here only if this thread
// may block for this invocation: it runs the invocation's own task, or kills it. The timer thread calls
// interrupts that never block. In all other cases another thread is to do it; so also on the calling thread,
// which is in the work and counts.
void Supervision::cancel(bool may_block) noexcept {
    invocation_.cancelled_.store(true, std::memory_order_seq_cst);
    if (forked()) return settle();  // what would be interrupted is the parent's, and so are the threads
    if (invocation_.has_stop_source_.load(std::memory_order_seq_cst)) {
        if (runtime() != nullptr) {
            post(stop_job_);
        } else {
            request_stop();  // only a kill comes here
        }
    }
    if (!ended_work_) {
        // No work runs now or will, and so there is nothing to interrupt.
        ended_waiting_ = std::chrono::steady_clock::now();
        if (waker_ != nullptr) waker_->wake();
        return settle();
    }
    const bool calling_thread = std::this_thread::get_id() == caller_;
    if (may_block || (interrupt_.prompt() && (calling_thread ? rings_ : thread_role() != ThreadRole::none))) {
        call_interrupt();
    } else {
        post_interrupt();
    }
    settle();
}

void Supervision::post_interrupt() noexcept {
    if (!interrupt_.prompt()) return post(interrupt_job_);
    pending_.fetch_add(1, std::memory_order_relaxed);
    shard().arm(interrupt_timer_, 0, [] { return true; });
}

void Supervision::InterruptTimer::expire() noexcept {
    supervision.call_interrupt();
    supervision.settle();
}

void Supervision::post(CancelJob& job) noexcept {
    pending_.fetch_add(1, std::memory_order_relaxed);
    executor().submit(job);
}

void Supervision::CancelJob::run() noexcept {
    (supervision.*action)();
    supervision.settle();
}

void Supervision::call_interrupt() noexcept {
    try {
        interrupt_();
    } catch (...) {
        try {
            interrupt_failure_ = what_of(std::current_exception());
        } catch (...) {
            interrupt_failure_ = "unknown";  // no memory for more
        }
    }
}

void Supervision::request_stop() noexcept { static_cast<void>(invocation_.stop_source_.request_stop()); }

void Supervision::settle() noexcept {
    const void* const address = this;
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) unpark(address);
}

}  // namespace curfew::monitor::detail

namespace curfew {

Verdict supervise_call(MonitorList monitors, const SuperviseOptions& options, InterruptRef interrupt, WorkRef work) {
    const ThreadCpuClock own_clock;
    std::optional<UsageMeter> own_meter;
    UsageMeter& meter = options.meter != nullptr ? *options.meter : own_meter.emplace();
    monitor::detail::Supervision supervision(options, interrupt,
                                             options.cpu_clock != nullptr ? *options.cpu_clock : own_clock, meter);
    return supervision.run(monitors, work);
}

}  // namespace curfew
