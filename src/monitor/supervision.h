// One supervised run: its monitors' tasks, the one winner, the interrupt. Lives on the stack of
// supervise_call, or in Pieces if its work comes in several.
//
//              +--a piece ended---+
//              v                  |
//     open --a piece begins--> running --work ended--> ended   no interrupt from here on
//       |                         |
//       +-------------------------+--a task ended--> won by the task   stop request; the work's outcome is dropped;
//                                 +--kill()--------> won by kill       an interrupt, if it was running
//
// One compare-and-swap begins a piece, and one ends it or keeps it from beginning. What the winner's side still does is
// counted in `pending_`, and the owner waits for it before the object goes.
#ifndef CURFEW_SRC_MONITOR_SUPERVISION_H
#define CURFEW_SRC_MONITOR_SUPERVISION_H

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <curfew/monitor/supervise.h>

#include "base/alarm.h"
#include "monitor/kill_switch.h"
#include "monitor/runtime/task.h"
#include "monitor/waker.h"

namespace curfew::monitor::detail {

class Supervision final : public TaskOwner, public KillTarget, private base::Alarm {
  public:
    // `before`: what the work had used before it goes on here. `waker` is told if it is ended between pieces.
    Supervision(const SuperviseOptions& options, InterruptRef interrupt, const CpuClock& clock, UsageMeter& meter,
                const Usage& before = {}, Waker* waker = nullptr);
    ~Supervision();

    Verdict run(MonitorList monitors, WorkRef work);

    // The same in its parts. False: nothing is to be run, conclude() says why.
    bool begin(MonitorList monitors);
    // False: it was ended before, and the work was not run. Then, and after what is not paused, conclude() follows.
    bool run_piece(WorkRef work);
    bool pause() noexcept;
    Verdict conclude();

    bool ended() const noexcept { return !open(); }
    const Invocation& invocation() const noexcept { return invocation_; }

    void task_ended(Task& task, bool own_thread) noexcept override;
    bool claim_kill() noexcept override;
    void end_by_kill() noexcept override;

  private:
    // The calling thread's alarm while it is in the work: should that wait then, it need not wait for a timer thread as well.
    std::chrono::nanoseconds first() const noexcept override;
    std::chrono::nanoseconds left() const noexcept override;
    void ring() noexcept override;

    struct Slot {
        MonitorList::Entry monitor;
        std::optional<MonitorTask> task;
        Task* core() const noexcept { return core_of(*task); }
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
    void end_pause() noexcept;
    std::optional<Error> start_monitors(MonitorList monitors);
    std::optional<Error> start_monitor(Slot& slot);
    void reserve_slots(std::size_t count);
    void start_tasks() noexcept;

    void cancel_tasks() noexcept;  // when it returns, nobody runs a task or will

    // Winning.
    bool open() const noexcept;  // nobody has won yet
    bool win(const void* winner) noexcept;
    void cancel(bool may_block) noexcept;
    void post_interrupt() noexcept;
    void post(CancelJob& job) noexcept;
    void call_interrupt() noexcept;
    void request_stop() noexcept;
    void settle() noexcept;  // one pending action is done

    Error cancelled_error(const Usage& usage, std::string& limit) const;
    void leave_out_what_came_later(Usage& usage) const noexcept;
    Verdict verdict(const Usage& usage);

    // Marks for winner_ beside tasks. The first is none yet: a piece of the work runs.
    static constexpr char kWorkRuns = 0;
    static constexpr char kWorkEnded = 0;
    static constexpr char kKilled = 0;

    const SuperviseOptions& options_;
    const InterruptRef interrupt_;
    UsageMeter& meter_;
    Invocation invocation_;
    Waker* const waker_;
    std::thread::id caller_ = std::this_thread::get_id();  // of the piece; read only by who has ended it

    static constexpr std::size_t kInlineSlots = 6;
    std::array<Slot, kInlineSlots> inline_slots_{};
    std::vector<Slot> more_slots_;
    std::span<Slot> slots_;
    std::size_t started_ = 0;  // tasks of slots_ that know the runtime
    // Only read and written by the calling thread.
    bool tasks_know_runtime_ = false;
    std::optional<Error> not_started_;
    std::exception_ptr thrown_;  // by the last piece
    bool work_begun_ = false;
    bool paused_ = false;
    TimerTime alarm_set_ = 0;
    bool rings_ = false;  // it waits, and looks after timers meanwhile
    OwnDues dues_;
    TimerTime rung_at_ = 0;

    bool ended_work_ = false;  // the winner ended work that was running; its own, until it has settled
    std::chrono::steady_clock::time_point ended_waiting_{};  // likewise; when it ended a pause

    std::atomic<const void*> winner_{nullptr};
    std::atomic<int> pending_{1};  // one for the winner itself
    InterruptTimer interrupt_timer_{*this};
    CancelJob interrupt_job_{*this, &Supervision::call_interrupt};
    CancelJob stop_job_{*this, &Supervision::request_stop};
    std::string interrupt_failure_;  // what the interrupt threw; written before settle()
};

}  // namespace curfew::monitor::detail

#endif
