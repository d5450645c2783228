// QuickJS-NG as it is, and below it the few functions of engine.h that need to see inside its runtime.
#include "quickjs.c"

#include "guest/engine/engine.h"

size_t engine_allocated_bytes(JSRuntime* engine) {
    return engine->malloc_state.malloc_size;
}

bool engine_is_reporting_out_of_memory(JSRuntime* engine) {
    return engine->in_out_of_memory;
}
