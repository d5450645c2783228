// HostServices: the waits of an invocation that is run in pieces.
#include <algorithm>
#include <utility>

#include "sandbox/host_services.h"

namespace curfew::sandbox {

void HostServices::begin_pieces(const Invocation& call, const std::any& context, monitor::Waker& waker) noexcept {
    begin(call, context);
    in_pieces_ = true;
    wait_ = {};
    open_calls_->tell(&waker);
}

void HostServices::reopen_call(WaitingCall call) {
    open_calls_->reopen({.number = call.number,
                         .module = std::move(call.module),
                         .function = std::move(call.function),
                         .count = call.count,
                         .flags = call.flags,
                         .arguments = std::move(call.arguments),
                         .deferred = true,
                         .begun = std::chrono::steady_clock::now()});
}

std::vector<WaitingCall> HostServices::waiting_calls(bool answered_too) const {
    std::vector<WaitingCall> calls;
    for (const auto& call : open_calls_->list(answered_too)) {
        const OpenCallInfo& info = call->info();
        calls.push_back({.number = info.number,
                         .module = info.module,
                         .function = info.function,
                         .count = info.count,
                         .flags = info.flags,
                         .arguments = info.arguments});
    }
    return calls;
}

std::optional<std::chrono::steady_clock::time_point> HostServices::due() const noexcept { return wait_.due; }

std::chrono::steady_clock::time_point HostServices::waits_since() const noexcept { return wait_.begun; }

bool HostServices::can_end_wait() const {
    return (wait_.until_reply && open_calls_->ready()) || (wait_.due && *wait_.due <= std::chrono::steady_clock::now());
}

bool HostServices::goes_on_by_itself() const {
    if (wait_.due || can_end_wait()) return true;
    return std::ranges::any_of(open_calls_->list(), [](const auto& call) { return !call->info().deferred; });
}

bool HostServices::answer_call(std::uint32_t number, host::detail::Outcome outcome) noexcept {
    return open_calls_->answer(number, std::move(outcome));
}

std::optional<HostReply> HostServices::end_wait() {
    if (wait_.until_reply) {
        if (auto answered = open_calls_->take()) return pass_on(std::move(*answered));
    }
    return can_end_wait() ? std::optional(HostReply{}) : std::nullopt;
}

}  // namespace curfew::sandbox
