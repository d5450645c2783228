#include "guest/quickjs/failure.h"

#include <string.h>

#include "guest/quickjs/error_description.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/out_of_memory.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

constexpr char kFrameStart[] = "    at ";
constexpr char kTooDeep[] = "RangeError: Maximum call stack size exceeded";

}  // namespace

bool is_syntax_error(JSContext* context, JSValueConst thrown) {
    if (!JS_IsError(thrown)) return false;
    const Value name(context, JS_GetPropertyStr(context, thrown, "name"));
    const Text text(context, name.get());
    return text.valid() && strcmp(text.bytes().data, "SyntaxError") == 0;
}

void ScriptFailure::describe_exception(JSContext* context) {
    const Value thrown(context, JS_GetException(context));
    describe(context, thrown.get());
}

void ScriptFailure::describe(JSContext* context, JSValueConst thrown) {
    if (is_error(thrown)) {
        write_error(context, message, thrown);
        const Value lines(context, JS_GetPropertyStr(context, thrown, "stack"));
        if (lines.failed()) {
            JS_FreeValue(context, JS_GetException(context));
        } else if (JS_IsString(lines.get())) {
            stack.write(context, lines.get());
        }
    } else {
        write_loose(context, message, thrown);
    }
    if (is_out_of_memory(thrown)) {
        flags |= wire::kOutOfMemory;
        return;
    }
    if (equals(message.text(), kTooDeep)) flags |= wire::kStackOverflow;
    describe_thrown(context, description, thrown);
}

void ScriptFailure::describe_syntax_error(JSContext* context) {
    const Value thrown(context, JS_GetException(context));
    describe(context, thrown.get());
    if (!is_syntax_error(context, thrown.get())) return;
    flags |= wire::kSyntaxError;
    add_place();
}

void ScriptFailure::add_place() {
    const Bytes lines = stack.text();
    const size_t skip = sizeof(kFrameStart) - 1;
    if (lines.size <= skip || memcmp(lines.data, kFrameStart, skip) != 0) return;
    const char* place = lines.data + skip;
    const auto* end = static_cast<const char*>(memchr(place, '\n', lines.size - skip));
    message << " (" << Bytes{place, end ? static_cast<size_t>(end - place) : lines.size - skip} << ')';
}

void ScriptFailure::stage() const {
    Bytes lines = stack.text();
    if (lines.size > 0 && lines.data[lines.size - 1] == '\n') --lines.size;
    const bool is_described = description.size() > 0 && !description.failed();
    if (is_described && guest::stage({.kind = MessageKind::failed,
                                      .flags = flags | wire::kDescribed,
                                      .name = message.text(),
                                      .payload = description.written()})) {
        return;
    }
    if (!guest::stage({.kind = MessageKind::failed, .flags = flags, .name = message.text(), .payload = lines})) {
        stage_empty(MessageKind::failed, flags);
    }
}

}  // namespace curfew::guest
