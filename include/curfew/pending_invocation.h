// Invocations that wait without holding a thread.
//
//     auto invocation = sandbox.begin_event("delete_account", R"({"user":"ada"})", monitors);     // Result<PendingInvocation>
//     while (!invocation->done()) {
//         for (const curfew::OpenHostCall& call : invocation->open_calls()) {
//             auto went_on = invocation->resume(call.id, ask_a_person(call) ? "true" : "false");
//         }
//     }
//     auto result = invocation->result();                                                          // Result<EventResult>
//
// An invocation waits when its handler has nothing left to run, and host calls are open or timers are set. Then it is data:
// no thread, no polling, and an idle cell. Its sandbox does nothing else meanwhile: other calls fail with `invalid_argument`.
// LoadedSandbox::snapshot() saves it as it stands, and a sandbox that starts from that snapshot goes on with it
// (LoadedSandbox::continue_event()), as often as wanted.
//
// Monitors hold for the whole invocation: CPU time and counters add up over its pieces, and wall time passes while it waits
// (but see WallClockMonitor::excluding_pauses(); the default limit of 30 seconds is one without that). A monitor that fires
// while it waits ends it.
//
// Which calls stay open: those of functions without a body (HostModule::add_deferred), until resume() or fail(); and those of
// asynchronous functions (HostModule::add_async), until their Reply has come.
#ifndef CURFEW_PENDING_INVOCATION_H
#define CURFEW_PENDING_INVOCATION_H

#include <curfew/language.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/ready_queue.h>
#include <curfew/sandbox.h>

namespace curfew {

namespace sandbox {
class PendingRun;
}

// Used by one thread at a time, whichever that is, as its sandbox is; the two count as one. Dropping it while it waits ends the
// invocation and poisons the sandbox. If the sandbox is dropped first, the invocation is done, with an error.
class CURFEW_EXPORT PendingInvocation {
  public:
    PendingInvocation(PendingInvocation&&) noexcept;
    PendingInvocation& operator=(PendingInvocation&&) noexcept;
    ~PendingInvocation();

    // Whether it is over. False: it waits. Also true when a monitor or a kill has ended it since.
    [[nodiscard]] bool done();

    // What handle_event() would have returned. Fails with `invalid_argument` while it waits. Once: then it is consumed.
    [[nodiscard]] Result<EventResult> result();

    // The same of an invocation that was begun with a Value. Include <curfew/value.h>. Of one that was begun with JSON, that as a
    // Value. A result beyond Value::Bounds is a `handler_error`.
    [[nodiscard]] Result<ValueResult> value_result();

    // The handler's name. Empty if this was moved from.
    [[nodiscard]] std::string handler() const;

    // The calls without an answer, in the order in which they were made. None when it is done.
    [[nodiscard]] std::vector<OpenHostCall> open_calls() const;

    // When it goes on by itself, because the guest's next timer is due; none: no timer is set, or it is done.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> due() const;

    // What it has used so far, waiting included.
    [[nodiscard]] Usage usage() const;

    // Answers an open call with a value (JSON; empty: undefined), or with an error that the handler catches, and goes on to
    // the next wait or the end. Fails with `invalid_argument`, and changes nothing, if no call of that id is open, if it is not
    // JSON, and if it is done. What becomes of the handler shows in result().
    [[nodiscard]] Result<void> resume(std::uint32_t id, std::string_view json);
    [[nodiscard]] Result<void> fail(std::uint32_t id, std::string_view message);

    // resume() with a value, whatever the function's own type. Include <curfew/value.h>. Fails likewise for a value that cannot be
    // passed (Value::to_cbor).
    template <std::same_as<Value> V>
    [[nodiscard]] Result<void> resume(std::uint32_t id, const V& value) {
        return resume_with(id, value);
    }

    // resume() with a value as CBOR, which has to be one whole item.
    [[nodiscard]] Result<void> resume_cbor(std::uint32_t id, std::string_view cbor);

    // Goes on if a Reply has come, or the timer is due; otherwise it does nothing. Fails if it was moved from, or in a forked
    // child.
    [[nodiscard]] Result<void> go_on();

    // Whether go_on() would do something, or it is done.
    [[nodiscard]] bool can_go_on();

    // Blocks until can_go_on(), or the time is over.
    void wait();
    void wait_until(std::chrono::steady_clock::time_point time);

    // Blocks to the end, as handle_event() does. Fails with `invalid_argument`, and leaves it as it is, when it waits for
    // nothing but calls that only resume() and fail() can answer.
    [[nodiscard]] Result<EventResult> finish();

    // From now on the queue gets the token whenever can_go_on() becomes true; at once if it is true now. A queue takes the
    // place of the one before.
    void notify(const ReadyQueue& queue, std::uint64_t token);

    explicit PendingInvocation(std::shared_ptr<sandbox::PendingRun> run) noexcept;  // for LoadedSandbox

  private:
    [[nodiscard]] Result<void> resume_with(std::uint32_t id, const Value& value);

    std::shared_ptr<sandbox::PendingRun> run_;
};

template <typename Monitors>
Result<PendingInvocation> LoadedSandbox::begin_event(std::string_view handler, std::string_view event,
                                                     const Monitors& monitors, CallOptions options) {
    const auto held = std::make_shared<const Monitors>(monitors);
    return begin_event_with(handler, event, {.owner = held, .list = monitor::list_of(*held)}, std::move(options));
}

template <typename Event, typename Monitors>
    requires std::same_as<Event, Value>
Result<PendingInvocation> LoadedSandbox::begin_event(std::string_view handler, const Event& event,
                                                     const Monitors& monitors, CallOptions options) {
    const auto held = std::make_shared<const Monitors>(monitors);
    return begin_value_with(handler, event, {.owner = held, .list = monitor::list_of(*held)}, std::move(options));
}

template <typename Monitors>
Result<PendingInvocation> LoadedSandbox::continue_event(const Monitors& monitors, CallOptions options) {
    const auto held = std::make_shared<const Monitors>(monitors);
    return continue_event_with({.owner = held, .list = monitor::list_of(*held)}, std::move(options));
}

}  // namespace curfew

#endif
