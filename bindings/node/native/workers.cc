#include "workers.h"

#include <pthread.h>

#include <chrono>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

namespace curfew::node {

namespace {

constexpr std::chrono::seconds kIdleTime{5};

}  // namespace

Workers& Workers::shared() {
    static Workers& workers = *new Workers(std::numeric_limits<std::size_t>::max());
    return workers;
}

Workers& Workers::sweepers() {
    static Workers& workers = *new Workers(2);
    return workers;
}

void Workers::run(Work work) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    if (idle_ >= waiting_.size()) {
        more_.notify_one();
        return;
    }
    try {
        start_another();
    } catch (const std::system_error&) {
        // Another one will come to it.
        if (threads_ > 0) return;
        waiting_.pop_back();
        throw;
    }
}

// Making a thread takes a while. So whoever has much to do makes one, which makes the next.
void Workers::start_another() {
    if (starting_ || threads_ >= most_ || idle_ >= waiting_.size()) return;
    std::thread([this] { serve(); }).detach();
    starting_ = true;
    ++threads_;
}

void Workers::serve() noexcept {
    pthread_setname_np(pthread_self(), "curfew-node");
    std::unique_lock lock(mutex_);
    starting_ = false;
    for (;;) {
        if (waiting_.empty()) {
            ++idle_;
            const bool found = more_.wait_for(lock, kIdleTime, [this] { return !waiting_.empty(); });
            --idle_;
            if (!found) {
                --threads_;
                return;
            }
        }
        {
            Work work = std::move(waiting_.front());
            waiting_.pop_front();
            try {
                start_another();
            } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): those that there are come to it
            }
            lock.unlock();
            work();
        }
        lock.lock();
    }
}

}  // namespace curfew::node
