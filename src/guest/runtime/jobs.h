// Promises: running their jobs, waiting for one to settle, and telling of rejections that nobody handles.
#ifndef CURFEW_GUEST_RUNTIME_JOBS_H
#define CURFEW_GUEST_RUNTIME_JOBS_H

#include "guest/runtime/failure.h"
#include "guest/runtime/value.h"

namespace curfew::guest {

// Takes note of rejections from now on. False when memory runs out.
[[nodiscard]] bool prepare_jobs(JSContext* context);

// Runs jobs until none is left. An exception that a job throws ends that job only; it is printed as an
// error.
void run_jobs(JSContext* context);

// Waits for `value` as `await` does: replaces a promise by what it is fulfilled with, runs all jobs, and
// leaves any other value as it is. False when the promise was rejected, or never can settle: then `failure`
// says why. `who` is the subject of that sentence.
[[nodiscard]] bool settle(JSContext* context, Value& value, const char* who, Failure& failure);

// Prints what was rejected and never handled, as errors, and forgets it.
void report_rejections(JSContext* context);

}  // namespace curfew::guest

#endif
