#include "guest/quickjs/jobs.h"

#include "guest/platform/output.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/open_calls.h"
#include "guest/quickjs/out_of_memory.h"
#include "guest/quickjs/timers.h"

namespace curfew::guest {

namespace {

// Rejected promises without a handler. One may still get its handler, so they are told of only when all jobs
// are done.
struct Rejection {
    JSValue promise;
    JSValue reason;
};
constexpr int kMaxRejections = 16;
Rejection rejections[kMaxRejections];
int rejection_count;
int64_t more_rejections;  // that found no room

JSAtom then_atom;

void forget(JSContext* context, int index) {
    JS_FreeValue(context, rejections[index].promise);
    JS_FreeValue(context, rejections[index].reason);
    --rejection_count;
    for (int i = index; i < rejection_count; ++i) rejections[i] = rejections[i + 1];
}

void forget_promise(JSContext* context, JSValueConst promise) {
    for (int i = 0; i < rejection_count; ++i) {
        if (JS_VALUE_GET_PTR(rejections[i].promise) == JS_VALUE_GET_PTR(promise)) return forget(context, i);
    }
    if (more_rejections > 0) --more_rejections;
}

void on_rejection(JSContext* context, JSValueConst promise, JSValueConst reason, bool is_handled, void*) {
    if (is_handled) {
        forget_promise(context, promise);
    } else if (rejection_count < kMaxRejections) {
        rejections[rejection_count++] = {JS_DupValue(context, promise), JS_DupValue(context, reason)};
    } else {
        ++more_rejections;
    }
}

void print_uncaught(JSContext* context, const char* what, JSValueConst thrown) {
    Writer text;
    text << what;
    write_loose(context, text, thrown);
    print(wire::PrintLevel::error, text.text());
}

// Prints what was rejected and never handled, and forgets it.
void report_rejections(JSContext* context) {
    while (rejection_count > 0) {
        print_uncaught(context, "Unhandled promise rejection: ", rejections[0].reason);
        forget(context, 0);
    }
    if (more_rejections > 0) {
        Writer text;
        text << "Unhandled promise rejections: " << more_rejections << " more";
        more_rejections = 0;
        print(wire::PrintLevel::error, text.text());
    }
}

// Runs the next job. False when there is none.
bool run_job(JSContext* context) {
    JSRuntime* engine = JS_GetRuntime(context);
    if (!JS_IsJobPending(engine)) return false;
    JSContext* of_job = nullptr;
    if (JS_ExecutePendingJob(engine, &of_job) < 0) report_uncaught(context);
    return true;
}

// Runs the next timer, or settles the promise of the next call that the host replies to, whichever comes first; waits for
// it if need be. A timer that is due does not keep replies waiting. False when there is neither.
bool run_next(JSContext* context) {
    if (!any_open_calls()) return run_next_timer(context);
    if (!wait_for_reply(context, next_timer_time())) return run_next_timer(context);
    begin_turn();
    return true;
}

// An object with a method `then` is waited for like a promise. False when looking for the method threw.
bool adopt_thenable(JSContext* context, Value& value) {
    const Value then(context, JS_GetProperty(context, value.get(), then_atom));
    if (then.failed()) return false;
    if (!JS_IsFunction(context, then.get())) return true;
    JSValue functions[2];
    Value promise(context, JS_NewPromiseCapability(context, functions));
    if (promise.failed()) return false;
    const Value resolve(context, functions[0]);
    const Value reject(context, functions[1]);
    JSValue argument = value.get();
    const Value resolved(context, JS_Call(context, resolve.get(), JS_UNDEFINED, 1, &argument));
    if (resolved.failed()) return false;
    value = static_cast<Value&&>(promise);
    return true;
}

}  // namespace

bool prepare_jobs(JSContext* context) {
    JS_SetHostPromiseRejectionTracker(JS_GetRuntime(context), on_rejection, nullptr);
    then_atom = JS_NewAtom(context, "then");
    return then_atom != JS_ATOM_NULL;
}

void report_uncaught(JSContext* context) {
    const Value thrown(context, JS_GetException(context));
    print_uncaught(context, "Uncaught ", thrown.get());
}

void run_jobs(JSContext* context) {
    while (run_job(context)) {
    }
}

JSPromiseStateEnum run_jobs_until_settled(JSContext* context, JSValueConst promise) {
    while (JS_PromiseState(context, promise) == JS_PROMISE_PENDING && (run_job(context) || run_next(context))) {
    }
    const JSPromiseStateEnum state = JS_PromiseState(context, promise);
    if (state == JS_PROMISE_REJECTED) forget_promise(context, promise);
    return state;
}

bool settle(JSContext* context, Value& value, const char* who, ScriptFailure& failure) {
    if (JS_IsObject(value.get()) && !JS_IsPromise(value.get()) && !adopt_thenable(context, value)) {
        failure.describe_exception(context);
        return false;
    }
    do {
        run_jobs(context);
    } while (JS_PromiseState(context, value.get()) == JS_PROMISE_PENDING && run_next(context));
    switch (JS_PromiseState(context, value.get())) {
        case JS_PROMISE_NOT_A_PROMISE: return true;
        case JS_PROMISE_FULFILLED: value.reset(JS_PromiseResult(context, value.get())); return true;
        case JS_PROMISE_REJECTED: {
            forget_promise(context, value.get());
            const Value reason(context, JS_PromiseResult(context, value.get()));
            failure.describe(context, reason.get());
            return false;
        }
        case JS_PROMISE_PENDING: break;
    }
    if (memory_ran_out()) {
        failure.flags |= wire::kOutOfMemory;
        failure.message << "out of memory: what " << who << " waits for was lost when memory ran out";
    } else {
        failure.message << who
                        << " waits for a promise that can never settle: nothing is left to run that could settle it";
    }
    return false;
}

void finish_jobs(JSContext* context) {
    // More jobs come of printing an error that has getters, and of dropping what a FinalizationRegistry watches.
    bool again = false;
    do {
        run_jobs(context);
        report_rejections(context);
        const bool any_calls = drop_open_calls(context);
        again = drop_timers(context) || any_calls || JS_IsJobPending(JS_GetRuntime(context));
    } while (again);
}

}  // namespace curfew::guest
