// One supervised run: its monitors' tasks, the one winner, the interrupt. Lives on the stack of
// supervise_call.
//
//     open --work ended--> ended            no interrupt from here on
//       |
//       +--a task ended--> won by the task  interrupt, stop request; the work's outcome is dropped
//       +--kill()--------> won by kill
//
// One compare-and-swap leaves `open`. What the winner's side still does is counted in `pending_`, and the
// owner waits for it before the object goes.
#ifndef CURFEW_SRC_MONITOR_SUPERVISION_H
#define CURFEW_SRC_MONITOR_SUPERVISION_H

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <curfew/monitor/supervise.h>

#include "monitor/runtime/shared_runtime.h"

namespace curfew::monitor::detail {

class Supervision {
  public:
    Supervision(const SuperviseOptions& options, InterruptRef interrupt, const CpuClock& clock, UsageMeter& meter);
    ~Supervision();
    Supervision(const Supervision&) = delete;
    Supervision& operator=(const Supervision&) = delete;

    Verdict run(MonitorList monitors, WorkRef work);

    // For tasks.
    SharedRuntime& runtime() const noexcept { return *runtime_; }
    TimerShard& shard() const noexcept { return *shard_; }
    // A root task asks for termination. `own_thread`: this thread may block on behalf of the task's
    // invocation.
    void task_ended(Task& task, bool own_thread) noexcept;
    bool forked() const noexcept;  // this process is a child of the one that started the tasks

    // For kill switches.
    static bool kill(const KillSwitch& kill_switch) noexcept;

  private:
    struct Slot {
        MonitorList::Entry monitor;
        std::optional<MonitorTask> task;
        Task* core() const noexcept { return task->task_; }
    };
    struct InterruptTimer final : Timer {
        explicit InterruptTimer(Supervision& s) noexcept : supervision(s) {}
        bool claim_expiry() noexcept override { return true; }
        void expire() noexcept override;
        Supervision& supervision;
    };
    struct CancelJob final : Job {
        CancelJob(Supervision& s, void (Supervision::*a)() noexcept) noexcept : supervision(s), action(a) {}
        void run() noexcept override;
        bool refuse() noexcept override { return false; }  // late is better than never
        Supervision& supervision;
        void (Supervision::*action)() noexcept;
    };

    // First phase. All return what went wrong.
    std::optional<Error> check(WorkRef work) const;
    std::optional<Error> start_monitors(MonitorList monitors);
    std::optional<Error> start_monitor(Slot& slot);
    void reserve_slots(std::size_t count);
    void start_tasks() noexcept;

    std::exception_ptr run_work(WorkRef work);
    void cancel_tasks() noexcept;  // when it returns, nobody runs a task or will

    // Winning.
    bool open() const noexcept { return winner_.load(std::memory_order_acquire) == nullptr; }
    bool win(const void* winner) noexcept;
    void cancel(bool may_block) noexcept;
    void post_interrupt() noexcept;
    void post(CancelJob& job) noexcept;
    void call_interrupt() noexcept;
    void request_stop() noexcept;
    void settle() noexcept;  // one pending action is done

    Error cancelled_error(const Usage& usage) const;
    Verdict verdict(std::optional<Error> not_started, const Usage& usage);

    const SuperviseOptions& options_;
    const InterruptRef interrupt_;
    Invocation invocation_;
    SharedRuntime* runtime_ = nullptr;
    TimerShard* shard_ = nullptr;
    const std::thread::id caller_ = std::this_thread::get_id();

    static constexpr std::size_t kInlineSlots = 6;
    std::array<Slot, kInlineSlots> inline_slots_{};
    std::vector<Slot> more_slots_;
    std::span<Slot> slots_;
    std::size_t started_ = 0;  // tasks of slots_ that know the runtime
    bool work_begun_ = false;  // only read and written by the calling thread

    std::atomic<const void*> winner_{nullptr};
    std::atomic<int> pending_{1};  // one for the winner itself
    InterruptTimer interrupt_timer_{*this};
    CancelJob interrupt_job_{*this, &Supervision::call_interrupt};
    CancelJob stop_job_{*this, &Supervision::request_stop};
    std::string interrupt_failure_;  // what the interrupt threw; written before settle()
};

}  // namespace curfew::monitor::detail

#endif
