// What text is called that a script evaluates: after the script, so that import() in it starts from where the script's own imports do.
// Included by quickjs_with_access.c, behind the engine.
#ifndef CURFEW_GUEST_ENGINE_EVALUATED_TEXT_H
#define CURFEW_GUEST_ENGINE_EVALUATED_TEXT_H

// The name of the innermost script that runs; that of a script whose evaluated text it is. To be freed; null for none, or if memory has run out.
static char* name_of_evaluated_text(JSContext* context, int flags) {
    const int type = flags & JS_EVAL_TYPE_MASK;
    if (type != JS_EVAL_TYPE_DIRECT && type != JS_EVAL_TYPE_INDIRECT) return NULL;
    JSAtom script = JS_ATOM_NULL;
    const JSStackFrame* frame = context->rt->current_stack_frame;
    for (int level = 0; frame && script == JS_ATOM_NULL; frame = frame->prev_frame) {
        script = JS_GetScriptOrModuleName(context, level++);
    }
    if (script == JS_ATOM_NULL) return NULL;
    const char* const text = JS_AtomToCString(context, script);
    JS_FreeAtom(context, script);
    if (!text) {
        JS_FreeValue(context, JS_GetException(context));
        return NULL;
    }
    const size_t prefix = sizeof(ENGINE_EVALUATED_TEXT) - 1;
    const bool is_evaluated = strncmp(text, ENGINE_EVALUATED_TEXT, prefix) == 0;
    const size_t size = strlen(text) + 1;
    char* const name = js_malloc_rt(context->rt, prefix + size);
    if (name) {
        memcpy(name, ENGINE_EVALUATED_TEXT, prefix);
        memcpy(name + prefix, text + (is_evaluated ? prefix : 0), size - (is_evaluated ? prefix : 0));
    }
    JS_FreeCString(context, text);
    return name;
}

#endif
