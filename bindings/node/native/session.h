// A sandbox through its states, as JavaScript holds it: an object with a Session behind it. One operation at a time; what may
// take long is done by Workers.
#ifndef CURFEW_NODE_SESSION_H
#define CURFEW_NODE_SESSION_H

#include "napi.h"

namespace curfew::node {

// Adds the functions to the exports.
void export_session(napi_env env, napi_value exports);
void export_snapshots(napi_env env, napi_value exports);

// exports.NAME = a function.
void export_function(napi_env env, napi_value exports, const char* name, napi_callback callback);

}  // namespace curfew::node

#endif
