#include "guest/quickjs/bad_event.h"

#include <stdlib.h>
#include <string.h>

#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

constexpr char kPosition[] = " in JSON at position ";
constexpr char kEnd[] = "Unexpected end of JSON input";

const char* find(Bytes text, const char* what) {
    return static_cast<const char*>(memmem(text.data, text.size, what, strlen(what)));
}

size_t line_start(Bytes event, size_t line) {
    size_t start = 0;
    for (size_t i = 0; i < event.size && line > 1; ++i) {
        if (event.data[i] == '\n') {
            start = i + 1;
            --line;
        }
    }
    return start;
}

// The engine names the position in some of its messages, and in all of its stacks, where it is that of the
// token which the error is in: "    at <event>:3:14".
size_t position_of(Bytes message, Bytes stack, Bytes event) {
    size_t position = event.size;
    if (const char* found = find(message, kPosition)) {
        position = strtoul(found + strlen(kPosition), nullptr, 10);
    } else if (find(message, kEnd) == nullptr) {
        if (const char* place = find(stack, kEventFile)) {
            char* end = nullptr;
            const size_t line = strtoul(place + strlen(kEventFile) + 1, &end, 10);
            const size_t column = *end == ':' ? strtoul(end + 1, nullptr, 10) : 1;
            position = line_start(event, line) + (column > 0 ? column - 1 : 0);
        }
    }
    return position < event.size ? position : event.size;
}

}  // namespace

void describe_bad_event(JSContext* context, JSValueConst error, Bytes event, ScriptFailure& failure) {
    ScriptFailure said;
    said.describe(context, error);
    said.stack << '\0';
    const Bytes stack = {said.stack.text().data, said.stack.text().size - 1};
    said.message << '\0';
    Bytes message = {said.message.text().data, said.message.text().size - 1};
    const size_t position = position_of(message, stack, event);
    if (const char* found = find(message, kPosition)) message.size = static_cast<size_t>(found - message.data);
    static constexpr char kName[] = "SyntaxError: ";
    if (message.size > strlen(kName) && memcmp(message.data, kName, strlen(kName)) == 0) {
        message = {message.data + strlen(kName), message.size - strlen(kName)};
    }

    int64_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i < position; ++i) {
        if (event.data[i] == '\n') {
            ++line;
            start = i + 1;
        }
    }
    failure.flags |= wire::kBadEvent;
    failure.message << "the event is not JSON: " << message << " at byte " << static_cast<int64_t>(position)
                    << " (line " << line << ", column " << static_cast<int64_t>(position - start + 1) << ')';
}

}  // namespace curfew::guest
