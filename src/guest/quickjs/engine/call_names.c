// What the engine's message leaves out, as part of quickjs_with_access.c: which expression it is that is not a function. The
// source of the running function says so, where the engine remembers that the call stands.

static bool is_name_char(int c) {
    return c == '_' || c == '$' || c == '#' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Where in the source of the function that runs the engine says that it is. NULL: not known.
static const char* place_in_source(JSContext* context, size_t* size, size_t* offset) {
    const JSStackFrame* const frame = context->rt->current_stack_frame;
    if (!frame || JS_VALUE_GET_TAG(frame->cur_func) != JS_TAG_OBJECT || !frame->cur_pc) return NULL;
    const JSObject* const function = JS_VALUE_GET_OBJ(frame->cur_func);
    if (!js_class_has_bytecode(function->class_id)) return NULL;
    JSFunctionBytecode* const code = function->u.func.function_bytecode;
    if (!code->source) return NULL;
    int column = 0;
    const int line = find_line_num(context, code, frame->cur_pc - code->byte_code_buf - 1, &column);
    int at_line = code->line_num;
    int at_column = code->col_num;
    size_t at = 0;
    while (at < (size_t)code->source_len && (at_line < line || (at_line == line && at_column < column))) {
        if (code->source[at] == '\n') {
            ++at_line;
            at_column = 0;
        }
        ++at;
        while (at < (size_t)code->source_len && ((uint8_t)code->source[at] & 0xc0) == 0x80) ++at;
        ++at_column;
    }
    if (at_line != line || at_column != column || at >= (size_t)code->source_len) return NULL;
    *size = code->source_len;
    *offset = at;
    return code->source;
}

// Behind the bracket that closes the one at `at`; 0 if that is not simple.
static size_t skip_brackets(const char* text, size_t size, size_t at) {
    int depth = 0;
    for (; at < size; ++at) {
        const char c = text[at];
        if (c == '\n' || c == '/' || c == '`') return 0;
        if (c == '(' || c == '[') ++depth;
        if ((c == ')' || c == ']') && --depth == 0) return at + 1;
        if (c == '"' || c == '\'') {
            const char quote = c;
            for (++at; at < size && text[at] != quote; ++at) {
                if (text[at] == '\\' || text[at] == '\n') return 0;
            }
        }
    }
    return 0;
}

// The end of the chain of members that begins, or goes on, at `at`: before the bracket of a call.
static size_t end_of_chain(const char* text, size_t size, size_t at) {
    for (;;) {
        while (at < size && is_name_char((uint8_t)text[at])) ++at;
        size_t next = at;
        while (next < size && is_blank((uint8_t)text[next])) ++next;
        if (next < size && text[next] == '?' && next + 1 < size && text[next + 1] == '.') ++next;
        if (next < size && text[next] == '.' && text[next > 0 ? next - 1 : 0] != '.') {
            ++next;
            while (next < size && is_blank((uint8_t)text[next])) ++next;
            if (next < size && text[next] == '(') return at;  // f?.()
            if (next < size && (is_name_char((uint8_t)text[next]) || text[next] == '[')) {
                at = next;
                if (text[at] != '[') continue;
                next = at;
            } else {
                return at;
            }
        }
        if (next >= size || text[next] != '[') return at;
        const size_t behind = skip_brackets(text, size, next);
        if (behind == 0) return 0;
        at = behind;
    }
}

// The beginning of the chain of members that `at` is in the middle of.
static size_t begin_of_chain(const char* text, size_t at) {
    size_t begin = at;
    for (;;) {
        while (begin > 0 && is_name_char((uint8_t)text[begin - 1])) --begin;
        size_t before = begin;
        while (before > 0 && is_blank((uint8_t)text[before - 1])) --before;
        if (before == 0 || text[before - 1] != '.' || (before > 1 && text[before - 2] == '.')) return begin;
        --before;
        if (before > 0 && text[before - 1] == '?') --before;
        while (before > 0 && is_blank((uint8_t)text[before - 1])) --before;
        int depth = 0;
        while (before > 0 && (text[before - 1] == ']' || text[before - 1] == ')' || depth > 0)) {
            const char c = text[before - 1];
            if (c == '"' || c == '\'' || c == '`' || c == '\n' || c == '/') return SIZE_MAX;
            if (c == ']' || c == ')') ++depth;
            if (c == '[' || c == '(') --depth;
            --before;
        }
        if (before == 0 || depth > 0 || !is_name_char((uint8_t)text[before - 1])) return SIZE_MAX;
        begin = before;
    }
}

static bool stands_before(const char* text, size_t at, const char* word) {
    const size_t size = strlen(word);
    while (at > 0 && is_blank((uint8_t)text[at - 1])) --at;
    if (at < size || memcmp(text + at - size, word, size) != 0) return false;
    return !is_name_char((uint8_t)word[0]) || at == size || !is_name_char((uint8_t)text[at - size - 1]);
}

void engine_name_what_failed(JSContext* context, JSValue error) {
    enum { kLongest = 100 };
    if (JS_VALUE_GET_TAG(error) != JS_TAG_OBJECT) return;
    JSObject* const object = JS_VALUE_GET_OBJ(error);
    if (object->class_id != JS_CLASS_ERROR || !JS_IsUndefined(object->u.object_data)) return;  // thrown by the script
    JSProperty* property;
    const JSShapeProperty* const shape = find_own_property(&property, object, JS_ATOM_message);
    if (!shape || (shape->flags & JS_PROP_TMASK) != JS_PROP_NORMAL || !JS_IsString(property->u.value)) return;
    const uint8_t* message;
    const uint16_t* wide;
    size_t length;
    if (!engine_string_chars(property->u.value, &message, &wide, &length) || !message) return;
    const bool is_call = length == 14 && memcmp(message, "not a function", 14) == 0;
    const bool is_new = length == 17 && memcmp(message, "not a constructor", 17) == 0;
    const bool is_iteration = length == 21 && memcmp(message, "value is not iterable", 21) == 0;
    if (!is_call && !is_new && !is_iteration) return;

    size_t size = 0, at = 0;
    const char* const text = place_in_source(context, &size, &at);
    if (!text) return;
    if (!is_call &&
        !(is_new ? stands_before(text, at, "new") : stands_before(text, at, "...") || stands_before(text, at, "of"))) {
        return;
    }
    const size_t begin = begin_of_chain(text, at);
    const size_t end = end_of_chain(text, size, at);
    if (begin >= end || end - begin > kLongest || !is_name_char((uint8_t)text[begin])) return;
    if (is_call) {
        // It is called there, or the engine remembers another place.
        size_t next = end;
        while (next < size && is_blank((uint8_t)text[next])) ++next;
        if (next < size && text[next] == '?') next += 2;
        if (next >= size || (text[next] != '(' && text[next] != '`')) return;
    }
    static const char* const kKeywords[] = {"function", "class", "async", "await", "return", "super", "yield"};
    for (size_t i = 0; i < sizeof(kKeywords) / sizeof(kKeywords[0]); ++i) {
        if (end - begin == strlen(kKeywords[i]) && memcmp(text + begin, kKeywords[i], end - begin) == 0) return;
    }
    char name[kLongest + 32];
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) {
        if (!is_blank((uint8_t)text[i])) name[count++] = text[i];
    }
    const char* const what = is_call ? " is not a function" : is_new ? " is not a constructor" : " is not iterable";
    strcpy(name + count, what);
    const JSValue named = JS_NewStringLen(context, name, count + strlen(what));
    if (JS_IsException(named)) return;
    JS_FreeValue(context, property->u.value);
    property->u.value = named;
}
