// One invocation that is run in pieces: behind PendingInvocation.
//
//              begin()                      advance()
//     (none) ----------> a piece runs <-------------------- waits
//                          |      |                           |
//                          |      +--the guest waits----------+
//                          |                                  +--a monitor, a kill, abandon()--+
//                          +--it answers, or is ended-----------------> done <-----------------+
//
// Its core knows it until it is done, and does nothing else meanwhile.
#ifndef CURFEW_SANDBOX_PENDING_RUN_H
#define CURFEW_SANDBOX_PENDING_RUN_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/host/detail/function.h>
#include <curfew/sandbox.h>

#include "monitor/pieces.h"
#include "monitor/wake_timer.h"
#include "sandbox/channel.h"
#include "sandbox/event_source.h"
#include "sandbox/pending/doorbell.h"
#include "sandbox/pending/waiting_state.h"

namespace curfew::sandbox {

class Core;

// Used by one thread at a time, as its core is.
class PendingRun : public std::enable_shared_from_this<PendingRun> {
  public:
    using Time = std::chrono::steady_clock::time_point;

    // A call that its core is fit for, up to its first wait or its end. Fails if nothing was run.
    static Result<std::shared_ptr<PendingRun>> begin(Core& core, std::string_view handler, std::string_view event,
                                                     HeldMonitors monitors, CallOptions options);

    // Goes on with what the core's saved state is in the middle of. If that fails, the core is as it was.
    static Result<std::shared_ptr<PendingRun>> go_on_from(Core& core, WaitingState state, HeldMonitors monitors,
                                                          CallOptions options);

    PendingRun(Core& core, std::string handler, HeldMonitors monitors, CallOptions options, const Usage& before);
    ~PendingRun() = default;
    PendingRun(const PendingRun&) = delete;
    PendingRun& operator=(const PendingRun&) = delete;

    // Looks whether it has been ended while it waited.
    bool done();

    Result<EventResult> take_result();
    const std::string& handler() const noexcept { return handler_; }
    std::vector<OpenHostCall> open_calls() const;
    std::optional<Time> due() const;
    Usage usage() const;

    // Whether it can be used from this process and thread.
    Result<void> check() const;

    Result<void> answer(std::uint32_t id, std::string_view json);
    Result<void> answer_cbor(std::uint32_t id, std::string_view cbor);
    Result<void> fail(std::uint32_t id, std::string_view message);
    void advance();
    bool can_go_on();
    void wait(std::optional<Time> until);
    Result<EventResult> finish();
    void notify(std::shared_ptr<ReadyList> queue, std::uint64_t token) { bell_.join(std::move(queue), token); }

    // REQUIRES: it waits.
    WaitingState state() const;

    // Ends it, if it is not done. What is thrown is lost.
    void abandon(const char* why) noexcept;

  private:
    struct Interrupt {
        Core* core;
        void operator()() const;
    };

    Result<void> start(const Usage& before);
    void run_piece(const Request& request, bool first);
    void pause();
    void conclude();
    void leave(Result<EventResult> result) noexcept;
    Result<void> answer_with(std::uint32_t id, host::detail::Outcome outcome);
    std::string who() const;

    Core* core_;  // null: it is done
    const std::string handler_;
    const HeldMonitors monitors_;
    const CallOptions options_;
    std::size_t event_size_ = 0;
    ExchangeEnd stop_ = ExchangeEnd::completed;
    Answer answer_{};
    Usage used_{};  // when it is done
    std::optional<Result<EventResult>> result_;
    bool taken_ = false;

    Doorbell bell_;
    monitor::WakeTimer timer_{bell_};
    std::optional<InvocationScope> events_;
    monitor::Prompt<Interrupt> interrupt_;
    std::optional<monitor::Pieces> pieces_;
};

}  // namespace curfew::sandbox

#endif
