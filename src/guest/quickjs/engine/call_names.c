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
        if (c == '(' || c == '[' || c == '{') ++depth;
        if ((c == ')' || c == ']' || c == '}') && --depth == 0) return at + 1;
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

// What the engine says of a failure, and what is said in its place when it is known of what.
enum failure { no_function, no_constructor, not_iterable, not_an_object, no_properties, other_failure };

static bool begins_with(const char* text, size_t length, const char* what) {
    return length >= strlen(what) && memcmp(text, what, strlen(what)) == 0;
}

static bool ends_with(const char* text, size_t length, const char* end, size_t size) {
    return length >= size && memcmp(text + length - size, end, size) == 0;
}

static enum failure failure_of(const char* message, size_t length) {
    static const struct {
        const char* text;
        bool is_whole;
        enum failure failure;
    } kKnown[] = {
        {"not a function", true, no_function},
        {"not a constructor", true, no_constructor},
        {"value is not iterable", true, not_iterable},
        {"cannot read property 'Symbol.iterator' of ", false, not_iterable},
        {"cannot read property 'Symbol.asyncIterator' of ", false, not_iterable},
        {"Cannot convert undefined or null to object", true, not_an_object},
        {"cannot read property '", false, no_properties},
        {"cannot set property '", false, no_properties},
    };
    for (size_t i = 0; i < sizeof(kKnown) / sizeof(kKnown[0]); ++i) {
        if (begins_with(message, length, kKnown[i].text) && (!kKnown[i].is_whole || length == strlen(kKnown[i].text))) {
            return kKnown[i].failure;
        }
    }
    return other_failure;
}

// What a pattern takes apart, at `at`, is `expression` in `[a, b] = expression`: where that begins. 0: there is none, or a pattern within
// this one may be what failed.
static size_t begin_of_initializer(const char* text, size_t size, size_t at) {
    size_t behind = skip_brackets(text, size, at);
    if (behind == 0) return 0;
    for (size_t i = at + 1; i < behind; ++i) {
        if (text[i] == '[' || text[i] == '{') return 0;
    }
    while (behind < size && is_blank((uint8_t)text[behind])) ++behind;
    if (behind + 1 >= size || text[behind] != '=' || text[behind + 1] == '=' || text[behind + 1] == '>') return 0;
    for (++behind; behind < size && is_blank((uint8_t)text[behind]);) ++behind;
    return behind;
}

// The expression that failed, as [*begin, *end) of the source. False: it is not known.
static bool find_expression(const char* text, size_t size, size_t at, enum failure failure, size_t* begin,
                            size_t* end) {
    if (failure == not_an_object && text[at] != '{') return false;
    if (failure == not_an_object || (failure == not_iterable && text[at] == '[')) {
        *begin = begin_of_initializer(text, size, at);
        if (*begin == 0) return false;
        *end = end_of_chain(text, size, *begin);
        // All of it: not the beginning of a call or a sum.
        size_t next = *end;
        while (next < size && text[next] != '\n' && is_blank((uint8_t)text[next])) ++next;
        if (next < size && text[next] != ';' && text[next] != ',' && text[next] != '\n' && text[next] != ')' &&
            text[next] != '}') {
            return false;
        }
    } else {
        const bool is_there =
            failure == no_function || (failure == no_constructor && stands_before(text, at, "new")) ||
            (failure == not_iterable &&
             (stands_before(text, at, "...") || stands_before(text, at, "of") || stands_before(text, at, "yield*")));
        if (!is_there) return false;
        // A literal has no name, and what stands before it is not its.
        if (failure == not_iterable && !is_name_char((uint8_t)text[at]) && !strchr(".(?[", text[at])) return false;
        *begin = begin_of_chain(text, at);
        *end = end_of_chain(text, size, at);
    }
    if (*begin >= *end || !is_name_char((uint8_t)text[*begin])) return false;
    if (failure != no_function) return true;
    // It is called there, or the engine remembers another place.
    size_t next = *end;
    while (next < size && is_blank((uint8_t)text[next])) ++next;
    if (next < size && text[next] == '?') next += 2;
    return next < size && (text[next] == '(' || text[next] == '`');
}

enum { kLongestName = 100 };

// The expression as the source writes it, without blanks, and what it is not, more exactly. 0: it is not known, or no name.
static size_t write_expression(JSContext* context, enum failure* failure, char* name) {
    size_t size = 0, at = 0, begin = 0, end = 0;
    const char* const text = place_in_source(context, &size, &at);
    if (!text) return 0;
    // The engine counts the columns of a script's first line from 0 or from 1.
    if (!find_expression(text, size, at, *failure, &begin, &end) &&
        (at == 0 || !find_expression(text, size, at - 1, *failure, &begin, &end))) {
        return 0;
    }
    if (end - begin > kLongestName) return 0;
    if (*failure == no_function && stands_before(text, begin, "new")) *failure = no_constructor;
    static const char* const kKeywords[] = {"function", "class", "async", "await", "return", "super", "yield", "new"};
    for (size_t i = 0; i < sizeof(kKeywords) / sizeof(kKeywords[0]); ++i) {
        if (end - begin == strlen(kKeywords[i]) && memcmp(text + begin, kKeywords[i], end - begin) == 0) return 0;
    }
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) {
        if (!is_blank((uint8_t)text[i])) name[count++] = text[i];
    }
    return count;
}

// The expression before the property that the message names, "cannot read property 'x' of undefined": `o.list` in `o.list.x.y`. 0: it is
// not known, or the property is asked for more than once there.
static size_t write_owner(JSContext* context, const char* message, size_t length, char* name) {
    const char* const property = (const char*)memchr(message, '\'', length) + 1;
    const char* const behind = (const char*)memchr(property, '\'', (size_t)(message + length - property));
    size_t size = 0, at = 0;
    const char* const text = place_in_source(context, &size, &at);
    if (!text || !behind || behind == property) return 0;
    const size_t wanted = (size_t)(behind - property);
    const size_t begin = begin_of_chain(text, at);
    const size_t end = end_of_chain(text, size, at);
    if (begin >= end || end - begin > kLongestName || !is_name_char((uint8_t)text[begin])) return 0;
    size_t found = 0;
    for (size_t i = begin + 1; i + wanted < end; ++i) {
        const bool is_member =
            text[i] == '.' && (i + 1 + wanted == end || !is_name_char((uint8_t)text[i + 1 + wanted]));
        const bool is_item = text[i] == '[' && i + 1 + wanted < end && text[i + 1 + wanted] == ']';
        if ((!is_member && !is_item) || memcmp(text + i + 1, property, wanted) != 0) continue;
        if (found != 0) return 0;
        found = i;
    }
    if (found == 0 || text[found - 1] == '?' || is_blank((uint8_t)text[found - 1])) return 0;
    memcpy(name, text + begin, found - begin);
    return found - begin;
}

// What the engine's own function that runs was given, such as Map: its first argument. NULL: none runs.
static const JSValue* native_argument(JSContext* context) {
    const JSStackFrame* const frame = context->rt->current_stack_frame;
    if (!frame || JS_VALUE_GET_TAG(frame->cur_func) != JS_TAG_OBJECT || frame->arg_count < 1) return NULL;
    // Closures of the guest's have frames without arguments.
    return JS_VALUE_GET_OBJ(frame->cur_func)->class_id == JS_CLASS_C_FUNCTION ? &frame->arg_buf[0] : NULL;
}

// Its kind. 0: it is iterable.
static size_t write_kind(JSContext* context, JSValue given, char* name) {
    const char* kind = "an object";
    switch (JS_VALUE_GET_NORM_TAG(given)) {
        case JS_TAG_UNDEFINED: kind = "undefined"; break;
        case JS_TAG_NULL: kind = "null"; break;
        case JS_TAG_BOOL: kind = "a boolean"; break;
        case JS_TAG_INT:
        case JS_TAG_FLOAT64: kind = "a number"; break;
        case JS_TAG_SYMBOL: kind = "a symbol"; break;
        case JS_TAG_SHORT_BIG_INT:
        case JS_TAG_BIG_INT: kind = "a BigInt"; break;
        case JS_TAG_OBJECT:
            if (JS_IsFunction(context, given)) kind = "a function";
            break;
        default: return 0;
    }
    strcpy(name, kind);
    return strlen(kind);
}

static void replace_message(JSContext* context, JSProperty* property, const char* text, size_t size) {
    const JSValue better = JS_NewStringLen(context, text, size);
    if (JS_IsException(better)) return;
    JS_FreeValue(context, property->u.value);
    property->u.value = better;
}

void engine_name_what_failed(JSContext* context, JSValue error) {
    if (JS_VALUE_GET_TAG(error) != JS_TAG_OBJECT) return;
    JSObject* const object = JS_VALUE_GET_OBJ(error);
    if (object->class_id != JS_CLASS_ERROR) return;
    // Only the engine's own functions throw what knows its place already, or else the script does.
    const JSValue* const given = native_argument(context);
    const bool is_passed_on = given && JS_VALUE_GET_TAG(*given) == JS_TAG_OBJECT && JS_VALUE_GET_OBJ(*given) == object;
    if (!JS_IsUndefined(object->u.object_data) && (!given || is_passed_on)) return;
    JSProperty* property;
    const JSShapeProperty* const shape = find_own_property(&property, object, JS_ATOM_message);
    if (!shape || (shape->flags & JS_PROP_TMASK) != JS_PROP_NORMAL || !JS_IsString(property->u.value)) return;
    const uint8_t* said;
    const uint16_t* wide;
    size_t length;
    if (!engine_string_chars(property->u.value, &said, &wide, &length) || !said) return;
    const char* const message = (const char*)said;
    enum failure failure = failure_of(message, length);
    if (failure == other_failure) return;

    char text[kLongestName + 64] = "cannot destructure ";
    if (failure == no_properties) {
        // Behind what the engine says.
        char owner[kLongestName + 1];
        const size_t size = write_owner(context, message, length, owner);
        const bool is_the_word = ends_with(message, length, owner, size);  // null.x, or it was said already
        if (size == 0 || length > 2 * kLongestName || is_the_word || message[length - 1] == ')') return;
        char whole[3 * kLongestName + 8];
        memcpy(whole, message, length);
        memcpy(whole + length, " (", 2);
        memcpy(whole + length + 2, owner, size);
        whole[length + 2 + size] = ')';
        replace_message(context, property, whole, length + size + 3);
        return;
    }
    size_t count = failure == not_an_object ? strlen(text) : 0;
    size_t named = write_expression(context, &failure, text + count);
    if (named == 0 && failure == not_iterable) {
        if (given) named = write_kind(context, *given, text);
        // What the engine has said of null and undefined ends with them.
        const char* const word = length > 4 && memcmp(message + length - 4, "null", 4) == 0 ? "null" : "undefined";
        if (named == 0 && begins_with(message, length, "cannot read")) strcpy(text, word), named = strlen(word);
    }
    if (named == 0) return;
    count += named;
    static const char* const kSaid[] = {" is not a function", " is not a constructor", " is not iterable",
                                        ", which is null or undefined"};
    strcpy(text + count, kSaid[failure]);
    replace_message(context, property, text, count + strlen(kSaid[failure]));
}

// The engine keeps the source of functions, but not that of a script's top level.
void engine_keep_source(JSContext* context, JSValueConst compiled, const char* text, size_t size) {
    enum { kLongest = 1 << 16 };
    JSValueConst function = compiled;
    if (JS_VALUE_GET_TAG(compiled) == JS_TAG_MODULE) {
        function = ((JSModuleDef*)JS_VALUE_GET_PTR(compiled))->func_obj;
    }
    if (size > kLongest || JS_VALUE_GET_TAG(function) != JS_TAG_FUNCTION_BYTECODE) return;
    JSFunctionBytecode* const code = JS_VALUE_GET_PTR(function);
    if (code->source) return;
    code->source = js_malloc_rt(context->rt, size + 1);
    if (!code->source) return;
    memcpy(code->source, text, size);
    code->source[size] = '\0';
    code->source_len = (int)size;
}
