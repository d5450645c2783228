#include "guest/quickjs/library_support.h"

#include <string.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/host_calls.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/jobs.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/modules.h"
#include "guest/quickjs/node_support.h"
#include "guest/quickjs/performance.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/timers.h"
#include "guest/quickjs/utf8.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

constexpr int kHidden = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;

// --- For scripts in the handlers' realm ---

// call(function, self, ...arguments)
JSValue call(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    return JS_Call(context, arguments[0], arguments[1], count > 2 ? count - 2 : 0, arguments + 2);
}

JSValue is_callable(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return JS_NewBool(context, JS_IsFunction(context, arguments[0]));
}

// define(object, key, value), enumerable; defineHidden() the same, not enumerable.
JSValue define(JSContext* context, JSValueConst, int, JSValueConst* arguments, int flags) {
    const JSAtom key = JS_ValueToAtom(context, arguments[1]);
    if (key == JS_ATOM_NULL) return JS_EXCEPTION;
    const int done =
        JS_DefinePropertyValue(context, arguments[0], key, JS_DupValue(context, arguments[2]), flags | JS_PROP_THROW);
    JS_FreeAtom(context, key);
    return done < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

// forget(object, key): deletes it.
JSValue forget(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    const JSAtom key = JS_ValueToAtom(context, arguments[1]);
    if (key == JS_ATOM_NULL) return JS_EXCEPTION;
    const int done = JS_DeleteProperty(context, arguments[0], key, 0);
    JS_FreeAtom(context, key);
    return done < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

JSValue set_prototype(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return JS_SetPrototype(context, arguments[0], arguments[1]) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

bool define_text(JSContext* context, JSValueConst object, const char* key, JSValueConst text, int flags) {
    return JS_DefinePropertyValueStr(context, object, key, JS_DupValue(context, text), flags) >= 0;
}

// A class's members are enumerable on the web. Its own names, that is, but for those that every function has.
bool show_members(JSContext* context, JSValueConst object, bool is_class) {
    JSPropertyEnum* names = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &names, &count, object, JS_GPN_STRING_MASK) < 0) return false;
    bool good = true;
    for (uint32_t i = 0; good && i < count; ++i) {
        const Value name(context, JS_AtomToString(context, names[i].atom));
        const Text text(context, name.get());
        if (!text.valid()) {
            good = false;
        } else if (is_class ? !equals(text.bytes(), "length") && !equals(text.bytes(), "name") &&
                                  !equals(text.bytes(), "prototype")
                            : !equals(text.bytes(), "constructor")) {
            good = JS_DefineProperty(context, object, names[i].atom, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED,
                                     JS_PROP_HAS_ENUMERABLE | JS_PROP_ENUMERABLE) >= 0;
        }
    }
    JS_FreePropertyEnum(context, names, count);
    return good;
}

bool define_constants(JSContext* context, JSValueConst object, JSValueConst constants) {
    if (!JS_IsObject(constants)) return true;
    JSPropertyEnum* names = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &names, &count, constants, JS_GPN_STRING_MASK) < 0) return false;
    bool good = true;
    for (uint32_t i = 0; good && i < count; ++i) {
        good = JS_DefinePropertyValue(context, object, names[i].atom, JS_GetProperty(context, constants, names[i].atom),
                                      JS_PROP_ENUMERABLE) >= 0;
    }
    JS_FreePropertyEnum(context, names, count);
    return good;
}

// defineMembers(Class, tag, constants): the class looks as the web's do.
JSValue define_members(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    const Value prototype(context, JS_GetPropertyStr(context, arguments[0], "prototype"));
    if (prototype.failed() || !show_members(context, arguments[0], true) ||
        !show_members(context, prototype.get(), false) ||
        JS_DefinePropertyValue(context, prototype.get(), engine_to_string_tag(), JS_DupValue(context, arguments[1]),
                               JS_PROP_CONFIGURABLE) < 0) {
        return JS_EXCEPTION;
    }
    if (count > 2 && (!define_constants(context, arguments[0], arguments[2]) ||
                      !define_constants(context, prototype.get(), arguments[2]))) {
        return JS_EXCEPTION;
    }
    return JS_UNDEFINED;
}

// ownKeys(object): an array of its own enumerable names.
JSValue own_keys(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    JSPropertyEnum* names = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &names, &count, arguments[0], JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        return JS_EXCEPTION;
    }
    Value keys(context, JS_NewArray(context));
    bool good = !keys.failed();
    for (uint32_t i = 0; good && i < count; ++i) {
        good = JS_DefinePropertyValueUint32(context, keys.get(), i, JS_AtomToString(context, names[i].atom),
                                            JS_PROP_C_W_E) >= 0;
    }
    JS_FreePropertyEnum(context, names, count);
    return good ? keys.release() : JS_EXCEPTION;
}

// textOf(value): what String() makes of it, but of symbols, for which that throws.
JSValue text_of(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return JS_ToString(context, arguments[0]);
}

// typeError(message, code): a new TypeError, with the code that Node.js gives it, if it gives one.
JSValue type_error(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    {
        const Text text(context, arguments[0]);
        if (!text.valid()) return JS_EXCEPTION;
        throw_error(context, ErrorKind::type, text.bytes());
    }
    Value error(context, JS_GetException(context));
    if (JS_IsError(error.get()) && JS_IsString(arguments[1]) &&
        !define_text(context, error.get(), "code", arguments[1], JS_PROP_C_W_E)) {
        return JS_EXCEPTION;
    }
    return error.release();
}

JSValue dom_exception(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return engine_new_dom_exception(context, arguments[0], arguments[1]);
}

JSValue report_error(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    JS_Throw(context, JS_DupValue(context, arguments[0]));
    report_uncaught(context);
    return JS_UNDEFINED;
}

JSValue now(JSContext* context, JSValueConst, int, JSValueConst*) { return JS_NewFloat64(context, performance_now()); }

JSValue start_timer(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return set_timeout(context, 2, arguments);
}

// --- For both ---

bool is_lead(uint16_t unit) { return (unit & 0xfc00) == 0xd800; }
bool is_trail(uint16_t unit) { return (unit & 0xfc00) == 0xdc00; }

// wellFormed(text): with U+FFFD for each lone surrogate.
JSValue well_formed(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    size_t length = 0;
    const uint16_t* const units = JS_ToCStringLenUTF16(context, &length, arguments[0]);
    if (!units) return JS_EXCEPTION;
    uint16_t* repaired = nullptr;
    JSValue result = JS_UNDEFINED;
    for (size_t i = 0; i < length; ++i) {
        if (is_lead(units[i]) && i + 1 < length && is_trail(units[i + 1])) {
            ++i;
        } else if (is_lead(units[i]) || is_trail(units[i])) {
            if (!repaired) {
                repaired = static_cast<uint16_t*>(js_malloc(context, length * sizeof(uint16_t)));
                if (!repaired) {
                    result = JS_EXCEPTION;
                    break;
                }
                memcpy(repaired, units, length * sizeof(uint16_t));
            }
            repaired[i] = 0xfffd;
        }
    }
    if (repaired) {
        result = JS_NewStringUTF16(context, repaired, length);
        js_free(context, repaired);
    } else if (!JS_IsException(result)) {
        result = JS_DupValue(context, arguments[0]);
    }
    JS_FreeCStringUTF16(context, units);
    return result;
}

// library(name): what another script exports.
JSValue get_library(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    const Text name(context, arguments[0]);
    Script script;
    if (!name.valid()) return JS_EXCEPTION;
    return script_named(name.bytes(), script) ? library(context, script) : JS_UNDEFINED;
}

// capability(): a promise, with what settles it.
JSValue capability(JSContext* context, JSValueConst, int, JSValueConst*) {
    JSValue functions[2];
    Value promise(context, JS_NewPromiseCapability(context, functions));
    if (promise.failed()) return JS_EXCEPTION;
    Value made(context, JS_NewObjectProto(context, JS_NULL));
    Value resolve(context, functions[0]);
    Value reject(context, functions[1]);
    if (made.failed() ||
        JS_DefinePropertyValueStr(context, made.get(), "promise", promise.release(), JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(context, made.get(), "resolve", resolve.release(), JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(context, made.get(), "reject", reject.release(), JS_PROP_C_W_E) < 0) {
        return JS_EXCEPTION;
    }
    return made.release();
}

JSValue parse_json(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    const Text text(context, arguments[0]);
    if (!text.valid()) return JS_EXCEPTION;
    return JS_ParseJSON(context, text.bytes().data, text.bytes().size, "<json>");
}

// hostModule(): the functions of the host that fetch uses; undefined if it has none. Asked anew each time, since a restored guest may
// have another host.
JSValue host_module(JSContext* context, JSValueConst, int, JSValueConst*) {
    static constexpr struct {
        const char* name;
        wire::FunctionMark mark;
    } kFunctions[] = {{"begin", wire::FunctionMark::blocking},       {"head", wire::FunctionMark::asynchronous},
                      {"read", wire::FunctionMark::asynchronous},    {"write", wire::FunctionMark::asynchronous},
                      {"end", wire::FunctionMark::blocking},         {"close", wire::FunctionMark::blocking},
                      {"maxRedirects", wire::FunctionMark::blocking}};
    static JSValue functions = JS_UNDEFINED;
    if (!host_has_module(context, bytes_of("host:curfew/fetch"))) return JS_UNDEFINED;
    if (JS_IsUndefined(functions)) {
        Value made(context, JS_NewObjectProto(context, JS_NULL));
        if (made.failed()) return JS_EXCEPTION;
        for (const auto& each : kFunctions) {
            const JSValue function =
                make_host_function(context, bytes_of("curfew/fetch"), bytes_of(each.name), each.mark);
            if (JS_IsException(function) ||
                JS_DefinePropertyValueStr(context, made.get(), each.name, function, JS_PROP_C_W_E) < 0) {
                return JS_EXCEPTION;
            }
        }
        functions = made.release();
    }
    return JS_DupValue(context, functions);
}

// --- For packages ---

JSValue utf8_encode(JSContext* realm, JSValueConst, int, JSValueConst* arguments) {
    ByteSource source(realm);
    if (!source.take(arguments[0], "the text")) return JS_EXCEPTION;
    return JS_NewUint8ArrayCopy(realm, reinterpret_cast<const uint8_t*>(source.bytes().data), source.bytes().size);
}

JSValue utf8_decode(JSContext* realm, JSValueConst, int, JSValueConst* arguments) {
    ByteSource source(realm);
    if (!source.take(arguments[0], "the bytes")) return JS_EXCEPTION;
    return string_of_utf8(realm, source.bytes());
}

// mapBytes(bytes, table): for each byte a character of the table, which has 256.
JSValue map_bytes(JSContext* realm, JSValueConst, int, JSValueConst* arguments) {
    ByteSource source(realm);
    size_t length = 0;
    const uint16_t* const table = JS_ToCStringLenUTF16(realm, &length, arguments[1]);
    if (!table) return JS_EXCEPTION;
    JSValue text = JS_EXCEPTION;
    if (length == 256 && source.take(arguments[0], "the bytes")) {
        const Bytes bytes = source.bytes();
        auto* const units = static_cast<uint16_t*>(js_malloc(realm, (bytes.size + 1) * sizeof(uint16_t)));
        if (units) {
            for (size_t i = 0; i < bytes.size; ++i) units[i] = table[static_cast<uint8_t>(bytes.data[i])];
            text = JS_NewStringUTF16(realm, units, bytes.size);
            js_free(realm, units);
        }
    }
    JS_FreeCStringUTF16(realm, table);
    return text;
}

JSValue inspect(JSContext* realm, JSValueConst, int, JSValueConst* arguments) {
    Writer text;
    Inspector(realm, text).write(arguments[0]);
    return JS_NewStringLen(realm, text.text().data, text.text().size);
}

// entriesOf(value): what is in a Map or Set, whatever its methods have become; undefined for what is neither.
JSValue entries_of(JSContext* realm, JSValueConst, int, JSValueConst* arguments) {
    const EngineKind kind = engine_kind_of(arguments[0]);
    if (kind != ENGINE_MAP && kind != ENGINE_SET) return JS_UNDEFINED;
    Value entries(realm, JS_NewObject(realm));
    if (entries.failed() ||
        JS_DefinePropertyValueStr(realm, entries.get(), "isMap", JS_NewBool(realm, kind == ENGINE_MAP), JS_PROP_C_W_E) <
            0 ||
        JS_DefinePropertyValueStr(realm, entries.get(), "list", engine_entries_of(realm, arguments[0]), JS_PROP_C_W_E) <
            0) {
        return JS_EXCEPTION;
    }
    return entries.release();
}

constexpr JSCFunctionListEntry kForScripts[] = {
    JS_CFUNC_DEF("call", 2, call),
    JS_CFUNC_DEF("isCallable", 1, is_callable),
    JS_CFUNC_MAGIC_DEF("define", 3, define, JS_PROP_C_W_E),
    JS_CFUNC_MAGIC_DEF("defineHidden", 3, define, kHidden),
    JS_CFUNC_DEF("forget", 2, forget),
    JS_CFUNC_DEF("setPrototype", 2, set_prototype),
    JS_CFUNC_DEF("defineMembers", 2, define_members),
    JS_CFUNC_DEF("ownKeys", 1, own_keys),
    JS_CFUNC_DEF("textOf", 1, text_of),
    JS_CFUNC_DEF("typeError", 2, type_error),
    JS_CFUNC_DEF("domException", 2, dom_exception),
    JS_CFUNC_DEF("reportUncaught", 1, report_error),
    JS_CFUNC_DEF("now", 0, now),
    JS_CFUNC_DEF("startTimer", 2, start_timer),
    JS_CFUNC_DEF("wellFormed", 1, well_formed),
    JS_CFUNC_DEF("library", 1, get_library),
    JS_CFUNC_DEF("capability", 0, capability),
    JS_CFUNC_DEF("parseJson", 1, parse_json),
    JS_CFUNC_DEF("hostModule", 0, host_module),
    JS_CFUNC_DEF("utf8Encode", 1, utf8_encode),
    JS_CFUNC_DEF("utf8Decode", 1, utf8_decode),
};

constexpr JSCFunctionListEntry kForPackages[] = {
    JS_CFUNC_DEF("utf8Encode", 1, utf8_encode), JS_CFUNC_DEF("utf8Decode", 1, utf8_decode),
    JS_CFUNC_DEF("mapBytes", 2, map_bytes),     JS_CFUNC_DEF("inspect", 1, inspect),
    JS_CFUNC_DEF("entriesOf", 1, entries_of),   JS_CFUNC_DEF("library", 1, get_library),
};

}  // namespace

JSValue make_script_support(JSContext* context) {
    Value support(context, JS_NewObjectProto(context, JS_NULL));
    if (support.failed() ||
        JS_SetPropertyFunctionList(context, support.get(), kForScripts, sizeof(kForScripts) / sizeof(kForScripts[0])) <
            0 ||
        JS_DefinePropertyValueStr(context, support.get(), "iteratorSymbol", engine_iterator_symbol(context),
                                  JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(context, support.get(), "iteratorPrototype", engine_iterator_prototype(context),
                                  JS_PROP_C_W_E) < 0 ||
        !add_node_support(context, support.get())) {
        return JS_EXCEPTION;
    }
    return support.release();
}

JSValue make_package_support(JSContext* realm) {
    Value support(realm, JS_NewObjectProto(realm, JS_NULL));
    if (support.failed() || JS_SetPropertyFunctionList(realm, support.get(), kForPackages,
                                                       sizeof(kForPackages) / sizeof(kForPackages[0])) < 0) {
        return JS_EXCEPTION;
    }
    return support.release();
}

}  // namespace curfew::guest
