// Short ways to a sandbox, for tests.
#ifndef CURFEW_SANDBOX_TESTING_LOAD_H
#define CURFEW_SANDBOX_TESTING_LOAD_H

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include <curfew/engine.h>
#include <curfew/sandbox.h>

namespace curfew::sandbox::testing {

// Most tests are run on each engine; some have to know on which.
inline bool tests_node() { return default_engine() == Engine::node; }

inline Sandbox start_sandbox(std::uint64_t heap_size = SandboxBuilder::kDefaultHeapSize) {
    auto proto = SandboxBuilder().with_heap_size(heap_size).build();
    EXPECT_TRUE(proto) << proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    return std::move(*sandbox);
}

// A sandbox with one handler, "main".
inline LoadedSandbox load_script(std::string source, std::string file = "test.js",
                                 std::uint64_t heap_size = SandboxBuilder::kDefaultHeapSize) {
    Sandbox sandbox = start_sandbox(heap_size);
    EXPECT_TRUE(sandbox.add_handler("main", Script::from_content(std::move(source), std::move(file))));
    auto loaded = std::move(sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << loaded.error().stack;
    return std::move(*loaded);
}

}  // namespace curfew::sandbox::testing

#endif
