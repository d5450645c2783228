#include "guest/quickjs/programs.h"

#include <string.h>

#include "guest/quickjs/jobs.h"
#include "guest/quickjs/modules.h"

namespace curfew::guest {

namespace {

constexpr char kEvent[] = "event";

// The number of the line that the first frame names, "    at program.js:3:14"; zero if it names none.
size_t line_of(Bytes frames) {
    const auto* newline = static_cast<const char*>(memchr(frames.data, '\n', frames.size));
    size_t end = newline ? static_cast<size_t>(newline - frames.data) : frames.size;
    while (end > 0 && frames.data[end - 1] != ':') --end;
    if (end > 0) --end;
    size_t start = end;
    while (start > 0 && frames.data[start - 1] >= '0' && frames.data[start - 1] <= '9') --start;
    size_t line = 0;
    for (; start < end && line < INT32_MAX; ++start) line = line * 10 + static_cast<size_t>(frames.data[start] - '0');
    return line;
}

bool line_begins_with(Bytes source, size_t line, Bytes word) {
    const char* at = source.data;
    const char* const end = source.data + source.size;
    for (; line > 0; --line) {
        at = static_cast<const char*>(memchr(at, '\n', static_cast<size_t>(end - at)));
        if (!at) return false;
        ++at;
    }
    while (at < end && (*at == ' ' || *at == '\t')) ++at;
    return static_cast<size_t>(end - at) >= word.size && memcmp(at, word.data, word.size) == 0;
}

// What modules have and programs have not, the engine stumbles over. What to do about it is said here.
void add_hint(Bytes source, ScriptFailure& failure) {
    const size_t line = line_of(failure.stack.text());
    if (line_begins_with(source, line, bytes_of("export"))) {
        failure.message << "; a program exports nothing: its result is what it returns, or its last expression's value";
    } else if (line_begins_with(source, line, bytes_of("import"))) {
        failure.message
            << "; static imports stand at the top of a program, before all else: use await import() elsewhere";
    }
}

}  // namespace

JSValue compile_program(JSContext* context, Bytes source, const char* file, ProgramNames names,
                        ScriptFailure& failure) {
    const JSValue program =
        engine_compile_program(context, source.data, source.size, file, names == ProgramNames::kept);
    engine_keep_source(context, program, source.data, source.size);
    if (!JS_IsException(program)) return program;
    failure.describe_syntax_error(context);
    if ((failure.flags & wire::kSyntaxError) != 0) add_hint(source, failure);
    return JS_EXCEPTION;
}

bool run_program(JSContext* context, JSValueConst program, Value& result, ScriptFailure& failure) {
    Value evaluated(context, JS_EvalFunction(context, JS_DupValue(context, program)));
    if (evaluated.failed()) {
        failure.describe_exception(context);
        return false;
    }
    if (!settle(context, evaluated, "the program", failure)) return false;
    result.reset(JS_GetPropertyStr(context, evaluated.get(), "value"));
    if (result.failed()) {
        failure.describe_exception(context);
        return false;
    }
    return settle(context, result, "the program's result", failure);
}

bool show_event(JSContext* context, JSValueConst event) {
    const Value global(context, JS_GetGlobalObject(context));
    return JS_DefinePropertyValueStr(context, global.get(), kEvent, JS_DupValue(context, event),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

void hide_event(JSContext* context) {
    const Value global(context, JS_GetGlobalObject(context));
    const JSAtom name = JS_NewAtom(context, kEvent);
    if (name == JS_ATOM_NULL || JS_DeleteProperty(context, global.get(), name, 0) < 0) {
        JS_FreeValue(context, JS_GetException(context));
    }
    JS_FreeAtom(context, name);
}

}  // namespace curfew::guest
