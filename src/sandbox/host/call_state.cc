#include "sandbox/host/call_state.h"

namespace curfew::host::detail {

bool CallState::cancelled() const noexcept {
    const base::Lock lock(mutex_);
    return call_ == nullptr || call_->cancelled();
}

bool CallState::over() const noexcept {
    const base::Lock lock(mutex_);
    return call_ == nullptr;
}

Usage CallState::usage() const noexcept {
    const base::Lock lock(mutex_);
    return call_ == nullptr ? usage_ : call_->used();
}

std::stop_token CallState::stop_token() const {
    base::Lock lock(mutex_);
    if (!stop_.stop_possible()) {
        stop_ = std::stop_source();
        if (call_ == nullptr || (prompt_ && call_->stop_token().stop_requested())) {
            stop_.request_stop();
        } else if (prompt_) {
            cancelled_.emplace(call_->stop_token(), Request{this});
        }
        // Else by tell_end(), which comes after end().
    }
    return stop_.get_token();
}

const std::shared_ptr<void>& CallState::kept(const void* owner,
                                             std::shared_ptr<void> (*make)(const void* owner)) const {
    const base::Lock lock(mutex_);
    std::shared_ptr<void>& kept = kept_[owner];
    if (!kept) kept = make(owner);
    return kept;
}

bool CallState::has_token() const noexcept {
    const base::Lock lock(mutex_);
    return stop_.stop_possible();
}

// What is told at this moment is over when the callback is gone, which must not be waited for under the lock.
void CallState::end() noexcept {
    std::map<const void*, std::shared_ptr<void>> kept;  // destroyed without the lock
    {
        const base::Lock lock(mutex_);
        kept.swap(kept_);
        usage_ = call_->used();
        call_ = nullptr;
    }
    cancelled_.reset();
}

void CallState::tell_end() noexcept {
    std::stop_source stop{std::nostopstate};
    {
        const base::Lock lock(mutex_);
        stop = stop_;
    }
    stop.request_stop();
}

}  // namespace curfew::host::detail

namespace curfew {

std::string_view CallContext::handler() const noexcept { return state_->handler(); }
const std::any& CallContext::context() const noexcept { return state_->context(); }
bool CallContext::cancelled() const noexcept { return state_->cancelled(); }
std::stop_token CallContext::stop_token() const { return state_->stop_token(); }
Usage CallContext::usage() const noexcept { return state_->usage(); }

}  // namespace curfew
