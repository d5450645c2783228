#include "watcher.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/ready_queue.h>

#include "environment.h"

namespace curfew::node {

namespace {

// Whom to tell: an object that is held weakly, so that a sandbox that nobody refers to can be collected while it waits.
class Listener {
  public:
    Listener(napi_env env, napi_value object) : env_(env) {
        check(env, napi_create_reference(env, object, 0, &object_));
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { napi_delete_reference(env_, object_); }

    void tell() const {
        napi_value object = nullptr;
        check(env_, napi_get_reference_value(env_, object_, &object));
        if (object != nullptr) call_method(env_, object, "ready", {});
    }

  private:
    napi_env env_;
    napi_ref object_ = nullptr;
};

struct Entry {
    std::shared_ptr<Environment> environment;
    std::shared_ptr<Listener> listener;  // of the environment's thread, also its end
};

class Watcher {
  public:
    // Null if none was needed yet.
    static Watcher* existing() noexcept { return made_; }

    // Never destroyed: its thread runs until the process's end.
    static Result<Watcher*> shared() {
        static std::mutex mutex;
        const std::lock_guard lock(mutex);
        if (made_ == nullptr) {
            auto queue = ReadyQueue::create();
            if (!queue) return std::unexpected(std::move(queue.error()));
            auto watcher = std::make_unique<Watcher>(std::move(*queue));
            std::thread([self = watcher.get()] { self->serve(); }).detach();
            made_ = watcher.release();
        }
        return made_.load();
    }

    explicit Watcher(ReadyQueue queue) : queue_(std::move(queue)) {}

    std::uint64_t add(Entry entry) {
        const std::lock_guard lock(mutex_);
        entries_.emplace(++last_, std::move(entry));
        return last_;
    }

    void remove(std::uint64_t token) noexcept {
        decltype(entries_)::node_type removed;  // ends outside of the lock
        const std::lock_guard lock(mutex_);
        removed = entries_.extract(token);
    }

    void forget(const Environment& environment) {
        std::vector<Entry> removed;
        const std::lock_guard lock(mutex_);
        std::erase_if(entries_, [&](auto& each) {
            if (each.second.environment.get() != &environment) return false;
            removed.push_back(std::move(each.second));
            return true;
        });
    }

    std::shared_ptr<Listener> find(std::uint64_t token) {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(token);
        return found == entries_.end() ? nullptr : found->second.listener;
    }

    const ReadyQueue& queue() const noexcept { return queue_; }

  private:
    void serve() noexcept;

    static inline std::atomic<Watcher*> made_{nullptr};

    ReadyQueue queue_;
    std::mutex mutex_;
    std::map<std::uint64_t, Entry> entries_;
    std::uint64_t last_ = 0;
};

class Ready final : public Message {
  public:
    explicit Ready(std::uint64_t token) noexcept : token_(token) {}

    void deliver(napi_env) override {
        if (const auto listener = Watcher::existing()->find(token_)) listener->tell();
    }

  private:
    std::uint64_t token_;
};

void Watcher::serve() noexcept {
    pthread_setname_np(pthread_self(), "curfew-ready");
    for (;;) {
        const auto ready = queue_.wait_until(std::chrono::steady_clock::now() + std::chrono::hours(1));
        const std::lock_guard lock(mutex_);  // while it is held, no environment can end
        for (const std::uint64_t token : ready) {
            const auto found = entries_.find(token);
            if (found != entries_.end()) found->second.environment->post(std::make_unique<Ready>(token));
        }
    }
}

}  // namespace

Result<Watch> Watch::begin(napi_env env, napi_value object) {
    auto watcher = Watcher::shared();
    if (!watcher) return std::unexpected(std::move(watcher.error()));
    return Watch((*watcher)->add({Environment::of(env), std::make_shared<Listener>(env, object)}));
}

Watch::Watch(Watch&& other) noexcept : token_(std::exchange(other.token_, 0)) {}

Watch& Watch::operator=(Watch&& other) noexcept {
    std::swap(token_, other.token_);
    return *this;
}

Watch::~Watch() {
    if (token_ != 0) Watcher::existing()->remove(token_);
}

void notify(PendingInvocation& invocation, std::uint64_t token) {
    invocation.notify(Watcher::existing()->queue(), token);
}

void forget_watches(const Environment& environment) {
    if (Watcher* const watcher = Watcher::existing()) watcher->forget(environment);
}

}  // namespace curfew::node
