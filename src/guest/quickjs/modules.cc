#include "guest/quickjs/modules.h"

#include <string.h>

#include "guest/platform/exchange.h"
#include "guest/quickjs/built_in_modules.h"
#include "guest/quickjs/commonjs.h"
#include "guest/quickjs/host_calls.h"
#include "guest/quickjs/import_meta.h"
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

bool required;     // the next module is looked for by `require`
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

// "node:crypto" is "crypto".
Bytes without_scheme(Bytes specifier) {
    static constexpr char kNode[] = "node:";
    const size_t size = sizeof(kNode) - 1;
    if (specifier.size <= size || memcmp(specifier.data, kNode, size) != 0) return specifier;
    const Bytes rest{specifier.data + size, specifier.size - size};
    return is_built_in_module(rest) && !equals(rest, "io") ? rest : specifier;
}

// The script that imports: of text that it evaluated, the one that did.
Bytes importing_script(const char* importer) {
    const Bytes name = bytes_of(importer);
    constexpr size_t prefix = sizeof(ENGINE_EVALUATED_TEXT) - 1;
    return is_evaluated_text(name) ? Bytes{name.data + prefix, name.size - prefix} : name;
}

// The engine's question for a module's one name. The name is the engine's to free; null when an exception is pending.
char* resolve(JSContext* context, const char* importer, const char* specifier, void*) {
    const Bytes wanted = without_scheme(bytes_of(specifier));
    const uint32_t rules = required ? wire::kRequired : 0;
    required = false;
    Body body;
    if (!ask(context, {.kind = MessageKind::resolve,
                       .flags = rules | (is_own_module(wanted) ? wire::kBuiltIn : 0),
                       .name = importing_script(importer),
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

// A module whose one export is a value. Takes the value over.
JSModuleDef* make_value_module(JSContext* context, const char* name, JSValue value) {
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

// The values of JSON files, by name: whichever way such a file is imported, it is the same value.
JSValue json_values;

JSModuleDef* make_json_module(JSContext* context, const char* name, Bytes json) {
    if (!JS_IsObject(json_values)) json_values = JS_NewObjectProto(context, JS_NULL);
    if (JS_IsException(json_values)) return nullptr;
    const JSAtom key = JS_NewAtom(context, name);
    Value value(context, JS_UNDEFINED);
    if (JS_HasProperty(context, json_values, key) > 0) {
        value.reset(JS_GetProperty(context, json_values, key));
    } else {
        value.reset(JS_ParseJSON(context, json.data, json.size, name));
        if (!value.failed() &&
            JS_DefinePropertyValue(context, json_values, key, JS_DupValue(context, value.get()), JS_PROP_C_W_E) < 0) {
            value.reset(JS_EXCEPTION);
        }
    }
    JS_FreeAtom(context, key);
    return make_value_module(context, name, value.release());
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

bool ends_with(const char* text, const char* end) {
    const size_t size = strlen(text);
    const size_t end_size = strlen(end);
    return size >= end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

// A file is a CommonJS module if it has neither `import` nor `export`, and can be one.
JSModuleDef* compile(JSContext* context, const char* name, Bytes source) {
    if (is_common_js(context, name)) return make_common_js_module(context, name, source);
    const bool is_file = name[0] == '/';
    if (is_file && (ends_with(name, ".cjs") || ends_with(name, ".cts"))) {
        return add_common_js(context, name, source) ? make_common_js_module(context, name, source) : nullptr;
    }
    const JSValue compiled =
        JS_Eval(context, source.data, source.size, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    auto* const module = JS_IsException(compiled) ? nullptr : static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(compiled));
    if (module) JS_FreeValue(context, compiled);  // the engine keeps its modules itself
    if (is_file && !ends_with(name, ".mjs") && !ends_with(name, ".mts") && (!module || !engine_is_es_module(module))) {
        Value thrown(context, module ? JS_UNDEFINED : JS_GetException(context));
        if (add_common_js(context, name, source)) {
            if (module) engine_forget_module(context, module);
            return make_common_js_module(context, name, source);
        }
        JS_FreeValue(context, JS_GetException(context));
        if (!module) JS_Throw(context, thrown.release());
    }
    return module && describe_module(context, module, name) ? module : nullptr;
}

// What an import says that the file is to be taken for.
enum class Wanted { anything, json, text, bytes };

Wanted wanted_type(JSContext* context, JSValueConst attributes) {
    if (!JS_IsObject(attributes)) return Wanted::anything;
    const Value type(context, JS_GetPropertyStr(context, attributes, "type"));
    if (JS_IsUndefined(type.get())) return Wanted::anything;
    const Text text(context, type.get());
    if (text.valid() && equals(text.bytes(), "text")) return Wanted::text;
    return text.valid() && equals(text.bytes(), "bytes") ? Wanted::bytes : Wanted::json;
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
    const Wanted type = wanted_type(context, attributes);
    const Bytes text = body.payload();
    if (kind != ModuleKind::host && type == Wanted::text) {
        return make_value_module(context, name, JS_NewStringLen(context, text.data, text.size));
    }
    if (kind != ModuleKind::host && type == Wanted::bytes) {
        return make_value_module(context, name,
                                 JS_NewUint8ArrayCopy(context, reinterpret_cast<const uint8_t*>(text.data), text.size));
    }
    if (kind == ModuleKind::json) return make_json_module(context, name, body.payload());
    if (type != Wanted::anything) {
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

// The only import attribute is `type`, and of that there are three.
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
        } else if (!equals(key_text.bytes(), "type") ||
                   !(equals(value_text.bytes(), "json") || equals(value_text.bytes(), "text") ||
                     equals(value_text.bytes(), "bytes"))) {
            Writer message;
            message << "unknown import attribute " << key_text.bytes() << ": \"" << value_text.bytes()
                    << "\"; there are only type: \"json\", \"text\" and \"bytes\"";
            throw_error(context, engine_is_compiling() ? ErrorKind::syntax : ErrorKind::type, message.text());
            result = -1;
        }
    }
    JS_FreePropertyEnum(context, names, count);
    return result;
}

}  // namespace

bool is_evaluated_text(Bytes script) {
    constexpr size_t prefix = sizeof(ENGINE_EVALUATED_TEXT) - 1;
    return script.size > prefix && memcmp(script.data, ENGINE_EVALUATED_TEXT, prefix) == 0;
}

bool resolve_required(JSContext* context, const char* importer, const char* specifier, Value& name, ModuleKind& kind) {
    const Bytes wanted = without_scheme(bytes_of(specifier));
    Body body;
    if (!ask(context, {.kind = MessageKind::resolve,
                       .flags = wire::kRequired | (is_own_module(wanted) ? wire::kBuiltIn : 0),
                       .name = importing_script(importer),
                       .payload = wanted})) {
        return false;
    }
    kind = static_cast<ModuleKind>(mailbox().message.value);
    if (!take_answer(context, body, wanted)) return false;
    name.reset(JS_NewStringLen(context, body.name().data, body.name().size));
    return !name.failed();
}

bool read_source(JSContext* context, const char* name, Body& source) {
    return ask(context, {.kind = MessageKind::read_module, .name = bytes_of(name)}) &&
           take_answer(context, source, bytes_of(name));
}

RequiringModule::RequiringModule() { required = true; }

RequiringModule::~RequiringModule() { required = false; }

ModuleLoad::ModuleLoad(JSContext* context) : context_(context) {
    if (loads++ == 0) load_failed = false;
}

ModuleLoad::~ModuleLoad() {
    if (--loads == 0 && load_failed) engine_drop_broken_modules(context_);
}

bool host_has_module(JSContext* context, Bytes name) {
    Body body;
    if (ask(context, {.kind = MessageKind::read_module, .name = name}) && take_answer(context, body, name)) return true;
    JS_FreeValue(context, JS_GetException(context));
    return false;
}

bool install_modules(JSContext* context) {
    JS_SetModuleLoaderFunc2(JS_GetRuntime(context), resolve, load, check_attributes, nullptr);
    const Value global(context, JS_GetGlobalObject(context));
    return JS_DefinePropertyValueStr(context, global.get(), kRequire, make_require(context),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

}  // namespace curfew::guest
