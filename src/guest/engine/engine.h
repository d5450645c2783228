// QuickJS-NG's interface, and what Curfew asks of the engine beyond it.
#ifndef CURFEW_GUEST_ENGINE_ENGINE_H
#define CURFEW_GUEST_ENGINE_ENGINE_H

#include <quickjs.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that the engine's objects, strings and functions take, counted exactly: what was made and freed
// again leaves no trace in it.
size_t engine_allocated_bytes(JSRuntime* engine);

// True while the engine makes the Error that says that an allocation failed.
bool engine_is_reporting_out_of_memory(JSRuntime* engine);

#ifdef __cplusplus
}
#endif

#endif
