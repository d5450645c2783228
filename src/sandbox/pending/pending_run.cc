#include "sandbox/pending/pending_run.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/busy_scope.h"
#include "sandbox/core.h"
#include "sandbox/event_format.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

using host::detail::Outcome;

void PendingRun::Interrupt::operator()() const { core->interrupt_running(); }

PendingRun::PendingRun(Core& core, std::string handler, HeldMonitors monitors, CallOptions options, const Usage& before)
    : core_(&core),
      handler_(std::move(handler)),
      monitors_(std::move(monitors)),
      options_(std::move(options)),
      interrupt_(monitor::prompt(Interrupt{&core})) {
    core.prepare_invocation();
    core.meter_.go_on_from(before);
    pieces_.emplace(core.supervise_options(handler_), before, interrupt_, &bell_);
}

// An invocation that is not run leaves the core as it was.
Result<void> PendingRun::start(const Usage& before) {
    events_.emplace(core_->life_.events(), handler_, options_.collect_garbage);
    core_->pending_ = shared_from_this();
    if (pieces_->begin(monitors_.list)) return {};
    conclude();
    Error error = std::move(result_->error());
    if (before != Usage{}) error.message += " It waits as before.";
    return std::unexpected(std::move(error));
}

Result<std::shared_ptr<PendingRun>> PendingRun::begin(Core& core, std::string_view handler, std::string_view event,
                                                      HeldMonitors monitors, CallOptions options) {
    auto run =
        std::make_shared<PendingRun>(core, std::string(handler), std::move(monitors), std::move(options), Usage{});
    if (auto started = run->start({}); !started) return std::unexpected(std::move(started.error()));
    run->event_size_ = event.size();
    run->run_piece(with_options(call_request(run->handler_, event), run->options_), true);
    return run;
}

// The guest is told first that it is another one now, and how long it has waited already. It comes back at once, and waits again.
Result<std::shared_ptr<PendingRun>> PendingRun::go_on_from(Core& core, WaitingState state, HeldMonitors monitors,
                                                           CallOptions options) {
    options.format = state.format;
    auto run = std::make_shared<PendingRun>(core, state.handler, std::move(monitors), std::move(options), state.usage);
    if (auto started = run->start(state.usage); !started) return std::unexpected(std::move(started.error()));
    core.waiting_.reset();
    for (WaitingCall& call : state.calls) core.services_.reopen_call(std::move(call));
    const auto waited = std::min<std::uint64_t>(static_cast<std::uint64_t>(state.waited.count()), wire::kNoTimer);
    run->run_piece({.kind = wire::MessageKind::proceed, .value = static_cast<std::uint32_t>(waited)}, true);
    return run;
}

void PendingRun::run_piece(const Request& request, bool first) {
    timer_.disarm();
    Core& core = *core_;
    const bool new_request = request.kind == wire::MessageKind::call;
    const auto exchange = [&](const Invocation&) { stop_ = core.exchange(request, answer_, new_request); };
    bool ran = false;
    {
        const BusyScope busy(core.invoker_);
        ran = pieces_->run([&](const Invocation& call) {
            stop_ = ExchangeEnd::interrupted;  // unless it gets further
            core.clock_.go_on();
            if (first) core.services_.begin_pieces(call, options_.context, bell_);
            if (new_request) {
                core.work_again_if_lost(call, stop_, exchange);
            } else {
                exchange(call);
            }
        });
    }
    if (ran && stop_ == ExchangeEnd::waits) {
        pause();
    } else {
        conclude();
    }
}

void PendingRun::pause() {
    Core& core = *core_;
    core.clock_.stop();
    core.let_rest();
    bell_.silence();
    if (!pieces_->pause()) return conclude();
    if (const auto due = core.services_.due()) timer_.arm(*due);
    // What came before it was silenced.
    if (core.services_.can_end_wait()) bell_.wake();
}

void PendingRun::advance() {
    if (done()) return;
    bell_.silence();
    auto reply = core_->services_.end_wait();
    if (!reply) return;
    run_piece({.kind = reply->kind,
               .flags = reply->flags,
               .value = reply->value,
               .name = reply->name,
               .payload = reply->payload},
              false);
}

bool PendingRun::done() {
    if (core_ != nullptr && pieces_->ended()) conclude();
    return core_ == nullptr;
}

// The services and the timer look at the invocation, and so end before it.
void PendingRun::conclude() {
    Core& core = *core_;
    timer_.disarm();
    core.services_.end();
    Verdict verdict;
    try {
        verdict = pieces_->conclude();
    } catch (...) {
        core.give_up_invocation();
        core.drop_lost_cells();
        leave(sandbox::fail(ErrorCode::internal, "the host's side of this invocation ended with an exception"));
        throw;
    }
    core.settle_pieces(handler_, options_, stop_, verdict);
    leave(core.result_of(handler_, {"the event", event_size_, options_.format}, stop_, answer_, verdict));
}

void PendingRun::leave(Result<EventResult> result) noexcept {
    const auto self = std::exchange(core_->pending_, nullptr);
    used_ = result ? result->usage : result.error().usage;
    if (events_ && result) events_->completed(used_);
    if (events_ && !result) events_->failed(result.error());
    events_.reset();
    pieces_.reset();
    bell_.wake();
    core_ = nullptr;
    result_.emplace(std::move(result));
}

void PendingRun::abandon(const char* why) noexcept {
    if (core_ == nullptr) return;
    try {
        if (stop_ == ExchangeEnd::waits) pieces_->kill();
        conclude();
        if (!*result_ && result_->error().terminated_by == "kill") result_->error().message = why;
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is nobody to tell
    }
}

Result<void> PendingRun::check() const {
    if (core_ == nullptr) return {};
    if (core_->inherited()) return inherited_sandbox();
    if (core_->busy()) {
        return sandbox::fail(
            ErrorCode::invalid_argument,
            "this invocation is running at this moment: a host function cannot use the invocation that "
            "called it, and one thread at a time may use an invocation");
    }
    return {};
}

Result<EventResult> PendingRun::take_result() {
    if (!done()) {
        return sandbox::fail(ErrorCode::invalid_argument, who() +
                                                              " still waits, so it has no result yet; see open_calls() "
                                                              "and due(), or let finish() wait for the end");
    }
    if (std::exchange(taken_, true)) {
        return sandbox::fail(ErrorCode::consumed, "the result of " + who() + " was taken before");
    }
    return std::move(*result_);
}

std::string PendingRun::who() const { return "the invocation of handler " + base::in_quotes(handler_); }

std::vector<OpenHostCall> PendingRun::open_calls() const {
    std::vector<OpenHostCall> calls;
    if (core_ == nullptr) return calls;
    for (const WaitingCall& call : core_->services_.waiting_calls(false)) calls.push_back(shown(call));
    return calls;
}

std::optional<PendingRun::Time> PendingRun::due() const {
    return core_ == nullptr ? std::nullopt : core_->services_.due();
}

Usage PendingRun::usage() const { return core_ == nullptr ? used_ : pieces_->invocation().used(); }

WaitingState PendingRun::state() const {
    const Time now = std::chrono::steady_clock::now();
    const auto rounded = [](std::chrono::nanoseconds time) {
        return std::chrono::duration_cast<std::chrono::microseconds>(std::max(time, std::chrono::nanoseconds(0)));
    };
    WaitingState state{.handler = handler_,
                       .usage = usage(),
                       .waited = rounded(now - core_->services_.waits_since()),
                       .due = std::nullopt,
                       .calls = core_->services_.waiting_calls(true),
                       .format = options_.format};
    if (const auto due = core_->services_.due()) state.due = rounded(*due - now);
    return state;
}

Result<void> PendingRun::answer(std::uint32_t id, std::string_view json) {
    if (!json.empty() && !nlohmann::json::accept(json)) {
        return sandbox::fail(ErrorCode::invalid_argument, "the answer to call " + std::to_string(id) +
                                                              " is not JSON; a text has to stand in quotes");
    }
    return answer_with(id, {Outcome::Kind::json, std::string(json)});
}

Result<void> PendingRun::answer_cbor(std::uint32_t id, std::string_view cbor) {
    if (auto checked = check_cbor(cbor); !checked) {
        return sandbox::fail(ErrorCode::invalid_argument, "the answer to call " + std::to_string(id) +
                                                              " is not CBOR that can be read: " + checked.error());
    }
    return answer_with(id, {Outcome::Kind::cbor, std::string(cbor)});
}

Result<void> PendingRun::fail(std::uint32_t id, std::string_view message) {
    if (!base::is_utf8(message)) {
        return sandbox::fail(ErrorCode::invalid_argument,
                             "the error for call " + std::to_string(id) + " is not UTF-8 text");
    }
    return answer_with(id, {Outcome::Kind::failed, std::string(message)});
}

Result<void> PendingRun::answer_with(std::uint32_t id, Outcome outcome) {
    const auto refused = [&](const std::string& why) {
        return sandbox::fail(ErrorCode::invalid_argument, "call " + std::to_string(id) + " cannot be answered: " + why);
    };
    if (done()) return refused(who() + " is over");
    if (core_->services_.answer_call(id, std::move(outcome))) {
        advance();
        return {};
    }
    std::string open;
    for (const OpenHostCall& call : open_calls()) open += (open.empty() ? "" : ", ") + std::to_string(call.id);
    return refused("it is not open; " + (open.empty() ? "no call is" : "open: " + open));
}

bool PendingRun::can_go_on() { return done() || core_->services_.can_end_wait(); }

void PendingRun::wait(std::optional<Time> until) {
    while (!can_go_on()) {
        const auto due = core_->services_.due();
        bell_.silence();
        if (can_go_on()) return;
        bell_.wait(!due ? until : !until ? due : std::min(*due, *until));
        if (until && std::chrono::steady_clock::now() >= *until) return;
    }
}

Result<EventResult> PendingRun::finish() {
    while (!done()) {
        if (!core_->services_.goes_on_by_itself()) {
            return sandbox::fail(ErrorCode::invalid_argument,
                                 who() + " waits for answers that only resume() and fail() give; see open_calls()");
        }
        wait(std::nullopt);
        advance();
    }
    return take_result();
}

}  // namespace curfew::sandbox
