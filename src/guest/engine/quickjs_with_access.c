// QuickJS-NG as it is, and below it the few functions of engine.h that need to see inside its runtime.
#include <stdlib.h>

#include "guest/engine/engine.h"
#include "guest/platform/decimal.h"

#define strtod decimal_to_double  // the engine reads the numbers in JSON with it
#include "quickjs.c"

size_t engine_allocated_bytes(JSRuntime* engine) { return engine->malloc_state.malloc_size; }

bool engine_is_reporting_out_of_memory(JSRuntime* engine) { return engine->in_out_of_memory; }
