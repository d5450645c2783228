#include "table/redirect.h"

#include <string>
#include <utility>

namespace curfew::bench {

Result<LoadedSandbox> load_handler(std::string_view name, std::string_view source, WaitMode wait_mode,
                                   std::optional<Engine> engine) {
    SandboxBuilder builder;
    if (engine) builder.with_engine(*engine);
    Result<ProtoSandbox> proto = builder.with_wait_mode(wait_mode).without_default_wall_limit().build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    Result<void> added = sandbox->add_handler(std::string(name), Script::from_content(std::string(source)));
    if (!added) return std::unexpected(std::move(added.error()));
    return std::move(*sandbox).load();
}

Result<LoadedSandbox> load_redirect(WaitMode wait_mode) { return load_handler(kRedirectName, kRedirect, wait_mode); }

Result<void> call_redirect(LoadedSandbox& sandbox, CallOptions options) {
    const Result<EventResult> done = sandbox.handle_event(kRedirectName, kRedirectEvent, std::tuple{}, options);
    if (!done) return std::unexpected(done.error());
    if (done->result != kRedirectResult) {
        return std::unexpected(Error{.message = "the redirect handler returned " + done->result});
    }
    return {};
}

}  // namespace curfew::bench
