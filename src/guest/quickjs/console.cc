#include "guest/quickjs/console.h"

#include <string.h>

#include "guest/platform/output.h"
#include "guest/quickjs/console_notes.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/performance.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

using wire::PrintLevel;

namespace {

constexpr int kIndentation = 2;
constexpr char kDefaultLabel[] = "default";

enum class Method {
    log,
    info,
    warn,
    error,
    debug,
    dir,
    dirxml,
    trace,
    assertion,
    table,
    group,
    group_end,
    count,
    count_reset,
    time,
    time_log,
    time_end,
    clear,
};

// How a console is: what it counts and measures, and how far its lines are moved to the right.
struct Console {
    int64_t indentation;
    ConsoleNotes notes;
};

JSClassID console_class;

void finalize(JSRuntime* engine, JSValueConst object) {
    auto* const console = static_cast<Console*>(JS_GetOpaque(object, console_class));
    if (!console) return;
    console->notes.clear(engine);
    js_free_rt(engine, console);
}

// A line, or several. The host ends the last.
void print_lines(const Console& console, PrintLevel level, Bytes text) {
    if (console.indentation == 0) return print(level, text);
    Writer moved;
    const auto move = [&] {
        for (int64_t i = 0; i < console.indentation && !moved.full(); ++i) moved << ' ';
    };
    move();
    for (size_t from = 0; from < text.size;) {
        const auto* const end = static_cast<const char*>(memchr(text.data + from, '\n', text.size - from));
        const size_t to = end ? static_cast<size_t>(end - text.data) + 1 : text.size;
        moved << Bytes{text.data + from, to - from};
        from = to;
        if (end) move();
    }
    print(level, moved.text());
}

void print_arguments(JSContext* context, const Console& console, PrintLevel level, int count, JSValueConst* arguments) {
    Writer line;
    write_arguments(context, line, count, arguments);
    print_lines(console, level, line.text());
}

// console.assert, when what it asserts is false.
void print_assertion(JSContext* context, const Console& console, int count, JSValueConst* arguments) {
    Writer line;
    line << "Assertion failed";
    if (count > 0 && JS_IsString(arguments[0])) {
        line << ": ";
    } else if (count > 0) {
        line << ' ';
    }
    write_arguments(context, line, count, arguments);
    print_lines(console, PrintLevel::warn, line.text());
}

void print_trace(JSContext* context, const Console& console, int count, JSValueConst* arguments) {
    Writer text;
    text << (count > 0 ? "Trace: " : "Trace");
    write_arguments(context, text, count, arguments);
    JS_ThrowPlainError(context, "trace");
    const Value error(context, JS_GetException(context));
    const Value stack = property(context, error.get(), "stack");
    Writer lines;
    if (JS_IsString(stack.get())) lines.write(context, stack.get());
    Bytes frames = lines.text();
    // The first is this function's own.
    if (const auto* const end = static_cast<const char*>(memchr(frames.data, '\n', frames.size))) {
        const auto first = static_cast<size_t>(end - frames.data) + 1;
        frames = {frames.data + first, frames.size - first};
    }
    if (frames.size > 0 && frames.data[frames.size - 1] == '\n') --frames.size;
    if (frames.size > 0) text << '\n' << frames;
    print_lines(console, PrintLevel::error, text.text());
}

// Drawn by the library, since a console that draws tables is rare. False, with an exception, when looking at the data threw.
bool print_table(JSContext* context, const Console& console, int count, JSValueConst* arguments) {
    if (count == 0 || !JS_IsObject(arguments[0])) {
        print_arguments(context, console, PrintLevel::log, count, arguments);
        return true;
    }
    const Value exports(context, library(context, Script::table));
    if (exports.failed()) return false;
    const Value draw(context, JS_GetPropertyStr(context, exports.get(), "draw"));
    const Value drawn(context, JS_Call(context, draw.get(), JS_UNDEFINED, count, arguments));
    if (drawn.failed()) return false;
    Writer text;
    text.write(context, drawn.get());
    print_lines(console, PrintLevel::log, text.text());
    return true;
}

void print_note(JSContext* context, const Console& console, Bytes label, Bytes said, int count,
                JSValueConst* arguments) {
    Writer line;
    line << label << ": " << said;
    for (int i = 0; i < count; ++i) {
        line << ' ';
        write_loose(context, line, arguments[i]);
    }
    print_lines(console, PrintLevel::log, line.text());
}

void warn_of_label(const Console& console, const char* before, Bytes label, const char* behind) {
    Writer line;
    line << "Warning: " << before << '\'' << label << '\'' << behind;
    print_lines(console, PrintLevel::warn, line.text());
}

// count, countReset, time, timeLog and timeEnd. False, with an exception, for a label that is no text.
bool note(JSContext* context, Console& console, Method method, int count, JSValueConst* arguments) {
    const bool is_named = count > 0 && !JS_IsUndefined(arguments[0]);
    const Value text(context, is_named ? JS_ToString(context, arguments[0]) : JS_NewString(context, kDefaultLabel));
    const Text label_text(context, text.get());
    if (text.failed() || !label_text.valid()) return false;
    const Bytes label = label_text.bytes();
    const int kind =
        method == Method::count || method == Method::count_reset ? ConsoleNotes::kCount : ConsoleNotes::kTime;
    double* value = console.notes.find(kind, label);
    Writer said;
    switch (method) {
        case Method::count:
            if (!value) value = console.notes.add(context, kind, label);
            if (!value) return false;
            said << static_cast<int64_t>(++*value);
            print_note(context, console, label, said.text(), 0, nullptr);
            return true;
        case Method::count_reset:
            if (!value) {
                warn_of_label(console, "Count for ", label, " does not exist");
            } else {
                console.notes.drop(context, kind, label);
            }
            return true;
        case Method::time:
            if (value) {
                warn_of_label(console, "Label ", label, " already exists for console.time()");
            } else if (double* const start = console.notes.add(context, kind, label)) {
                *start = performance_now();
            } else {
                return false;
            }
            return true;
        default: break;
    }
    const bool ends = method == Method::time_end;
    if (!value) {
        warn_of_label(console, "No such label ", label, ends ? " for console.timeEnd()" : " for console.timeLog()");
        return true;
    }
    const Value duration(context, JS_NewFloat64(context, performance_now() - *value));
    said.write(context, duration.get());
    said << "ms";
    print_note(context, console, label, said.text(), !ends && count > 1 ? count - 1 : 0, arguments + 1);
    if (ends) console.notes.drop(context, kind, label);
    return true;
}

JSValue run_method(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int magic,
                   JSValueConst* data) {
    auto& console = *static_cast<Console*>(JS_GetOpaque(data[0], console_class));
    const auto method = static_cast<Method>(magic);
    switch (method) {
        case Method::log:
        case Method::dirxml: print_arguments(context, console, PrintLevel::log, count, arguments); break;
        case Method::info: print_arguments(context, console, PrintLevel::info, count, arguments); break;
        case Method::warn: print_arguments(context, console, PrintLevel::warn, count, arguments); break;
        case Method::error: print_arguments(context, console, PrintLevel::error, count, arguments); break;
        case Method::debug: print_arguments(context, console, PrintLevel::debug, count, arguments); break;
        case Method::dir: {
            Writer text;
            Inspector(context, text).write(count > 0 ? arguments[0] : JS_UNDEFINED);
            print_lines(console, PrintLevel::log, text.text());
            break;
        }
        case Method::trace: print_trace(context, console, count, arguments); break;
        case Method::assertion:
            if (count > 0 && JS_ToBool(context, arguments[0]) > 0) break;
            print_assertion(context, console, count > 0 ? count - 1 : 0, arguments + 1);
            break;
        case Method::table:
            if (!print_table(context, console, count, arguments)) return JS_EXCEPTION;
            break;
        case Method::group:
            if (count > 0) print_arguments(context, console, PrintLevel::log, count, arguments);
            console.indentation += kIndentation;
            break;
        case Method::group_end:
            if (console.indentation > 0) console.indentation -= kIndentation;
            break;
        case Method::count:
        case Method::count_reset:
        case Method::time:
        case Method::time_log:
        case Method::time_end:
            if (!note(context, console, method, count, arguments)) return JS_EXCEPTION;
            break;
        case Method::clear: break;  // there is no screen
    }
    return JS_UNDEFINED;
}

JSValue make_method(JSContext* context, const EngineLazy* lazy, JSValueConst console) {
    return JS_NewCFunctionData2(context, run_method, lazy->name, 0, lazy->magic, 1, &console);
}

constexpr EngineLazy method_of(const char* name, Method method) {
    return {make_method, name, static_cast<int>(method)};
}

constexpr EngineLazy kMethods[] = {
    method_of("log", Method::log),
    method_of("info", Method::info),
    method_of("warn", Method::warn),
    method_of("error", Method::error),
    method_of("debug", Method::debug),
    method_of("dir", Method::dir),
    method_of("dirxml", Method::dirxml),
    method_of("trace", Method::trace),
    method_of("assert", Method::assertion),
    method_of("table", Method::table),
    method_of("group", Method::group),
    method_of("groupCollapsed", Method::group),
    method_of("groupEnd", Method::group_end),
    method_of("count", Method::count),
    method_of("countReset", Method::count_reset),
    method_of("time", Method::time),
    method_of("timeLog", Method::time_log),
    method_of("timeEnd", Method::time_end),
    method_of("clear", Method::clear),
};

JSValue make_console(JSContext* context) {
    if (console_class == 0) {
        JSRuntime* const engine = JS_GetRuntime(context);
        JS_NewClassID(engine, &console_class);
        JSClassDef definition{};
        definition.class_name = "Object";
        definition.finalizer = finalize;
        if (JS_NewClass(engine, console_class, &definition) < 0) return JS_EXCEPTION;
    }
    const Value prototype(context, JS_NewObject(context));
    if (prototype.failed()) return JS_EXCEPTION;
    Value console(context, JS_NewObjectProtoClass(context, prototype.get(), console_class));
    if (console.failed()) return JS_EXCEPTION;
    auto* const state = static_cast<Console*>(js_mallocz(context, sizeof(Console)));
    if (!state) return JS_EXCEPTION;
    JS_SetOpaque(console.get(), state);
    for (const EngineLazy& method : kMethods) {
        if (!engine_define_lazily(context, console.get(), &method, JS_PROP_C_W_E)) return JS_EXCEPTION;
    }
    if (JS_DefinePropertyValue(context, console.get(), engine_to_string_tag(), JS_NewString(context, "console"),
                               JS_PROP_CONFIGURABLE) < 0) {
        return JS_EXCEPTION;
    }
    return console.release();
}

// print: the arguments with nothing between them, and nothing behind.
JSValue plain_print(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    Writer text;
    for (int i = 0; i < count; ++i) write_loose(context, text, arguments[i]);
    if (text.text().size > 0) print(PrintLevel::print, text.text());
    return JS_UNDEFINED;
}

Output* first_output;
Output* output_in_use;

JSValue get_output(JSContext* context, JSValueConst, int, JSValueConst*, int is_print) {
    return JS_DupValue(context, is_print ? output_in_use->print : output_in_use->console);
}

JSValue set_output(JSContext* context, JSValueConst, int, JSValueConst* arguments, int is_print) {
    JSValue& value = is_print ? output_in_use->print : output_in_use->console;
    const JSValue before = value;
    value = JS_DupValue(context, arguments[0]);
    JS_FreeValue(context, before);
    return JS_UNDEFINED;
}

bool define_accessor(JSContext* context, JSValueConst global, const char* name, int is_print) {
    const JSValue getter = JS_NewCFunctionMagic(context, get_output, name, 0, JS_CFUNC_generic_magic, is_print);
    const JSValue setter = JS_NewCFunctionMagic(context, set_output, name, 1, JS_CFUNC_generic_magic, is_print);
    const JSAtom atom = JS_NewAtom(context, name);
    const int done = JS_DefinePropertyGetSet(context, global, atom, getter, setter, 0);
    JS_FreeAtom(context, atom);
    return done >= 0;
}

}  // namespace

JSValue make_print(JSContext* context) { return JS_NewCFunction(context, plain_print, "print", 1); }

JSValue make_frozen_console(JSContext* context) {
    Value console(context, make_console(context));
    if (console.failed()) return JS_EXCEPTION;
    const Value prototype(context, JS_GetPrototype(context, console.get()));
    return JS_FreezeObject(context, console.get()) < 0 || JS_FreezeObject(context, prototype.get()) < 0
               ? JS_EXCEPTION
               : console.release();
}

Output* make_output(JSContext* context) {
    Value console(context, make_console(context));
    Value print(context, console.failed() ? JS_EXCEPTION : make_print(context));
    if (print.failed()) return nullptr;
    auto* const output = static_cast<Output*>(js_malloc(context, sizeof(Output)));
    if (output) *output = {.console = console.release(), .print = print.release()};
    return output;
}

void free_output(JSContext* context, Output* output) {
    if (!output) return;
    JS_FreeValue(context, output->console);
    JS_FreeValue(context, output->print);
    js_free(context, output);
}

void use_output(Output* output) { output_in_use = output ? output : first_output; }

bool install_console(JSContext* context, JSValueConst global) {
    first_output = output_in_use = make_output(context);
    return first_output && define_accessor(context, global, "console", 0) &&
           define_accessor(context, global, "print", 1);
}

}  // namespace curfew::guest
