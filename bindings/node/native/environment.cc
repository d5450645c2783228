#include "environment.h"

#include "operation.h"
#include "watcher.h"

namespace curfew::node {

void Environment::make(napi_env env) {
    auto made = std::shared_ptr<Environment>(new Environment(env));
    auto held = std::make_unique<std::shared_ptr<Environment>>(made);
    check(env,
          napi_set_instance_data(
              env, held.get(),
              [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Environment>*>(data); }, nullptr));
    (void)held.release();
    // Runs before what the thread-safe function has to clean up, which was registered before.
    check(env,
          napi_add_env_cleanup_hook(env, [](void* self) { static_cast<Environment*>(self)->close(); }, made.get()));
}

std::shared_ptr<Environment> Environment::of(napi_env env) {
    void* data = nullptr;
    check(env, napi_get_instance_data(env, &data));
    return *static_cast<std::shared_ptr<Environment>*>(data);
}

Environment::Environment(napi_env env) : env_(env) {
    check(env, napi_create_threadsafe_function(env, nullptr, nullptr, to_js(env, std::string_view("curfew")), 0, 1,
                                               nullptr, nullptr, nullptr, deliver, &function_));
    check(env, napi_unref_threadsafe_function(env, function_));
}

void Environment::deliver(napi_env env, napi_value, void*, void* data) {
    const std::unique_ptr<Message> message(static_cast<Message*>(data));
    if (env == nullptr) return;
    guarded(env, [&]() -> napi_value {
        message->deliver(env);
        return nullptr;
    });
}

void Environment::post(std::unique_ptr<Message> message) {
    if (napi_call_threadsafe_function(function_, message.get(), napi_tsfn_blocking) == napi_ok) {
        (void)message.release();  // deliver() has it
    }
}

void Environment::add_pending() {
    if (pending_++ == 0) check(env_, napi_ref_threadsafe_function(env_, function_));
}

void Environment::remove_pending() {
    if (--pending_ == 0) check(env_, napi_unref_threadsafe_function(env_, function_));
}

void Environment::add(Operation& operation) {
    const std::lock_guard lock(mutex_);
    operations_.insert(&operation);
}

void Environment::remove(Operation& operation) {
    const std::lock_guard lock(mutex_);
    operations_.erase(&operation);
    if (operations_.empty()) none_left_.notify_all();
}

// Ends what is running, so that no other thread uses what is about to go.
void Environment::close() {
    closing_ = true;
    {
        std::unique_lock lock(mutex_);
        for (Operation* operation : operations_) operation->control().stop.request_stop();
        none_left_.wait(lock, [this] { return operations_.empty(); });
    }
    forget_watches(*this);
    napi_release_threadsafe_function(function_, napi_tsfn_abort);
}

}  // namespace curfew::node
