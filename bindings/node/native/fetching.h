// What guests may fetch.
#ifndef CURFEW_NODE_FETCHING_H
#define CURFEW_NODE_FETCHING_H

#include <curfew/sandbox.h>

#include "napi.h"

namespace curfew::node {

// Of an object as FetchOptions in curfew.d.ts; nothing changes if there is none. Requests of the whole process have one
// thread. Throws std::runtime_error where libcurl cannot be used.
void allow_fetch(napi_env env, napi_value policy, SandboxBuilder& builder);

}  // namespace curfew::node

#endif
