#include "guest/quickjs/open_calls.h"

#include "guest/platform/clock.h"
#include "guest/quickjs/timers.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/waits.h"

namespace curfew::guest {

namespace {

struct Call {
    uint32_t number;
    HostTarget* target;
    JSValue functions[2];  // that resolve and reject the promise
};

// In no order. The host bounds how many there are.
Call* calls;
size_t count;
size_t capacity;

// Room for one more. False, with an exception, when memory runs out.
bool reserve(JSContext* context) {
    if (count < capacity) return true;
    const size_t wanted = capacity == 0 ? 8 : 2 * capacity;
    auto* grown = static_cast<Call*>(js_realloc(context, calls, wanted * sizeof(Call)));
    if (!grown) return false;
    calls = grown;
    capacity = wanted;
    return true;
}

// Takes over the value; and what the functions throw is a lack of memory, which is noted elsewhere.
void settle(JSContext* context, const JSValue functions[2], JSValue owned) {
    const bool failed = JS_IsException(owned);
    const Value value(context, failed ? JS_GetException(context) : owned);
    JSValue argument = value.get();
    const Value settled(context, JS_Call(context, functions[failed ? 1 : 0], JS_UNDEFINED, 1, &argument));
    if (settled.failed()) JS_FreeValue(context, JS_GetException(context));
}

void release(JSContext* context, const Call& call) {
    for (const JSValue function : call.functions) JS_FreeValue(context, function);
    call.target->release();
}

void take_reply(JSContext* context) {
    const uint32_t number = mailbox().message.value;
    size_t index = 0;
    while (index < count && calls[index].number != number) ++index;
    if (index == count) abort_guest("the host replied to a call that is not open");
    const Call call = calls[index];
    calls[index] = calls[--count];
    settle(context, call.functions, take_host_answer(context, *call.target));
    release(context, call);
}

}  // namespace

OpenPromise::OpenPromise(JSContext* context) : context_(context) {
    promise_ = reserve(context) ? JS_NewPromiseCapability(context, functions_) : JS_EXCEPTION;
}

OpenPromise::~OpenPromise() {
    JS_FreeValue(context_, promise_);
    for (const JSValue function : functions_) JS_FreeValue(context_, function);
}

void OpenPromise::settle(JSValue owned) { guest::settle(context_, functions_, owned); }

void OpenPromise::keep_open(uint32_t number, HostTarget& target) {
    calls[count++] = {.number = number, .target = target.share(), .functions = {functions_[0], functions_[1]}};
    functions_[0] = functions_[1] = JS_UNDEFINED;
}

bool any_open_calls() { return count > 0; }

bool wait_for_reply(JSContext* context, uint64_t until) {
    for (;;) {
        const uint64_t now = monotonic_now();
        wait_for_host(wire::kUntilReply, until == kNoTime ? wire::kNoTimer : microseconds_until(until, now));
        if (received_kind() == wire::MessageKind::reply) {
            take_reply(context);
            return true;
        }
        if (now >= until) return false;
    }
}

bool drop_open_calls(JSContext* context) {
    const bool any = count > 0;
    while (count > 0) release(context, calls[--count]);
    js_free(context, calls);
    calls = nullptr;
    capacity = 0;
    return any;
}

}  // namespace curfew::guest
