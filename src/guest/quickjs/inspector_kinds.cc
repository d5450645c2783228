// How an Inspector shows the kinds of objects that are more than their properties.
#include <string.h>

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/inspector.h"

namespace curfew::guest {

namespace {

// The engine's own functions, which find out what no interface of the engine tells.
struct Originals {
    JSValue date_to_iso;
    JSValue regexp_to_string;
    JSValue map_for_each;
    JSValue set_for_each;
    JSValue parse_int;
    JSValue parse_float;
};
Originals originals;
}  // namespace

bool prepare_inspector(JSContext* context) {
    const Value global(context, JS_GetGlobalObject(context));
    const auto original = [&](const char* constructor, const char* method) {
        const Value function = property(context, global.get(), constructor);
        const Value prototype = property(context, function.get(), "prototype");
        return property(context, prototype.get(), method).release();
    };
    originals = {.date_to_iso = original("Date", "toISOString"),
                 .regexp_to_string = original("RegExp", "toString"),
                 .map_for_each = original("Map", "forEach"),
                 .set_for_each = original("Set", "forEach"),
                 .parse_int = property(context, global.get(), "parseInt").release(),
                 .parse_float = property(context, global.get(), "parseFloat").release()};
    return JS_IsObject(originals.date_to_iso) && JS_IsObject(originals.regexp_to_string) &&
           JS_IsObject(originals.map_for_each) && JS_IsObject(originals.set_for_each);
}

JSValue parse_number(JSContext* context, JSValueConst text, bool as_integer) {
    JSValueConst argument = text;
    return JS_Call(context, as_integer ? originals.parse_int : originals.parse_float, JS_UNDEFINED, 1, &argument);
}

void Inspector::write_kind(JSValueConst object) {
    if (JS_IsProxy(object)) {
        const Value target(context_, JS_GetProxyTarget(context_, object));
        out_ << "Proxy ";
        if (depth_ > kMaxDepth) {
            out_ << "[...]";
        } else {
            write(target.get());
        }
        return;
    }
    if (JS_IsFunction(context_, object)) return write_function(object);
    if (is_error(object)) {
        out_ << '[';
        write_error(context_, out_, object);
        out_ << ']';
        return;
    }
    if (JS_IsDate(object)) return write_by_call(originals.date_to_iso, object, "Invalid Date");
    if (JS_IsRegExp(object)) return write_by_call(originals.regexp_to_string, object, "[RegExp]");

    const bool array = JS_IsArray(object);
    if (depth_ > kMaxDepth) {
        out_ << '[';
        write_constructor_name(object, "");
        out_ << ']';
        return;
    }
    const int typed = JS_GetTypedArrayType(object);
    if (array || typed >= 0) {
        int64_t length = 0;
        if (JS_GetLength(context_, object, &length) < 0) drop_exception(context_);
        if (write_constructor_name(object, array ? "Array" : "")) out_ << '(' << length << ") ";
        return write_array(object, length, array);
    }
    if (JS_IsMap(object) || JS_IsSet(object)) return write_collection(object, JS_IsMap(object));
    if (JS_IsPromise(object)) return write_promise(object);
    if (JS_IsArrayBuffer(object)) {
        size_t size = 0;
        JS_GetArrayBuffer(context_, &size, object);
        out_ << "ArrayBuffer { byteLength: " << static_cast<int64_t>(size) << " }";
        return;
    }
    const JSAtom class_atom = JS_GetClassName(JS_GetRuntime(context_), JS_GetClassID(object));
    const char* class_name = JS_AtomToCString(context_, class_atom);
    JS_FreeAtom(context_, class_atom);
    if (class_name &&
        (strcmp(class_name, "Number") == 0 || strcmp(class_name, "String") == 0 || strcmp(class_name, "Boolean") == 0 ||
         strcmp(class_name, "BigInt") == 0 || strcmp(class_name, "Symbol") == 0)) {
        write_boxed(object, class_name);
    } else {
        if (write_constructor_name(object, "Object")) out_ << ' ';
        write_named_properties(object, "{", "}", false);
    }
    JS_FreeCString(context_, class_name);
}

void Inspector::write_missing(int64_t count) {
    if (count == 0) return;
    separate();
    out_ << '<' << count << (count == 1 ? " empty item>" : " empty items>");
}

void Inspector::write_array(JSValueConst array, int64_t length, bool holes) {
    out_ << '[';
    const int64_t shown = length < kMaxItems ? length : kMaxItems;
    int64_t missing = 0;
    for (int64_t i = 0; i <= shown; ++i) {
        if (i < shown && holes) {
            const JSAtom index = JS_NewAtomUInt32(context_, static_cast<uint32_t>(i));
            const int has = JS_GetOwnProperty(context_, nullptr, array, index);
            if (has == 0) {
                JS_FreeAtom(context_, index);
                ++missing;
                continue;
            }
            if (has < 0) drop_exception(context_);
            write_missing(missing);
            missing = 0;
            separate();
            write_property_value(array, index);
            JS_FreeAtom(context_, index);
        } else if (i < shown) {
            const Value item(context_, JS_GetPropertyInt64(context_, array, i));
            separate();
            write(item.get());
        }
    }
    write_missing(missing);
    if (length > shown) {
        separate();
        out_ << "... " << (length - shown) << (length - shown == 1 ? " more item" : " more items");
    }
    if (holes) {
        write_named_properties(array, "", "]", true);
    } else {
        out_ << (first_ ? "]" : " ]");
    }
}

JSValue Inspector::write_entry(JSContext*, JSValueConst, int count, JSValueConst* arguments, int pairs, void* self) {
    auto& inspector = *static_cast<Inspector*>(self);
    if (count < 2 || ++inspector.items_ > kMaxItems) return JS_UNDEFINED;
    inspector.separate();
    if (pairs) {
        inspector.write(arguments[1]);
        inspector.out_ << " => ";
    }
    inspector.write(arguments[0]);
    return JS_UNDEFINED;
}

void Inspector::write_collection(JSValueConst collection, bool pairs) {
    const Value callback(context_, JS_NewCClosure(context_, write_entry, "", nullptr, 2, pairs, this));
    JSValue argument = callback.get();
    write_constructor_name(collection, "");
    out_ << '(' << static_cast<int64_t>(engine_size_of(collection)) << ") {";
    const Value done(
        context_, JS_Call(context_, pairs ? originals.map_for_each : originals.set_for_each, collection, 1, &argument));
    if (done.failed()) drop_exception(context_);
    if (items_ > kMaxItems) {
        separate();
        out_ << "... " << (items_ - kMaxItems) << (items_ - kMaxItems == 1 ? " more item" : " more items");
    }
    out_ << (first_ ? "}" : " }");
}

void Inspector::write_promise(JSValueConst promise) {
    out_ << "Promise { ";
    const JSPromiseStateEnum state = JS_PromiseState(context_, promise);
    if (state == JS_PROMISE_PENDING) {
        out_ << "<pending>";
    } else {
        if (state == JS_PROMISE_REJECTED) out_ << "<rejected> ";
        const Value result(context_, JS_PromiseResult(context_, promise));
        write(result.get());
    }
    out_ << " }";
}

void Inspector::write_function(JSValueConst function) {
    // A class's prototype cannot be replaced; a function's can.
    const JSAtom prototype_atom = JS_NewAtom(context_, "prototype");
    JSPropertyDescriptor prototype;
    bool is_class = false;
    if (JS_GetOwnProperty(context_, &prototype, function, prototype_atom) > 0) {
        is_class = JS_IsConstructor(context_, function) && (prototype.flags & JS_PROP_WRITABLE) == 0;
        JS_FreeValue(context_, prototype.value);
        JS_FreeValue(context_, prototype.getter);
        JS_FreeValue(context_, prototype.setter);
    }
    JS_FreeAtom(context_, prototype_atom);
    out_ << (is_class ? "[class" : JS_IsAsyncFunction(function) ? "[AsyncFunction" : "[Function");
    const Value name = property(context_, function, "name");
    const Text text(context_, JS_IsString(name.get()) ? name.get() : JS_UNDEFINED);
    if (!JS_IsString(name.get()) || !text.valid() || text.bytes().size == 0) {
        out_ << " (anonymous)]";
    } else {
        out_ << (is_class ? " " : ": ");
        out_.write(context_, name.get());
        out_ << ']';
    }
}

void Inspector::write_by_call(JSValueConst function, JSValueConst object, const char* otherwise) {
    const Value text(context_, JS_Call(context_, function, object, 0, nullptr));
    if (text.failed()) {
        drop_exception(context_);
        out_ << otherwise;
    } else {
        out_.write(context_, text.get());
    }
}

void Inspector::write_boxed(JSValueConst object, const char* class_name) {
    out_ << '[' << class_name;
    if (strcmp(class_name, "String") == 0) {
        Writer text;
        text.write(context_, object);
        out_ << ": ";
        write_quoted(text.text());
    } else if (strcmp(class_name, "Symbol") != 0) {
        out_ << ": ";
        out_.write(context_, object);
    }
    out_ << ']';
}

}  // namespace curfew::guest
