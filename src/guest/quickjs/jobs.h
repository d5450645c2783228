// Promises: running their jobs, waiting for one to settle, and telling of rejections that nobody handles.
#ifndef CURFEW_GUEST_RUNTIME_JOBS_H
#define CURFEW_GUEST_RUNTIME_JOBS_H

#include "guest/quickjs/failure.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

// Takes note of rejections from now on. False when memory runs out.
[[nodiscard]] bool prepare_jobs(JSContext* context);

// Runs jobs until none is left. An exception that a job throws ends that job only; it is printed as an
// error.
void run_jobs(JSContext* context);

// Runs jobs and timers until the promise has settled or none is left, and takes its rejection, if any, for handled. Also
// from within a job.
JSPromiseStateEnum run_jobs_until_settled(JSContext* context, JSValueConst promise);

// Waits for `value` as `await` does: replaces a promise by what it is fulfilled with, and leaves any other
// value as it is. Runs all jobs, and timers as long as the promise is pending. False when the promise was
// rejected, or never can settle: then `failure` says why. `who` is the subject of that sentence.
[[nodiscard]] bool settle(JSContext* context, Value& value, const char* who, ScriptFailure& failure);

// Prints the pending exception, which nobody is there to catch, and forgets it.
void report_uncaught(JSContext* context);

// The end of an invocation: runs what jobs are left, drops the timers, and prints what was rejected and never
// handled. Nothing is left to run in the next one.
void finish_jobs(JSContext* context);

}  // namespace curfew::guest

#endif
