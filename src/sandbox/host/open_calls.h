// The calls of asynchronous host functions that are open: their guest has a promise, and no answer yet. Answers come from any
// thread, also when the invocation is over or the sandbox is gone, and wait here until the guest has nothing else to run.
//
//   open() ---> started ---> waits ----------> ready ---> taken
//                  |           |  answer()
//                  |           +-- close_all(): what is answered later is dropped
//                  +-- answered while it was started: taken at once, and the guest never waits
#ifndef CURFEW_SANDBOX_HOST_OPEN_CALLS_H
#define CURFEW_SANDBOX_HOST_OPEN_CALLS_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/host/detail/function.h>
#include <curfew/host/detail/pending_reply.h>
#include <curfew/monitor/invocation.h>

#include "base/mutex.h"
#include "monitor/waker.h"
#include "sandbox/guest_services.h"
#include "sandbox/host/call_state.h"

namespace curfew::sandbox {

class OpenCalls;

// What there is to know of a call. Never changes.
struct OpenCallInfo {
    std::uint32_t number = 0;  // by which the guest knows it; of one invocation
    std::string module;
    std::string function;
    std::uint32_t count = 0;  // of arguments
    std::uint32_t flags = 0;  // of the guest's message
    std::string arguments;    // as the guest sent them
    bool deferred = false;
    std::chrono::steady_clock::time_point begun{};
};

class OpenCall final : public host::detail::PendingReply {
  public:
    OpenCall(OpenCallInfo info, std::shared_ptr<OpenCalls> calls,
             std::shared_ptr<const host::detail::Function> function,
             std::shared_ptr<host::detail::CallState> invocation);

    const OpenCallInfo& info() const noexcept { return info_; }

    bool answer(host::detail::Outcome outcome) noexcept override;
    bool over() const noexcept override;
    std::stop_token stop_token() const override;

  private:
    friend class OpenCalls;
    enum class Stage { started, waits, ready, over };

    const OpenCallInfo info_;
    const std::shared_ptr<OpenCalls> calls_;                        // dropped by both when the call is over
    const std::shared_ptr<const host::detail::Function> function_;  // lives as long as what it began
    const std::shared_ptr<host::detail::CallState> invocation_;

    // Guarded by the mutex of calls_.
    Stage stage_ = Stage::started;
    std::optional<host::detail::Outcome> outcome_;
};

// A call that has its answer.
struct AnsweredCall {
    std::shared_ptr<const OpenCall> call;
    host::detail::Outcome outcome;
};

// Of one sandbox. answer(), wake() and what OpenCall has may be called from any thread; the rest by the one that runs the
// invocation.
class OpenCalls final : public std::enable_shared_from_this<OpenCalls> {
  public:
    // At most so many calls are open at once, and at most so many bytes of answers wait.
    OpenCalls(std::size_t most, std::uint64_t most_bytes) noexcept;

    std::size_t most() const noexcept { return most_; }

    // Null if there are too many. Whoever opens one says by settle() when its function has been called.
    std::shared_ptr<OpenCall> open(OpenCallInfo info, std::shared_ptr<const host::detail::Function> function,
                                   std::shared_ptr<host::detail::CallState> invocation);

    // The answer, if there is one already; then the call is closed. If there is none, it waits for it.
    std::optional<host::detail::Outcome> settle(OpenCall& call);

    // Closes a call whatever was answered.
    void close(OpenCall& call);

    // Answers the call of that number. False if it is not open, or was answered.
    bool answer(std::uint32_t number, host::detail::Outcome outcome) noexcept;

    // Opens a call that another process opened, under its number, and whose answer the embedder gives.
    void reopen(OpenCallInfo info);

    bool any() const;    // open, or with an answer that was not taken
    bool ready() const;  // an answer can be taken
    // Those without an answer, or also those whose answer was not taken; by their numbers.
    std::vector<std::shared_ptr<const OpenCall>> list(bool answered_too = false) const;

    // Told of every answer, from now on; null: nobody. When it returns, the one before is not being told any more.
    void tell(monitor::Waker* waker) noexcept;

    // The answer that came first. Nothing if there is none.
    std::optional<AnsweredCall> take();

    // Returns when an answer can be taken (if `for_answers`), at the time, or after wake(), if the invocation was cancelled then.
    void wait(bool for_answers, std::optional<std::chrono::steady_clock::time_point> until, const Invocation& call);
    void wake() noexcept;

    // At the end of a request: nobody waits any more. Gives what it has closed.
    std::vector<std::shared_ptr<OpenCall>> close_all() noexcept;

  private:
    friend class OpenCall;
    bool answer(OpenCall& call, host::detail::Outcome outcome) noexcept;
    bool answer_locked(OpenCall& call, host::detail::Outcome& outcome) noexcept REQUIRES(mutex_);
    std::shared_ptr<OpenCall> remove(const OpenCall& call) REQUIRES(mutex_);

    const std::size_t most_;
    const std::uint64_t most_bytes_;
    mutable base::Mutex mutex_;
    base::Condition changed_;
    std::vector<std::shared_ptr<OpenCall>> calls_ GUARDED_BY(mutex_);  // that are not over
    std::vector<OpenCall*> ready_ GUARDED_BY(mutex_);                  // of those, in the order of their answers
    std::uint64_t bytes_ GUARDED_BY(mutex_) = 0;                       // of answers
    std::uint32_t last_number_ GUARDED_BY(mutex_) = 0;
    monitor::Waker* waker_ GUARDED_BY(mutex_) = nullptr;
    const std::uint64_t forks_;
};

}  // namespace curfew::sandbox

#endif
