#include "sandbox/host/open_calls.h"

#include <algorithm>
#include <new>
#include <utility>

#include <curfew/host/detail/json_value.h>

#include "base/forks.h"
#include "base/quantity_text.h"

namespace curfew::host::detail {

Outcome Function::start(const CallContext&, std::span<const Argument>, std::shared_ptr<PendingReply>) const {
    return failed("this host function is called without waiting for it, which it is not made for");
}

Outcome asynchronous_only() {
    return failed("this host function gives a promise, and was called as if it gave a value");
}

Outcome dropped() noexcept {
    try {
        return failed("the host dropped the call without an answer");
    } catch (const std::bad_alloc&) {
        return {Outcome::Kind::failed};
    }
}

}  // namespace curfew::host::detail

namespace curfew::sandbox {

using host::detail::Outcome;

namespace {

Outcome no_room(std::uint64_t bytes, std::uint64_t most) noexcept {
    try {
        return host::detail::failed("the answer of " + base::size_text(bytes) +
                                    " has no room beside those that the handler has not taken yet, which may have " +
                                    base::size_text(most) + " together");
    } catch (const std::bad_alloc&) {
        return {Outcome::Kind::failed};
    }
}

}  // namespace

OpenCall::OpenCall(OpenCallInfo info, std::shared_ptr<OpenCalls> calls,
                   std::shared_ptr<const host::detail::Function> function,
                   std::shared_ptr<host::detail::CallState> invocation)
    : info_(std::move(info)),
      calls_(std::move(calls)),
      function_(std::move(function)),
      invocation_(std::move(invocation)) {}

bool OpenCall::answer(Outcome outcome) noexcept { return calls_->answer(*this, std::move(outcome)); }

bool OpenCall::over() const noexcept {
    if (calls_->forks_ != base::forks()) return true;
    const base::Lock lock(calls_->mutex_);
    return stage_ == Stage::over;
}

std::stop_token OpenCall::stop_token() const { return invocation_->stop_token(); }

OpenCalls::OpenCalls(std::size_t most, std::uint64_t most_bytes) noexcept
    : most_(most), most_bytes_(most_bytes), forks_(base::forks()) {}

std::shared_ptr<OpenCall> OpenCalls::open(OpenCallInfo info, std::shared_ptr<const host::detail::Function> function,
                                          std::shared_ptr<host::detail::CallState> invocation) {
    const base::Lock lock(mutex_);
    if (calls_.size() >= most_) return nullptr;
    info.number = ++last_number_;
    auto call =
        std::make_shared<OpenCall>(std::move(info), shared_from_this(), std::move(function), std::move(invocation));
    ready_.reserve(calls_.size() + 1);  // so that an answer needs no memory
    calls_.push_back(call);
    return call;
}

std::optional<Outcome> OpenCalls::settle(OpenCall& call) {
    std::shared_ptr<OpenCall> removed;  // goes when the lock is gone: what it owns is the host's
    const base::Lock lock(mutex_);
    if (!call.outcome_) {
        call.stage_ = OpenCall::Stage::waits;
        return std::nullopt;
    }
    bytes_ -= call.outcome_->text.size();
    removed = remove(call);
    return std::move(call.outcome_);
}

void OpenCalls::close(OpenCall& call) {
    std::shared_ptr<OpenCall> removed;
    const base::Lock lock(mutex_);
    if (call.outcome_) bytes_ -= call.outcome_->text.size();
    removed = remove(call);
}

// The caller drops what this gives when it holds the lock no longer.
std::shared_ptr<OpenCall> OpenCalls::remove(const OpenCall& call) {
    const auto found = std::ranges::find(calls_, &call, &std::shared_ptr<OpenCall>::get);
    if (found == calls_.end()) return nullptr;
    std::shared_ptr<OpenCall> removed = std::move(*found);
    *found = std::move(calls_.back());
    calls_.pop_back();
    removed->stage_ = OpenCall::Stage::over;
    return removed;
}

bool OpenCalls::answer_locked(OpenCall& call, Outcome& outcome) noexcept {
    if (call.stage_ == OpenCall::Stage::over || call.outcome_) return false;
    if (bytes_ + outcome.text.size() > most_bytes_) outcome = no_room(outcome.text.size(), most_bytes_);
    if (call.stage_ == OpenCall::Stage::waits) {
        ready_.push_back(&call);
        call.stage_ = OpenCall::Stage::ready;
    }
    bytes_ += outcome.text.size();
    call.outcome_ = std::move(outcome);
    return true;
}

bool OpenCalls::answer(OpenCall& call, Outcome outcome) noexcept {
    if (forks_ != base::forks()) return false;
    {
        const base::Lock lock(mutex_);
        if (!answer_locked(call, outcome)) return false;
        if (waker_ != nullptr) waker_->wake();
    }
    changed_.notify_all();
    return true;
}

bool OpenCalls::answer(std::uint32_t number, Outcome outcome) noexcept {
    std::shared_ptr<OpenCall> call;
    {
        const base::Lock lock(mutex_);
        const auto found = std::ranges::find(calls_, number, [](const auto& one) { return one->info().number; });
        if (found != calls_.end()) call = *found;
    }
    return call && answer(*call, std::move(outcome));
}

bool OpenCalls::any() const {
    const base::Lock lock(mutex_);
    return !calls_.empty();
}

bool OpenCalls::ready() const {
    const base::Lock lock(mutex_);
    return !ready_.empty();
}

void OpenCalls::tell(monitor::Waker* waker) noexcept {
    const base::Lock lock(mutex_);
    waker_ = waker;
}

void OpenCalls::reopen(OpenCallInfo info) {
    const base::Lock lock(mutex_);
    last_number_ = std::max(last_number_, info.number);
    auto call = std::make_shared<OpenCall>(std::move(info), shared_from_this(), nullptr, nullptr);
    call->stage_ = OpenCall::Stage::waits;
    ready_.reserve(calls_.size() + 1);
    calls_.push_back(std::move(call));
}

std::vector<std::shared_ptr<const OpenCall>> OpenCalls::list(bool answered_too) const {
    const base::Lock lock(mutex_);
    std::vector<std::shared_ptr<const OpenCall>> list;
    for (const auto& call : calls_) {
        if (answered_too || !call->outcome_) list.push_back(call);
    }
    std::ranges::sort(list, {}, [](const auto& call) { return call->info().number; });
    return list;
}

std::optional<AnsweredCall> OpenCalls::take() {
    const base::Lock lock(mutex_);
    if (ready_.empty()) return std::nullopt;
    OpenCall& call = *ready_.front();
    ready_.erase(ready_.begin());
    bytes_ -= call.outcome_->text.size();
    AnsweredCall answered{.call = remove(call), .outcome = std::move(*call.outcome_)};
    return answered;
}

void OpenCalls::wait(bool for_answers, std::optional<std::chrono::steady_clock::time_point> until,
                     const Invocation& call) {
    base::Lock lock(mutex_);
    while (!call.cancelled() && !(for_answers && !ready_.empty())) {
        if (!until) {
            changed_.wait(lock);
        } else if (changed_.wait_until(lock, *until) == std::cv_status::timeout) {
            return;
        }
    }
}

// The mutex keeps the wake-up from falling between a waiter's look and its sleep.
void OpenCalls::wake() noexcept {
    {
        const base::Lock lock(mutex_);
    }
    changed_.notify_all();
}

std::vector<std::shared_ptr<OpenCall>> OpenCalls::close_all() noexcept {
    std::vector<std::shared_ptr<OpenCall>> calls;
    if (forks_ != base::forks()) return calls;  // whoever held the lock may not exist here
    const base::Lock lock(mutex_);
    calls.swap(calls_);
    for (const auto& call : calls) call->stage_ = OpenCall::Stage::over;
    ready_.clear();
    bytes_ = 0;
    last_number_ = 0;
    return calls;
}

}  // namespace curfew::sandbox
