// Sandboxes of the rows of Node.js.
#ifndef CURFEW_BENCH_TABLE_NODE_SANDBOX_H
#define CURFEW_BENCH_TABLE_NODE_SANDBOX_H

#include <string_view>

#include <curfew/curfew.h>

#include "table/redirect.h"

namespace curfew::bench {

struct NodeSandboxOptions {
    WaitMode wait_mode = WaitMode::automatic;
    bool jitless = false;
};

// With a handler of the name kRedirectName, a heap of 64 MiB, and no limit.
Result<LoadedSandbox> load_on(Engine engine, std::string_view source, NodeSandboxOptions options = {});

// Calls leave out the garbage collection.
inline const CallOptions kNoCollection{.collect_garbage = false};
Result<void> call(LoadedSandbox& sandbox, std::string_view event = kRedirectEvent);

// As a host does that serves the same handler for long.
Result<Snapshot> warmed(LoadedSandbox& sandbox, int calls = 2000);

}  // namespace curfew::bench

#endif
