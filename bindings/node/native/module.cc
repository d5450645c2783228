// What Node.js loads. Everything that JavaScript's users see is in JavaScript; this is what they cannot do there.
#include <curfew/version.h>

#include "environment.h"
#include "napi.h"
#include "operation.h"
#include "options.h"
#include "session.h"

namespace curfew::node {

namespace {

// answer(number, succeeded, value, whether it is CBOR): of a tool's call. JSON, undefined or a Uint8Array; or the error's message.
napi_value answer(const Call& call) {
    napi_env env = call.env();
    const auto number = static_cast<std::uint64_t>(number_of(env, call[0]));
    if (!bool_of(env, call[1])) {
        answer_call(number, std::unexpected(Error{.code = ErrorCode::handler_error, .message = text_of(env, call[2])}));
    } else if (const auto bytes = bytes_of(env, call[2])) {
        const bool is_cbor = !is_nothing(env, call[3]) && bool_of(env, call[3]);
        answer_call(number, is_cbor ? HostValue::cbor(std::string(as_text(*bytes))) : HostValue::bytes(*bytes));
    } else if (is_nothing(env, call[2])) {
        answer_call(number, HostValue::undefined());
    } else {
        answer_call(number, HostValue::json(text_of(env, call[2])));
    }
    return undefined(env);
}

}  // namespace

void export_function(napi_env env, napi_value exports, const char* name, napi_callback callback) {
    napi_value function = nullptr;
    check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function));
    set(env, exports, name, function);
}

}  // namespace curfew::node

NAPI_MODULE_INIT() {
    using namespace curfew::node;
    return guarded(env, [&] {
        Environment::make(env);
        export_options(env, exports);
        export_session(env, exports);
        export_scripts(env, exports);
        export_calls(env, exports);
        export_invocations(env, exports);
        export_snapshots(env, exports);
        export_function(env, exports, "answer", entry<answer>);
        set(env, exports, "version", to_js(env, std::string_view(CURFEW_VERSION)));
        return exports;
    });
}
