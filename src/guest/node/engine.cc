#include "guest/node/engine.h"

#include <string.h>
#include <uv.h>

#include <utility>

#include "guest/node/clock.h"
#include "guest/node/events.h"
#include "guest/node/host_messages.h"
#include "guest/node/memory_account.h"
#include "guest/node/output_streams.h"
#include "guest/node/pool_threads.h"
#include "guest/node/system.h"
#include "guest/node/text_of.h"
#include "wire/mailbox.h"

namespace curfew::guest {

v8::Local<v8::String> Engine::string(std::string_view text) const {
    if (text.size() > static_cast<size_t>(v8::String::kMaxLength)) return {};
    v8::Local<v8::String> made;
    const bool fits =
        v8::String::NewFromUtf8(isolate(), text.data(), v8::NewStringType::kNormal, static_cast<int>(text.size()))
            .ToLocal(&made);
    return fits ? made : v8::Local<v8::String>();
}

v8::Local<v8::Value> Engine::bytes(std::string_view from) const {
    std::unique_ptr<v8::BackingStore> store =
        v8::ArrayBuffer::NewBackingStore(isolate(), from.size(), v8::BackingStoreInitializationMode::kZeroInitialized,
                                         v8::BackingStoreOnFailureMode::kReturnNull);
    if (!store) return {};
    if (!from.empty()) memcpy(store->Data(), from.data(), from.size());
    return v8::Uint8Array::New(v8::ArrayBuffer::New(isolate(), std::move(store)), 0, from.size());
}

v8::Local<v8::String> Engine::characters(std::string_view bytes) const {
    if (bytes.size() > static_cast<size_t>(v8::String::kMaxLength)) return {};
    v8::Local<v8::String> made;
    const bool fits = v8::String::NewFromOneByte(isolate(), reinterpret_cast<const uint8_t*>(bytes.data()),
                                                 v8::NewStringType::kNormal, static_cast<int>(bytes.size()))
                          .ToLocal(&made);
    return fits ? made : v8::Local<v8::String>();
}

void Engine::reseed() {
    const v8::HandleScope handles(isolate());
    (void)enter(kReseed);
}

void Engine::load(v8::Local<v8::String> handler, v8::Local<v8::String> script, v8::Local<v8::String> source,
                  bool is_program) {
    v8::Local<v8::Value> arguments[] = {handler, script, source, v8::Boolean::New(isolate(), is_program)};
    run(kLoad, 4, arguments);
}

void Engine::evaluate(v8::Local<v8::String> script, v8::Local<v8::String> program, bool as_cbor) {
    v8::Local<v8::Value> arguments[] = {script, program, v8::Boolean::New(isolate(), as_cbor)};
    run(kEvaluate, 3, arguments);
}

void Engine::call(v8::Local<v8::String> handler, v8::Local<v8::String> event, bool as_cbor) {
    v8::Local<v8::Value> arguments[] = {handler, event, v8::Boolean::New(isolate(), as_cbor)};
    run(kCall, 3, arguments);
}

void Engine::run(Function function, int count, v8::Local<v8::Value>* arguments) {
    answer_ = {};
    answered_ = was_cut_short_ = false;
    for (int i = 0; i < count; ++i) {
        if (arguments[i].IsEmpty())
            give({.text = "there is no room for the text, or it is longer than a string of the engine can be"});
    }
    if (!answered_) (void)enter(function, count, arguments);
    while (!answered_) {
        if (run_loop_once()) continue;
        if (answered_) break;
        (void)enter(kStalled);
        give({.text = "the handler ended without an answer"});
    }
    finish();
    forget_open_calls();
    platform_->drop_delayed_tasks();
    flush_output();
}

// What is left may have to be ended as well.
void Engine::finish() {
    constexpr int kMost = 3;
    for (int i = 0; i < kMost; ++i) {
        const bool was_ended = was_cut_short_;
        was_cut_short_ = false;
        v8::Local<v8::Value> arguments[] = {v8::Boolean::New(isolate(), was_ended)};
        (void)enter(kFinish, 1, arguments);
        if (was_ended) collect_garbage();
        if (!was_cut_short_) return;
    }
}

// Calls a function of main.js, as the event loop calls callbacks: behind it come process.nextTick's and promises' jobs.
v8::MaybeLocal<v8::Value> Engine::enter(Function function, int count, v8::Local<v8::Value>* arguments) {
    v8::EscapableHandleScope handles(isolate());
    v8::Local<v8::Value> returned;
    {
        const ::node::CallbackScope callback(isolate(), resource_.Get(isolate()), {0, 0});
        // Inside of the other, which has one of its own.
        v8::TryCatch caught(isolate());
        const v8::Local<v8::Function> called = functions_[function].Get(isolate());
        if (!called->Call(context(), v8::Undefined(isolate()), count, arguments).ToLocal(&returned) &&
            !caught.HasTerminated()) {
            const std::string failure = "the engine's own script failed: " + describe(isolate(), caught);
            if (answered_) print_text(wire::PrintLevel::error, failure);
            give({.text = failure});
        }
    }
    end_what_was_cut_short();
    return returned.IsEmpty() ? v8::MaybeLocal<v8::Value>() : handles.Escape(returned);
}

// What the engine's own tasks leave to be done, as behind a callback.
void Engine::run_jobs() {
    const v8::HandleScope handles(isolate());
    const ::node::CallbackScope callback(isolate(), resource_.Get(isolate()), {0, 0});
}

// Runs what is due, or waits until something is.
bool Engine::run_loop_once() {
    if (platform_->FlushForegroundTasks(isolate())) run_jobs();
    end_what_was_cut_short();
    check_memory();
    if (answered_) return false;
    if (!pass_loop()) return false;
    end_what_was_cut_short();
    return true;
}

// An open call keeps the loop alive as a socket would: timers that do not do so by themselves come to their time meanwhile.
class LoopHold {
  public:
    LoopHold(uv_loop_t* loop, bool holds) : loop_(loop), count_(holds ? 1 : 0) { loop_->active_handles += count_; }
    ~LoopHold() { loop_->active_handles -= count_; }
    LoopHold(const LoopHold&) = delete;
    LoopHold& operator=(const LoopHold&) = delete;

  private:
    uv_loop_t* loop_;
    unsigned count_;
};

// Passes the event loop once, and settles the promise of a call that the host has replied to meanwhile.
bool Engine::pass_loop() {
    constexpr uint64_t kPerMillisecond = 1'000'000;
    uv_loop_t* const loop = setup_->event_loop();
    const LoopHold hold(loop, calls_are_open());
    const int timeout = uv_backend_timeout(loop);
    const uint64_t task = platform_->next_delayed_task();
    const bool has_task = task != Platform::kNoTask;
    // Without a timer and without an event it would wait for ever.
    const bool runs_loop = uv_loop_alive(loop) != 0 && (timeout >= 0 || events_are_pending());
    const bool task_is_first =
        has_task && !events_are_pending() &&
        (timeout < 0 || task < monotonic_time() + static_cast<uint64_t>(timeout) * kPerMillisecond);
    if (runs_loop && !task_is_first) {
        uv_run(loop, UV_RUN_ONCE);
    } else if (calls_are_open()) {
        wait_for_reply(has_task ? task : kNoEnd);
    } else if (has_task) {
        sleep_until(task);
    } else {
        return false;
    }
    if (take_reseed()) (void)enter(kReseed);
    if (reply_has_come() && !is_cut_short()) pass_on_reply();
    return true;
}

void Engine::pass_on_reply() {
    const v8::HandleScope handles(isolate());
    const HostAnswer reply = take_reply();
    v8::Local<v8::Value> value = v8::Undefined(isolate());
    bool failed = reply.failed;
    if ((reply.flags & wire::kCbor) != 0) {
        value = characters(reply.text);
        if (!value.IsEmpty()) value = v8::Array::New(isolate(), &value, 1);
    } else if ((reply.flags & wire::kBinary) != 0) {
        value = bytes(reply.text);
    } else if (!reply.text.empty()) {
        value = string(reply.text);
    }
    if (value.IsEmpty()) {
        failed = true;
        value = string("out of memory: the heap has no room for what the host replied");
    }
    v8::Local<v8::Value> arguments[] = {v8::Integer::NewFromUnsigned(isolate(), reply.value),
                                        v8::Boolean::New(isolate(), failed), value};
    (void)enter(kReplied, 3, arguments);
}

bool Engine::wait_for(v8::Local<v8::Promise> promise) {
    if (v8::MicrotasksScope::IsRunningMicrotasks(isolate())) return false;
    while (!is_cut_short()) {
        isolate()->PerformMicrotaskCheckpoint();
        if (promise->State() != v8::Promise::kPending) break;
        platform_->DrainTasks(isolate());
        if (!pass_loop()) break;
    }
    return true;
}

void Engine::give(Answer answer) {
    if (answered_) return;
    answered_ = true;
    answer_ = std::move(answer);
}

void Engine::exit(int status) {
    exited_ = true;
    exit_status_ = status;
    isolate()->TerminateExecution();
}

// No termination outlives what it was meant to end.
void Engine::end_what_was_cut_short() {
    if (isolate()->IsExecutionTerminating()) isolate()->CancelTerminateExecution();
    was_cut_short_ = was_cut_short_ || is_cut_short();
    if (out_of_memory_) {
        out_of_memory_ = exited_ = false;
        isolate()->CancelTerminateExecution();
        give({.flags = wire::kOutOfMemory, .text = "out of memory"});
        collect_garbage();
        limit_script_heap();
    } else if (exited_) {
        exited_ = false;
        isolate()->CancelTerminateExecution();
        v8::Local<v8::Value> status[] = {v8::Integer::New(isolate(), exit_status_)};
        (void)enter(kExited, 1, status);
        give({.text = "process.exit() was called"});
    }
}

}  // namespace curfew::guest
