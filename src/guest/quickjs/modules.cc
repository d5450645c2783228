#include "guest/quickjs/modules.h"

#include <string.h>

#include "guest/platform/exchange.h"
#include "guest/quickjs/built_in_modules.h"
#include "guest/quickjs/host_calls.h"
#include "guest/quickjs/require.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

using wire::kHostPrefix;
using wire::MessageKind;
using wire::ModuleKind;

namespace {

// What a chain of modules, each of which imports the next, leaves of the stack for the engine to parse the last one.
constexpr size_t kStackToParse = size_t{128} << 10;

int loads;         // ModuleLoads that there are
bool load_failed;  // in the outermost of them

bool stack_is_short() {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    return here < wire::kStackTop - mailbox().stack_size + kStackToParse;
}

// Receives the host's answer to `resolve` or `read_module`. False when an exception is pending.
bool take_answer(JSContext* context, Body& body, Bytes about) {
    const auto kind = received_kind();
    if (!body.receive(/*keep=*/true, /*extra=*/0)) {
        exchange();  // tells the host so
        Writer message;
        message << "out of memory: the heap has no room for the module \"" << about << '"';
        throw_error(context, ErrorKind::plain, message.text());
        return false;
    }
    if (kind != MessageKind::host_error) return true;
    throw_error(context, ErrorKind::reference, body.payload());
    return false;
}

bool ask(JSContext* context, const Outgoing& question) {
    if (!stage(question)) {
        throw_error(context, ErrorKind::reference, bytes_of("the host refuses a module's name for its length"));
        return false;
    }
    exchange();
    return true;
}

bool is_own_module(Bytes name) { return equals(name, kRequire) || is_built_in_module(name); }

// The engine's question for a module's one name. The name is the engine's to free; null when an exception is pending.
char* resolve(JSContext* context, const char* importer, const char* specifier, void*) {
    const Bytes wanted = bytes_of(specifier);
    Body body;
    if (!ask(context, {.kind = MessageKind::resolve,
                       .flags = is_own_module(wanted) ? wire::kBuiltIn : 0,
                       .name = bytes_of(importer),
                       .payload = wanted})) {
        return nullptr;
    }
    if (!take_answer(context, body, wanted)) return nullptr;
    return js_strndup(context, body.name().data, body.name().size);
}

// A module that is made here has its exports in its private value: names and values in turns.
int set_exports(JSContext* context, JSModuleDef* module) {
    const Value exports(context, JS_GetModulePrivateValue(context, module));
    int64_t length = 0;
    if (JS_GetLength(context, exports.get(), &length) < 0) return -1;
    for (int64_t i = 0; i < length; i += 2) {
        const Value name(context, JS_GetPropertyInt64(context, exports.get(), i));
        const Text text(context, name.get());
        if (!text.valid()) return -1;
        const JSValue value = JS_GetPropertyInt64(context, exports.get(), i + 1);
        if (JS_IsException(value) || JS_SetModuleExport(context, module, text.bytes().data, value) < 0) return -1;
    }
    return 0;
}

// Adds an export. Takes over the value. REQUIRES: the name is followed by a zero byte.
bool add_export(JSContext* context, JSModuleDef* module, JSValueConst exports, uint32_t& length, Bytes name,
                JSValue owned) {
    if (JS_IsException(owned)) return false;
    Value value(context, owned);
    return JS_AddModuleExport(context, module, name.data) >= 0 &&
           JS_DefinePropertyValueUint32(context, exports, length++, JS_NewStringLen(context, name.data, name.size),
                                        JS_PROP_C_W_E) >= 0 &&
           JS_DefinePropertyValueUint32(context, exports, length++, value.release(), JS_PROP_C_W_E) >= 0;
}

JSModuleDef* make_module(JSContext* context, const char* name, Value& exports) {
    exports.reset(JS_NewArray(context));
    if (exports.failed()) return nullptr;
    JSModuleDef* module = JS_NewCModule(context, name, set_exports);
    if (module) JS_SetModulePrivateValue(context, module, JS_DupValue(context, exports.get()));
    return module;
}

// `functions` are the names, each between its mark and a zero byte.
JSModuleDef* make_host_module(JSContext* context, const char* name, Bytes functions) {
    Value exports(context);
    JSModuleDef* module = make_module(context, name, exports);
    uint32_t length = 0;
    const Bytes host_name = bytes_of(name + strlen(kHostPrefix));
    for (size_t at = 0; module && at < functions.size;) {
        const auto mark = static_cast<wire::FunctionMark>(functions.data[at]);
        const Bytes function = bytes_of(functions.data + at + 1);
        at += function.size + 2;
        if (!add_export(context, module, exports.get(), length, function,
                        make_host_function(context, host_name, function, mark))) {
            return nullptr;
        }
    }
    return module;
}

JSModuleDef* make_json_module(JSContext* context, const char* name, Bytes json) {
    const JSValue value = JS_ParseJSON(context, json.data, json.size, name);
    if (JS_IsException(value)) return nullptr;
    Value owned(context, value);
    Value exports(context);
    JSModuleDef* module = make_module(context, name, exports);
    uint32_t length = 0;
    if (!module || !add_export(context, module, exports.get(), length, bytes_of("default"), owned.release())) {
        return nullptr;
    }
    return module;
}

JSModuleDef* make_require_module(JSContext* context, const char* name) {
    Value exports(context);
    JSModuleDef* module = make_module(context, name, exports);
    uint32_t length = 0;
    const bool made = module &&
                      add_export(context, module, exports.get(), length, bytes_of(kRequire), make_require(context)) &&
                      add_export(context, module, exports.get(), length, bytes_of("default"), make_require(context));
    return made ? module : nullptr;
}

JSModuleDef* compile(JSContext* context, const char* name, Bytes source) {
    const JSValue compiled =
        JS_Eval(context, source.data, source.size, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(compiled)) return nullptr;
    auto* module = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(compiled));
    JS_FreeValue(context, compiled);  // the engine keeps its modules itself
    const Value meta(context, JS_GetImportMeta(context, module));
    if (meta.failed() ||
        JS_DefinePropertyValueStr(context, meta.get(), "url", JS_NewString(context, name), JS_PROP_C_W_E) < 0) {
        return nullptr;
    }
    return module;
}

bool wants_json(JSContext* context, JSValueConst attributes) {
    if (!JS_IsObject(attributes)) return false;
    const Value type(context, JS_GetPropertyStr(context, attributes, "type"));
    return !JS_IsUndefined(type.get());
}

// The guest's own modules are known by their names: no other module's one name is a bare word. Host modules begin with
// "host:", files with a slash.
JSModuleDef* make_own_module(JSContext* context, const char* name) {
    return equals(bytes_of(name), kRequire) ? make_require_module(context, name)
                                            : make_built_in_module(context, bytes_of(name));
}

JSModuleDef* read_module(JSContext* context, const char* name, JSValueConst attributes) {
    const Bytes wanted = bytes_of(name);
    Body body;
    if (!ask(context, {.kind = MessageKind::read_module, .name = wanted})) return nullptr;
    const auto kind = static_cast<ModuleKind>(mailbox().message.value);
    if (!take_answer(context, body, wanted)) return nullptr;
    if (kind == ModuleKind::json) return make_json_module(context, name, body.payload());
    if (wants_json(context, attributes)) {
        Writer message;
        message << "the module \"" << wanted << "\" is not JSON, as its import says";
        throw_error(context, ErrorKind::type, message.text());
        return nullptr;
    }
    if (kind == ModuleKind::host) return make_host_module(context, name, body.payload());
    return compile(context, name, body.payload());
}

// The engine's demand for a module that it does not have yet. Null when an exception is pending.
JSModuleDef* load(JSContext* context, const char* name, void*, JSValueConst attributes) {
    const ModuleLoad scope(context);
    JSModuleDef* module = nullptr;
    if (stack_is_short()) {
        JS_ThrowRangeError(context, "modules import each other too deep for the stack");
    } else if (is_own_module(bytes_of(name))) {
        module = make_own_module(context, name);
    } else {
        module = read_module(context, name, attributes);
    }
    if (!module) load_failed = true;
    return module;
}

// The only import attribute is `type: "json"`.
int check_attributes(JSContext* context, void*, JSValueConst attributes) {
    JSPropertyEnum* names = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &names, &count, attributes, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        return -1;
    }
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; ++i) {
        const Value key(context, JS_AtomToString(context, names[i].atom));
        const Value value(context, JS_GetProperty(context, attributes, names[i].atom));
        const Text key_text(context, key.get());
        const Text value_text(context, value.get());
        if (!key_text.valid() || !value_text.valid()) {
            result = -1;
        } else if (!equals(key_text.bytes(), "type") || !equals(value_text.bytes(), "json")) {
            Writer message;
            message << "unknown import attribute " << key_text.bytes() << ": \"" << value_text.bytes()
                    << "\"; there is only type: \"json\"";
            throw_error(context, ErrorKind::type, message.text());
            result = -1;
        }
    }
    JS_FreePropertyEnum(context, names, count);
    return result;
}

}  // namespace

ModuleLoad::ModuleLoad(JSContext* context) : context_(context) {
    if (loads++ == 0) load_failed = false;
}

ModuleLoad::~ModuleLoad() {
    if (--loads == 0 && load_failed) engine_drop_broken_modules(context_);
}

bool install_modules(JSContext* context) {
    JS_SetModuleLoaderFunc2(JS_GetRuntime(context), resolve, load, check_attributes, nullptr);
    const Value global(context, JS_GetGlobalObject(context));
    return JS_DefinePropertyValueStr(context, global.get(), kRequire, make_require(context),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

}  // namespace curfew::guest
