// One thread of JavaScript (the main one, or one of worker_threads), and how others reach it.
//
// What others post is delivered in their order, on JavaScript's thread. So everything that a handler printed has been
// delivered before its result is.
#ifndef CURFEW_NODE_ENVIRONMENT_H
#define CURFEW_NODE_ENVIRONMENT_H

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>

#include "napi.h"

namespace curfew::node {

class Operation;

class Message {
  public:
    virtual ~Message() = default;

    // On JavaScript's thread; not called if that is ending.
    virtual void deliver(napi_env env) = 0;
};

class Environment : public std::enable_shared_from_this<Environment> {
  public:
    // Makes the one of this thread.
    static void make(napi_env env);
    static std::shared_ptr<Environment> of(napi_env env);

    // From any thread. Whether JavaScript is ending: then nothing may be left to other threads.
    bool closing() const noexcept { return closing_; }
    void post(std::unique_ptr<Message> message);

    // --- On JavaScript's thread ---

    // While there is any, Node.js does not end by itself.
    void add_pending();
    void remove_pending();

    // --- Operations that other threads work on ---

    void add(Operation& operation);
    void remove(Operation& operation);

  private:
    explicit Environment(napi_env env);
    static void deliver(napi_env env, napi_value, void*, void* message);
    void close();

    napi_env env_;
    napi_threadsafe_function function_ = nullptr;
    std::size_t pending_ = 0;
    std::atomic<bool> closing_{false};

    std::mutex mutex_;
    std::condition_variable none_left_;
    std::set<Operation*> operations_;
};

}  // namespace curfew::node

#endif
