// How a waiting invocation learns that it can go on, and how its owner learns that from a queue of many.
#ifndef CURFEW_SANDBOX_DOORBELL_H
#define CURFEW_SANDBOX_DOORBELL_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/descriptor.h"
#include "base/forks.h"
#include "base/intrusive_list.h"
#include "base/mutex.h"
#include "monitor/pieces.h"

namespace curfew::sandbox {

class Doorbell;

// A doorbell's place in its queue.
struct ReadyLink {
    base::ListLink<Doorbell> among_ready;
};

// Behind ReadyQueue: the doorbells that have rung. Thread-safe.
class ReadyList {
  public:
    explicit ReadyList(base::Descriptor event) noexcept : event_(std::move(event)) {}

    int descriptor() const noexcept { return event_.get(); }

    void add(Doorbell& bell) noexcept;
    void remove(Doorbell& bell) noexcept;
    std::vector<std::uint64_t> take();
    std::vector<std::uint64_t> wait_until(std::chrono::steady_clock::time_point time);

  private:
    std::vector<std::uint64_t> take_all() REQUIRES(mutex_);

    const base::Descriptor event_;  // readable while the list is not empty
    const std::uint64_t forks_ = base::forks();
    base::Mutex mutex_;
    base::Condition filled_;
    base::IntrusiveList<Doorbell, &ReadyLink::among_ready> rung_ GUARDED_BY(mutex_);
};

// Of one invocation. wake() may be called from any thread, the rest by the owner.
class Doorbell final : public monitor::Waker, private ReadyLink {
  public:
    Doorbell() = default;
    ~Doorbell() { leave_queue(); }
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    void wake() noexcept override;

    // Before looking for the reason: what rings later is heard.
    void silence() noexcept;

    bool has_rung() const noexcept;
    // Returns when it rings, or at the time; none: whenever that is.
    void wait(std::optional<std::chrono::steady_clock::time_point> until) const;

    // From now on the queue is told too, and at once if it has rung already.
    void join(std::shared_ptr<ReadyList> queue, std::uint64_t token);
    void leave_queue() noexcept;

  private:
    friend class ReadyList;
    friend class base::IntrusiveList<Doorbell, &ReadyLink::among_ready>;

    mutable base::Mutex mutex_;  // comes before the queue's
    mutable base::Condition rings_;
    bool rung_ GUARDED_BY(mutex_) = false;
    std::shared_ptr<ReadyList> queue_ GUARDED_BY(mutex_);
    // Of the queue, under its mutex; the token does not change while it is in it.
    std::uint64_t token_ = 0;
    bool queued_ = false;
};

}  // namespace curfew::sandbox

#endif
