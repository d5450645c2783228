#include "sandbox/pending/doorbell.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <curfew/ready_queue.h>

#include "sandbox/failure.h"

namespace curfew::sandbox {

void ReadyList::add(Doorbell& bell) noexcept {
    {
        const base::Lock lock(mutex_);
        if (bell.queued_) return;
        const bool first = rung_.empty();
        rung_.push_back(bell);
        bell.queued_ = true;
        // Nothing fails here: the counter is zero.
        if (first) static_cast<void>(::eventfd_write(event_.get(), 1));
    }
    filled_.notify_all();
}

void ReadyList::remove(Doorbell& bell) noexcept {
    const base::Lock lock(mutex_);
    if (!bell.queued_) return;
    rung_.remove(bell);
    bell.queued_ = false;
    eventfd_t count = 0;
    if (rung_.empty()) static_cast<void>(::eventfd_read(event_.get(), &count));
}

std::vector<std::uint64_t> ReadyList::take_all() {
    std::vector<std::uint64_t> tokens;
    std::size_t count = 0;
    for (const Doorbell& bell : rung_) count += bell.queued_ ? 1 : 0;
    tokens.reserve(count);
    while (Doorbell* const bell = rung_.front()) {
        rung_.remove(*bell);
        bell->queued_ = false;
        tokens.push_back(bell->token_);
    }
    eventfd_t read = 0;
    if (count > 0) static_cast<void>(::eventfd_read(event_.get(), &read));
    return tokens;
}

std::vector<std::uint64_t> ReadyList::take() {
    if (forks_ != base::forks()) return {};
    const base::Lock lock(mutex_);
    return take_all();
}

std::vector<std::uint64_t> ReadyList::wait_until(std::chrono::steady_clock::time_point time) {
    if (forks_ != base::forks()) return {};
    base::Lock lock(mutex_);
    while (rung_.empty() && filled_.wait_until(lock, time) == std::cv_status::no_timeout) {
    }
    return take_all();
}

void Doorbell::wake() noexcept {
    const base::Lock lock(mutex_);
    rung_ = true;
    if (queue_) queue_->add(*this);
    rings_.notify_all();  // with the lock: the owner may drop this as soon as it can look
}

void Doorbell::silence() noexcept {
    const base::Lock lock(mutex_);
    rung_ = false;
}

bool Doorbell::has_rung() const noexcept {
    const base::Lock lock(mutex_);
    return rung_;
}

void Doorbell::wait(std::optional<std::chrono::steady_clock::time_point> until) const {
    base::Lock lock(mutex_);
    while (!rung_) {
        if (!until) {
            rings_.wait(lock);
        } else if (rings_.wait_until(lock, *until) == std::cv_status::timeout) {
            return;
        }
    }
}

void Doorbell::join(std::shared_ptr<ReadyList> queue, std::uint64_t token) {
    leave_queue();
    const base::Lock lock(mutex_);
    queue_ = std::move(queue);
    token_ = token;
    if (rung_) queue_->add(*this);
}

void Doorbell::leave_queue() noexcept {
    const base::Lock lock(mutex_);
    if (queue_) queue_->remove(*this);
    queue_.reset();
}

}  // namespace curfew::sandbox

namespace curfew {

ReadyQueue::ReadyQueue(std::shared_ptr<sandbox::ReadyList> list) noexcept : list_(std::move(list)) {}

Result<ReadyQueue> ReadyQueue::create() {
    base::Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) {
        return sandbox::fail(ErrorCode::unavailable,
                             "no queue for waiting invocations can be made: " + std::generic_category().message(errno));
    }
    return ReadyQueue(std::make_shared<sandbox::ReadyList>(std::move(event)));
}

int ReadyQueue::descriptor() const noexcept { return list_ ? list_->descriptor() : -1; }

std::vector<std::uint64_t> ReadyQueue::take() { return list_ ? list_->take() : std::vector<std::uint64_t>(); }

std::vector<std::uint64_t> ReadyQueue::wait_until(std::chrono::steady_clock::time_point time) {
    return list_ ? list_->wait_until(time) : std::vector<std::uint64_t>();
}

}  // namespace curfew
