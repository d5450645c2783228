// Hears which waiting invocations can go on, on one thread for all of them, and tells JavaScript's threads.
#ifndef CURFEW_NODE_WATCHER_H
#define CURFEW_NODE_WATCHER_H

#include <cstdint>
#include <memory>

#include <curfew/error.h>
#include <curfew/pending_invocation.h>

#include "napi.h"

namespace curfew::node {

class Environment;

// A waiting invocation that is watched for as long as this lives: on JavaScript's thread.
class Watch {
  public:
    // `object` is told by its method ready(), on its own thread, unless it was collected. Throws std::system_error if there
    // is no thread for it.
    static Result<Watch> begin(napi_env env, napi_value object);

    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) noexcept;
    ~Watch();

    std::uint64_t token() const noexcept { return token_; }

  private:
    explicit Watch(std::uint64_t token) noexcept : token_(token) {}
    std::uint64_t token_ = 0;  // 0: moved from
};

// Has the watch of this token hear of the invocation; on the thread that uses that.
void notify(PendingInvocation& invocation, std::uint64_t token);

// JavaScript is ending: it is told nothing any more.
void forget_watches(const Environment& environment);

}  // namespace curfew::node

#endif
