#include "guest/quickjs/globals.h"

#include "guest/platform/output.h"
#include "guest/quickjs/crypto.h"
#include "guest/quickjs/encodings.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/performance.h"
#include "guest/quickjs/structured_clone.h"
#include "guest/quickjs/text_codec.h"
#include "guest/quickjs/timers.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

using wire::PrintLevel;

Random random_state;

namespace {

// console.log and its like: the arguments as one line. The host ends it.
JSValue console_print(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int level) {
    Writer line;
    write_arguments(context, line, count, arguments);
    print(static_cast<PrintLevel>(level), line.text());
    return JS_UNDEFINED;
}

// print: the arguments with nothing between them, and nothing behind.
JSValue plain_print(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    Writer text;
    for (int i = 0; i < count; ++i) write_loose(context, text, arguments[i]);
    if (text.text().size > 0) print(PrintLevel::print, text.text());
    return JS_UNDEFINED;
}

JSValue math_random(JSContext* context, JSValueConst, int, JSValueConst*) {
    return JS_NewFloat64(context, random_state.next_fraction());
}

struct BuiltIns {
    JSValue console;
    JSValue crypto;
    JSValue print;
};
BuiltIns built_ins;

// Takes over the value.
bool define(JSContext* context, JSValueConst object, const char* name, JSValue value) {
    return JS_DefinePropertyValueStr(context, object, name, value, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

JSValue make_console(JSContext* context) {
    static constexpr struct {
        const char* name;
        PrintLevel level;
    } kMethods[] = {{"log", PrintLevel::log},
                    {"info", PrintLevel::info},
                    {"warn", PrintLevel::warn},
                    {"error", PrintLevel::error},
                    {"debug", PrintLevel::debug}};
    Value console(context, JS_NewObject(context));
    for (const auto& method : kMethods) {
        const JSValue function = JS_NewCFunctionMagic(context, console_print, method.name, 0, JS_CFUNC_generic_magic,
                                                      static_cast<int>(method.level));
        if (JS_DefinePropertyValueStr(context, console.get(), method.name, function, JS_PROP_C_W_E) < 0) {
            return JS_EXCEPTION;
        }
    }
    return console.release();
}

}  // namespace

bool install_globals(JSContext* context) {
    const Value owned(context, JS_GetGlobalObject(context));
    const JSValueConst global = owned.get();
    const Value math(context, JS_GetPropertyStr(context, global, "Math"));
    built_ins = {.console = make_console(context),
                 .crypto = make_crypto(context),
                 .print = JS_NewCFunction(context, plain_print, "print", 1)};
    return define(context, global, "console", built_in_console(context)) &&
           define(context, global, "crypto", built_in_crypto(context)) &&
           define(context, global, "print", built_in_print(context)) &&
           define(context, global, "structuredClone",
                  JS_NewCFunction(context, structured_clone, "structuredClone", 1)) &&
           define(context, math.get(), "random", JS_NewCFunction(context, math_random, "random", 0)) &&
           install_performance(context, global) && install_timers(context, global) &&
           install_text_codecs(context, global) && install_bytes_from(context, global);
}

JSValue built_in_console(JSContext* context) { return JS_DupValue(context, built_ins.console); }

JSValue built_in_crypto(JSContext* context) { return JS_DupValue(context, built_ins.crypto); }

JSValue built_in_print(JSContext* context) { return JS_DupValue(context, built_ins.print); }

}  // namespace curfew::guest
