// supervise: runs any work under execution monitors, if the work can be interrupted.
//
//     auto rows = curfew::supervise(std::tuple{CpuTimeMonitor(100ms), WallClockMonitor(1s)},
//                                   [&] { sqlite3_interrupt(db); },   // called once, from another thread
//                                   [&] { return count_rows(db); });  // runs on this thread
//     if (!rows) std::cerr << rows.error().message << '\n';
//
// What it promises:
//
//   - The first phase of every monitor runs on the calling thread, in the set's order. If one fails, the work is not
//     run: ErrorCode::monitor_failed.
//   - From then on the first monitor that fires ends the invocation. It calls `interrupt`, at most once and never from
//     the calling thread (but see KillSwitch), and supervise returns when the work and the interrupt have returned:
//     ErrorCode::cancelled (not_run, if it had not begun), and terminated_by names the monitor. Whatever the work returned or threw then is dropped.
//   - If a monitor has fired before the work was started, neither the work nor the interrupt is run: Error::ran is false.
//     But the interrupt may be called before the work has got anywhere: it must not be lost then.
//   - If the work ends first, no interrupt comes after that. What it throws is rethrown.
//   - When supervise returns, every task of its monitors is destroyed.
//
// The interrupt may block: it runs on a thread of its own. Wrapped as monitor::prompt(callable) it promises to return
// within microseconds; then the timer thread calls it, which saves a thread switch.
//
// A child that the work forks is not interrupted and has no limits on time; see docs/design/monitor-runtime.md.
#ifndef CURFEW_MONITOR_SUPERVISE_H
#define CURFEW_MONITOR_SUPERVISE_H

#include <curfew/language.h>

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/monitor/cpu_clock.h>
#include <curfew/monitor/detail/function_ref.h>
#include <curfew/monitor/invocation.h>
#include <curfew/monitor/kill_switch.h>
#include <curfew/monitor/monitor_set.h>
#include <curfew/monitor/observer.h>
#include <curfew/monitor/usage_meter.h>
#include <curfew/usage.h>

namespace curfew {

// Everything is optional. What it points to must outlive the call.
struct SuperviseOptions {
    std::string_view handler{};           // who is supervised: for messages, logs and metrics
    const CpuClock* cpu_clock = nullptr;  // what its CPU time is; null: the calling thread's
    UsageMeter* meter = nullptr;          // live counters, reset by the caller; null: fresh ones
    MonitorList defaults{};               // monitors that count too, unless the call has one of the same name
    KillSwitch* kill_switch = nullptr;    // another way to end it
    Usage* usage = nullptr;               // where to put what was used, however it ended
    MonitorObserver* observer = nullptr;  // told of its termination and warnings, before those of the process are
};

namespace monitor {

// An interrupt that never blocks.
template <typename F>
struct Prompt {
    F callable;
};
template <typename F>
[[nodiscard]] Prompt<F> prompt(F callable) {
    return {std::move(callable)};
}

}  // namespace monitor

// A view of an interrupt, without its type. Empty when made of an empty callable.
class InterruptRef {
  public:
    template <typename F>
        requires(!std::same_as<std::remove_cvref_t<F>, InterruptRef> && std::invocable<F&>)
    InterruptRef(F&& callable) noexcept  // NOLINT(google-explicit-constructor): a view
        : call_(callable) {}
    template <typename F>
    InterruptRef(const monitor::Prompt<F>& prompt) noexcept  // NOLINT(google-explicit-constructor): a view
        : call_(prompt.callable), prompt_(true) {}
    template <typename F>
    InterruptRef(monitor::Prompt<F>& prompt) noexcept  // NOLINT(google-explicit-constructor): a view
        : call_(prompt.callable), prompt_(true) {}

    explicit operator bool() const noexcept { return static_cast<bool>(call_); }
    bool prompt() const noexcept { return prompt_; }
    void operator()() const { call_(); }

  private:
    monitor::detail::FunctionRef<void()> call_;
    bool prompt_ = false;
};

using WorkRef = monitor::detail::FunctionRef<void(const Invocation&)>;

// How a supervised work ended.
enum class Ending {
    completed,    // the work ran to its end before any monitor fired
    cancelled,    // a monitor or a kill ended it; the work may or may not have begun
    not_started,  // a monitor failed to start, or an argument was unusable; the work was not run
};

struct Verdict {
    Ending ending = Ending::not_started;
    Error error{};  // unless completed: what the caller is to be told, usage included
    Usage usage{};
};

// The form without templates, for those who build on it. The work's exceptions pass through, unless a monitor
// had fired.
[[nodiscard]] CURFEW_EXPORT Verdict supervise_call(MonitorList monitors, const SuperviseOptions& options,
                                                   InterruptRef interrupt, WorkRef work);

namespace monitor::detail {

template <typename T>
inline constexpr bool kIsResult = false;
template <typename T>
inline constexpr bool kIsResult<Result<T>> = true;

template <typename Work>
decltype(auto) run_work(Work& work, const Invocation& call) {
    if constexpr (std::invocable<Work&, const Invocation&>) {
        return base::invoke_as<std::invoke_result_t<Work&, const Invocation&>>(work, call);
    } else {
        return base::invoke_as<std::invoke_result_t<Work&>>(work);
    }
}

template <typename Work>
using WorkValue = std::remove_cvref_t<decltype(run_work(std::declval<Work&>(), std::declval<const Invocation&>()))>;

template <typename T>
struct AsResult {
    using type = Result<T>;
};
template <typename T>
struct AsResult<Result<T>> {
    using type = Result<T>;
};

}  // namespace monitor::detail

template <typename W>
concept SupervisableWork = std::invocable<W&> || std::invocable<W&, const Invocation&>;

// `monitors` is a MonitorSet. `work` takes nothing or the `const Invocation&`. Returns what it returns as a Result; work that returns a
// Result itself has its error passed on, with the usage filled in.
template <typename Set, typename Interrupt, SupervisableWork Work>
    requires std::constructible_from<InterruptRef, Interrupt&>
[[nodiscard]] auto supervise(const Set& monitors, const SuperviseOptions& options, Interrupt&& interrupt, Work&& work)
    -> typename monitor::detail::AsResult<monitor::detail::WorkValue<Work>>::type {
    using Given = monitor::detail::WorkValue<Work>;
    using Returned = typename monitor::detail::AsResult<Given>::type;

    const auto conclude = [&](WorkRef wrapped) {
        return supervise_call(monitor::list_of(monitors), options, InterruptRef(interrupt), wrapped);
    };
    const bool no_work = base::is_null_callable(work);
    if constexpr (std::is_void_v<Given>) {
        auto wrapped = [&](const Invocation& call) { monitor::detail::run_work(work, call); };
        Verdict verdict = conclude(no_work ? WorkRef() : WorkRef(wrapped));
        if (verdict.ending != Ending::completed) return Returned(std::unexpect, std::move(verdict.error));
        return Returned();
    } else {
        std::optional<Given> value;
        auto wrapped = [&](const Invocation& call) { value.emplace(monitor::detail::run_work(work, call)); };
        Verdict verdict = conclude(no_work ? WorkRef() : WorkRef(wrapped));
        if (verdict.ending != Ending::completed) return Returned(std::unexpect, std::move(verdict.error));
        if constexpr (monitor::detail::kIsResult<Given>) {
            if (!*value) {
                value->error().usage = verdict.usage;
                value->error().ran = true;
            }
        }
        return Returned(std::move(*value));
    }
}

template <typename Set, typename Interrupt, SupervisableWork Work>
    requires std::constructible_from<InterruptRef, Interrupt&>
[[nodiscard]] auto supervise(const Set& monitors, Interrupt&& interrupt, Work&& work) {
    return supervise(monitors, SuperviseOptions{}, interrupt, work);
}

}  // namespace curfew

#endif
