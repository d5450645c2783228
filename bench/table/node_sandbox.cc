#include "table/node_sandbox.h"

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

namespace curfew::bench {

Result<LoadedSandbox> load_on(Engine engine, std::string_view source, NodeSandboxOptions options) {
    auto proto = SandboxBuilder()
                     .with_engine(engine)
                     .with_jitless(options.jitless)
                     .with_wait_mode(options.wait_mode)
                     .with_heap_size(std::uint64_t{64} << 20)
                     .without_default_wall_limit()
                     .build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    auto added = sandbox->add_handler(std::string(kRedirectName), Script::from_content(std::string(source)));
    if (!added) return std::unexpected(std::move(added.error()));
    return std::move(*sandbox).load();
}

Result<void> call(LoadedSandbox& sandbox, std::string_view event) {
    const auto done = sandbox.handle_event(kRedirectName, event, std::tuple{}, kNoCollection);
    if (!done) return std::unexpected(done.error());
    return {};
}

Result<Snapshot> warmed(LoadedSandbox& sandbox, int calls) {
    for (int i = 0; i < calls; ++i) {
        if (auto done = call(sandbox); !done) return std::unexpected(std::move(done.error()));
    }
    return sandbox.snapshot();
}

}  // namespace curfew::bench
