// ReadyQueue: tells an event loop which of its waiting invocations can go on, through one file descriptor for all of them.
//
//     auto queue = curfew::ReadyQueue::create();
//     invocation.notify(*queue, 17);                   // 17 is the embedder's own name for it
//     epoll_ctl(loop, EPOLL_CTL_ADD, queue->descriptor(), &readable);
//     ...
//     for (const std::uint64_t token : queue->take()) invocations[token].go_on();
#ifndef CURFEW_READY_QUEUE_H
#define CURFEW_READY_QUEUE_H

#include <curfew/language.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>

namespace curfew {

namespace sandbox {
class ReadyList;
}

// Copies are the same queue. All functions may be called from any thread. In a forked child it is empty and stays so.
class CURFEW_EXPORT ReadyQueue {
  public:
    // Fails with `unavailable` if no descriptor can be had.
    [[nodiscard]] static Result<ReadyQueue> create();

    // Readable (poll, epoll, select, an asio descriptor) as long as there is something to take. An eventfd that belongs to the
    // queue: do not read, write or close it.
    int descriptor() const noexcept;

    // The tokens of those that can go on since they were taken last, in the order in which they became ready, each once. What
    // was dropped or has gone on meanwhile may be among them: go_on() does no harm.
    [[nodiscard]] std::vector<std::uint64_t> take();

    // The same, but waits until there is something, or the time is over.
    [[nodiscard]] std::vector<std::uint64_t> wait_until(std::chrono::steady_clock::time_point time);

    const std::shared_ptr<sandbox::ReadyList>& list() const noexcept { return list_; }  // for PendingInvocation

  private:
    explicit ReadyQueue(std::shared_ptr<sandbox::ReadyList> list) noexcept;
    std::shared_ptr<sandbox::ReadyList> list_;
};

}  // namespace curfew

#endif
