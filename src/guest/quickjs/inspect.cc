#include "guest/quickjs/inspect.h"

#include "guest/quickjs/error_writer.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

const char* kind_of(JSContext* context, JSValueConst value) {
    if (JS_IsUndefined(value)) return "undefined";
    if (JS_IsNull(value)) return "null";
    if (JS_IsBool(value)) return "a boolean";
    if (JS_IsString(value)) return "a string";
    if (JS_IsSymbol(value)) return "a symbol";
    if (JS_IsBigInt(value)) return "a BigInt";
    if (JS_IsFunction(context, value)) return "a function";
    if (JS_IsObject(value)) return "an object";
    return "a number";
}

bool is_error(JSValueConst value) {
    const EngineKind kind = engine_kind_of(value);
    return kind == ENGINE_ERROR || kind == ENGINE_DOM_EXCEPTION;
}

void write_error(JSContext* context, Writer& out, JSValueConst error) {
    const Value name = property(context, error, "name");
    const Value message = property(context, error, "message");
    Writer said;
    if (!JS_IsUndefined(message.get())) said.write(context, message.get());
    if (JS_IsUndefined(name.get())) {
        out << "Error";
    } else {
        const size_t before = out.text().size;
        out.write(context, name.get());
        if (out.text().size == before) {
            out << said.text();
            return;
        }
    }
    if (said.text().size > 0) out << ": " << said.text();
}

void write_loose(JSContext* context, Writer& out, JSValueConst value) {
    if (JS_IsString(value)) {
        out.write(context, value);
    } else if (is_error(value)) {
        ErrorWriter(context, out).write(value, 0);
    } else {
        Inspector(context, out).write(value);
    }
}

namespace {

// True for an object whose toString a script has written.
bool has_own_text(JSContext* context, JSValueConst value) {
    if (!JS_IsObject(value) || JS_IsProxy(value)) return false;
    const Value function = property(context, value, "toString");
    return engine_is_scripts_function(function.get());
}

// Replaces one directive of a format. Takes no argument for what is none.
bool write_directive(JSContext* context, Writer& out, char directive, JSValueConst value) {
    switch (directive) {
        case 's':
            if (has_own_text(context, value)) {
                const Value text(context, JS_ToString(context, value));
                if (!text.failed()) {
                    out.write(context, text.get());
                    return true;
                }
                drop_exception(context);
            }
            if (is_error(value)) {
                write_error(context, out, value);
            } else if (JS_IsObject(value) || JS_IsSymbol(value) || JS_IsBigInt(value)) {
                Inspector(context, out).write(value);
            } else {
                out.write(context, value);
            }
            return true;
        case 'd':
        case 'i':
        case 'f': {
            double number = 0;
            if (directive != 'd' && JS_IsString(value)) {
                const Value parsed(context, parse_number(context, value, directive == 'i'));
                Inspector(context, out).write(parsed.get());
                return true;
            }
            if (JS_IsSymbol(value) || JS_IsObject(value) || JS_IsBigInt(value) ||
                JS_ToFloat64(context, &number, value) < 0) {
                if (JS_IsBigInt(value)) {
                    Inspector(context, out).write(value);
                } else {
                    if (JS_HasException(context)) drop_exception(context);
                    out << "NaN";
                }
                return true;
            }
            if (directive == 'i') number = __builtin_trunc(number);
            const Value shown(context, JS_NewNumber(context, number));
            Inspector(context, out).write(shown.get());
            return true;
        }
        case 'j': {
            const Value json(context, JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED));
            if (json.failed()) {
                drop_exception(context);
                out << "[Circular]";
            } else {
                out.write(context, json.get());
            }
            return true;
        }
        case 'o':
        case 'O': Inspector(context, out).write(value); return true;
        case 'c': return true;  // styles are for browsers
        default: return false;
    }
}

}  // namespace

void write_arguments(JSContext* context, Writer& out, int count, JSValueConst* arguments) {
    int next = 0;
    if (count > 1 && JS_IsString(arguments[0])) {
        Writer format;
        format.write(context, arguments[0]);
        const Bytes text = format.text();
        next = 1;
        for (size_t i = 0; i < text.size; ++i) {
            if (text.data[i] != '%' || i + 1 == text.size) {
                out << text.data[i];
            } else if (text.data[i + 1] == '%') {
                out << '%';
                ++i;
            } else if (next < count && write_directive(context, out, text.data[i + 1], arguments[next])) {
                ++next;
                ++i;
            } else {
                out << '%';
            }
        }
        if (next < count) out << ' ';
    }
    for (; next < count; ++next) {
        write_loose(context, out, arguments[next]);
        if (next + 1 < count) out << ' ';
    }
}

}  // namespace curfew::guest
