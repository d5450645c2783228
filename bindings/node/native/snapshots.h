// Snapshots, as JavaScript holds them.
#ifndef CURFEW_NODE_SNAPSHOTS_H
#define CURFEW_NODE_SNAPSHOTS_H

#include <curfew/snapshot.h>

#include "napi.h"

namespace curfew::node {

const Snapshot& snapshot_of(napi_env env, napi_value value);

}  // namespace curfew::node

#endif
