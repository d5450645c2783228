// Handlers and modules that are noted for load(), at once. The functions give null, or what is wrong.
#include <utility>
#include <variant>

#include <curfew/curfew.h>

#include "options.h"
#include "session.h"

namespace curfew::node {

namespace {

napi_value noted(const Call& call, const Result<void>& done) {
    if (!done) return error_to_js(call.env(), done.error());
    napi_value nothing = nullptr;
    check(call.env(), napi_get_null(call.env(), &nothing));
    return nothing;
}

template <typename Work>
napi_value note(const Call& call, Work work) {
    const SessionPointer session = session_of(call);
    auto* sandbox = std::get_if<Sandbox>(&session->state);
    if (sandbox == nullptr) return noted(call, std::unexpected(wrong_state("sandbox without handlers")));
    return noted(call, work(*sandbox));
}

// addHandler(session, name, source, file)
napi_value add_handler(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        return sandbox.add_handler(text_of(call.env(), call[1]),
                                   Script::from_content(text_of(call.env(), call[2]), text_of(call.env(), call[3])));
    });
}

// removeHandler(session, name)
napi_value remove_handler(const Call& call) {
    return note(call, [&](Sandbox& sandbox) { return sandbox.remove_handler(text_of(call.env(), call[1])); });
}

// clearHandlers(session)
napi_value clear_handlers(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        sandbox.clear_handlers();
        return Result<void>();
    });
}

// addModule(session, name, source, space)
napi_value add_module(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        return sandbox.add_module(text_of(call.env(), call[1]), text_of(call.env(), call[2]),
                                  text_of(call.env(), call[3]));
    });
}

// removeModule(session, name, space)
napi_value remove_module(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        return sandbox.remove_module(text_of(call.env(), call[1]), text_of(call.env(), call[2]));
    });
}

// clearModules(session)
napi_value clear_modules(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        sandbox.clear_modules();
        return Result<void>();
    });
}

}  // namespace

void export_scripts(napi_env env, napi_value exports) {
    export_function(env, exports, "addHandler", entry<add_handler>);
    export_function(env, exports, "removeHandler", entry<remove_handler>);
    export_function(env, exports, "clearHandlers", entry<clear_handlers>);
    export_function(env, exports, "addModule", entry<add_module>);
    export_function(env, exports, "removeModule", entry<remove_module>);
    export_function(env, exports, "clearModules", entry<clear_modules>);
}

}  // namespace curfew::node
