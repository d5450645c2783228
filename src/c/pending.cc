// Invocations that wait without a thread, and what tells of them.
#include <chrono>

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// The end of a time in C: none for less than 0.
std::optional<steady_clock::time_point> end_of(int64_t wait) {
    if (wait < 0) return std::nullopt;
    const auto now = steady_clock::now();
    const nanoseconds most = steady_clock::time_point::max() - now;
    return now + std::min(nanoseconds(wait), most);
}

}  // namespace

curfew_error* curfew_loaded_begin(curfew_loaded* loaded, const char* handler, const char* event, size_t length,
                                  const curfew_monitors* monitors, const curfew_call_options* options,
                                  curfew_pending** out) {
    if (out == nullptr) return missing("the place for the pending invocation");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (handler == nullptr) return missing("the handler's name");
    if (is_missing(event, length)) return missing("the event");
    return guarded([&] {
        return hand_over(
            loaded->get().begin_event(handler, text_of(event, length), monitors_of(monitors), options_of(options)),
            out);
    });
}

int curfew_loaded_waits(const curfew_loaded* loaded) { return loaded != nullptr && loaded->get().waits() ? 1 : 0; }

curfew_error* curfew_loaded_continue(curfew_loaded* loaded, const curfew_monitors* monitors,
                                     const curfew_call_options* options, curfew_pending** out) {
    if (out == nullptr) return missing("the place for the pending invocation");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    return guarded(
        [&] { return hand_over(loaded->get().continue_event(monitors_of(monitors), options_of(options)), out); });
}

void curfew_pending_free(curfew_pending* pending) { delete pending; }  // NOLINT: C's

int curfew_pending_done(curfew_pending* pending) { return pending == nullptr || pending->pending.done() ? 1 : 0; }

curfew_error* curfew_pending_result(curfew_pending* pending, curfew_result** out) {
    if (out == nullptr) return missing("the place for the result");
    *out = nullptr;
    if (pending == nullptr) return missing("the pending invocation");
    return guarded([&] { return hand_over(pending->pending.result(), out); });
}

void curfew_pending_usage(const curfew_pending* pending, curfew_usage* usage) {
    if (pending != nullptr) give_out(usage_of(pending->pending.usage()), usage);
}

curfew_error* curfew_pending_resume(curfew_pending* pending, uint32_t id, const char* json, size_t length) {
    if (pending == nullptr) return missing("the pending invocation");
    if (is_missing(json, length)) return missing("the answer");
    return guarded([&] { return outcome_of(pending->pending.resume(id, text_of(json, length))); });
}

curfew_error* curfew_pending_resume_cbor(curfew_pending* pending, uint32_t id, const void* cbor, size_t length) {
    if (pending == nullptr) return missing("the pending invocation");
    const auto* const bytes = static_cast<const char*>(cbor);
    if (is_missing(bytes, length)) return missing("the answer");
    return guarded([&] { return outcome_of(pending->pending.resume_cbor(id, text_of(bytes, length))); });
}

curfew_error* curfew_pending_fail(curfew_pending* pending, uint32_t id, const char* message, size_t length) {
    if (pending == nullptr) return missing("the pending invocation");
    if (is_missing(message, length)) return missing("the message");
    return guarded([&] { return outcome_of(pending->pending.fail(id, text_of(message, length))); });
}

curfew_error* curfew_pending_go_on(curfew_pending* pending) {
    if (pending == nullptr) return missing("the pending invocation");
    return guarded([&] { return outcome_of(pending->pending.go_on()); });
}

int curfew_pending_can_go_on(curfew_pending* pending) {
    return pending == nullptr || pending->pending.can_go_on() ? 1 : 0;
}

int curfew_pending_wait(curfew_pending* pending, int64_t nanoseconds) {
    if (pending == nullptr) return 1;
    if (const auto end = end_of(nanoseconds)) {
        pending->pending.wait_until(*end);
    } else {
        pending->pending.wait();
    }
    return pending->pending.can_go_on() ? 1 : 0;
}

curfew_error* curfew_pending_finish(curfew_pending* pending, curfew_result** out) {
    if (out == nullptr) return missing("the place for the result");
    *out = nullptr;
    if (pending == nullptr) return missing("the pending invocation");
    return guarded([&] { return hand_over(pending->pending.finish(), out); });
}

curfew_error* curfew_pending_waiting(const curfew_pending* pending, curfew_waiting** out) {
    if (out == nullptr) return missing("the place for what it waits for");
    *out = nullptr;
    if (pending == nullptr) return missing("the pending invocation");
    return guarded([&]() -> curfew_error* {
        const PendingInvocation& asked = pending->pending;
        if (const_cast<PendingInvocation&>(asked).done()) return nullptr;
        WaitingInvocation waiting{.handler = asked.handler(), .usage = asked.usage(), .open_calls = asked.open_calls()};
        if (const auto due = asked.due()) {
            const auto left = std::max(*due - steady_clock::now(), steady_clock::duration::zero());
            waiting.due = std::chrono::ceil<std::chrono::microseconds>(left);
        }
        *out = new curfew_waiting{std::move(waiting)};  // NOLINT: its owner is C
        return nullptr;
    });
}

curfew_error* curfew_snapshot_waiting(const curfew_snapshot* snapshot, curfew_waiting** out) {
    if (out == nullptr) return missing("the place for what it waits for");
    *out = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&]() -> curfew_error* {
        if (auto waiting = snapshot->snapshot.waiting()) {
            *out = new curfew_waiting{std::move(*waiting)};  // NOLINT: its owner is C
        }
        return nullptr;
    });
}

const char* curfew_waiting_handler(const curfew_waiting* waiting) {
    return waiting == nullptr ? "" : waiting->waiting.handler.c_str();
}

void curfew_waiting_usage(const curfew_waiting* waiting, curfew_usage* usage) {
    if (waiting != nullptr) give_out(usage_of(waiting->waiting.usage), usage);
}

int64_t curfew_waiting_due_ns(const curfew_waiting* waiting) {
    if (waiting == nullptr || !waiting->waiting.due) return -1;
    return nanoseconds(*waiting->waiting.due).count();
}

int curfew_waiting_call_at(const curfew_waiting* waiting, size_t index, curfew_open_call* call) {
    if (waiting == nullptr || index >= waiting->waiting.open_calls.size()) return 0;
    const OpenHostCall& open = waiting->waiting.open_calls[index];
    give_out({.struct_size = sizeof(curfew_open_call),
              .id = open.id,
              .module = open.module.c_str(),
              .function = open.function.c_str(),
              .arguments = open.arguments.c_str(),
              .arguments_length = open.arguments.size(),
              .values = open.values.empty() ? nullptr : open.values.data(),
              .values_length = open.values.size()},
             call);
    return 1;
}

void curfew_waiting_free(curfew_waiting* waiting) { delete waiting; }  // NOLINT: C's

curfew_error* curfew_ready_queue_new(curfew_ready_queue** out) {
    if (out == nullptr) return missing("the place for the queue");
    *out = nullptr;
    return guarded([&] { return hand_over(ReadyQueue::create(), out); });
}

int curfew_ready_queue_descriptor(const curfew_ready_queue* queue) {
    return queue == nullptr ? -1 : queue->queue.descriptor();
}

curfew_error* curfew_pending_notify(curfew_pending* pending, const curfew_ready_queue* queue, uint64_t token) {
    if (pending == nullptr) return missing("the pending invocation");
    if (queue == nullptr) return missing("the queue");
    return guarded([&]() -> curfew_error* {
        pending->pending.notify(queue->queue, token);
        return nullptr;
    });
}

size_t curfew_ready_queue_take(curfew_ready_queue* queue, int64_t nanoseconds, uint64_t* tokens, size_t room) {
    if (queue == nullptr || tokens == nullptr || room == 0) return 0;
    const auto hand_out = [&] {
        const std::lock_guard lock(queue->mutex);
        const std::size_t count = std::min(room, queue->left.size());
        std::copy_n(queue->left.begin(), count, tokens);
        queue->left.erase(queue->left.begin(), queue->left.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    };
    std::size_t given = hand_out();
    if (given == room) return given;
    try {
        const auto end = given != 0 ? end_of(0) : end_of(nanoseconds);
        const auto taken = queue->queue.wait_until(end.value_or(steady_clock::time_point::max()));
        const auto count = static_cast<std::ptrdiff_t>(std::min(room - given, taken.size()));
        std::copy_n(taken.begin(), count, tokens + given);
        given += static_cast<std::size_t>(count);
        const std::lock_guard lock(queue->mutex);
        queue->left.insert(queue->left.end(), taken.begin() + count, taken.end());
    } catch (const std::bad_alloc&) {
        return given;
    }
    return given;
}

void curfew_ready_queue_free(curfew_ready_queue* queue) { delete queue; }  // NOLINT: C's
