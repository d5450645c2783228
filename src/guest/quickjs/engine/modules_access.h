// What engine.h offers for modules. Included behind quickjs.c.
#ifndef CURFEW_GUEST_ENGINE_MODULES_ACCESS_H
#define CURFEW_GUEST_ENGINE_MODULES_ACCESS_H

JSModuleDef* engine_load_module(JSContext* context, const char* importer, const char* specifier) {
    JSModuleDef* module = js_host_resolve_imported_module(context, importer, specifier, JS_UNDEFINED);
    return module && js_resolve_module(context, module) == 0 ? module : NULL;
}

JSValue engine_evaluate_module(JSContext* context, JSModuleDef* module) {
    return JS_EvalFunction(context, JS_NewModuleValue(context, module));
}

bool engine_has_module(JSContext* context, const char* name) {
    const JSAtom atom = JS_NewAtom(context, name);
    struct list_head* at;
    bool found = false;
    list_for_each(at, &context->loaded_modules) {
        found = found || list_entry(at, JSModuleDef, link)->module_name == atom;
    }
    JS_FreeAtom(context, atom);
    return found;
}

bool engine_is_es_module(const JSModuleDef* module) {
    return module->req_module_entries_count > 0 || module->export_entries_count > 0 || module->has_tla;
}

void engine_forget_module(JSContext* context, JSModuleDef* module) { js_free_module_def(context, module); }

// A module whose evaluation is paused, and what it was like.
typedef struct {
    JSModuleDef* module;
    JSModuleDef* cycle_root;
    bool async_evaluation;
    bool has_promise;
} PausedModule;

struct EnginePause {
    EnginePause* outer;
    int count;
    PausedModule modules[];
};

static EnginePause* innermost_pause;

EnginePause* engine_pause_evaluations(JSContext* context) {
    struct list_head* at;
    int count = 0;
    list_for_each(at, &context->loaded_modules) {
        if (list_entry(at, JSModuleDef, link)->status == JS_MODULE_STATUS_EVALUATING) ++count;
    }
    EnginePause* pause = js_malloc(context, sizeof(*pause) + count * sizeof(PausedModule));
    if (!pause) return NULL;
    pause->outer = innermost_pause;
    pause->count = 0;
    innermost_pause = pause;
    list_for_each(at, &context->loaded_modules) {
        JSModuleDef* module = list_entry(at, JSModuleDef, link);
        if (module->status != JS_MODULE_STATUS_EVALUATING) continue;
        pause->modules[pause->count++] = (PausedModule){.module = module,
                                                        .cycle_root = module->cycle_root,
                                                        .async_evaluation = module->async_evaluation,
                                                        .has_promise = !JS_IsUndefined(module->promise)};
        module->status = JS_MODULE_STATUS_EVALUATED;
        module->cycle_root = module;
        module->async_evaluation = false;
    }
    return pause;
}

void engine_resume_evaluations(JSContext* context, EnginePause* pause) {
    for (int i = 0; i < pause->count; ++i) {
        const PausedModule* paused = &pause->modules[i];
        JSModuleDef* module = paused->module;
        module->status = JS_MODULE_STATUS_EVALUATING;
        module->cycle_root = paused->cycle_root;
        module->async_evaluation = paused->async_evaluation;
        if (paused->has_promise) continue;
        // An import in the meantime got a promise of this module. The engine wants it on a cycle's root only.
        for (int each = 0; each < 2; ++each) {
            JS_FreeValue(context, module->resolving_funcs[each]);
            module->resolving_funcs[each] = JS_UNDEFINED;
        }
        JS_FreeValue(context, module->promise);
        module->promise = JS_UNDEFINED;
    }
    innermost_pause = pause->outer;
    js_free(context, pause);
}

bool engine_is_paused(const JSModuleDef* module) {
    for (const EnginePause* pause = innermost_pause; pause; pause = pause->outer) {
        for (int i = 0; i < pause->count; ++i) {
            if (pause->modules[i].module == module) return true;
        }
    }
    return false;
}

static bool is_loaded(JSContext* context, const JSModuleDef* module) {
    struct list_head* at;
    list_for_each(at, &context->loaded_modules) {
        if (list_entry(at, JSModuleDef, link) == module) return true;
    }
    return false;
}

static bool is_broken(JSContext* context, const JSModuleDef* module) {
    if (module->status != JS_MODULE_STATUS_UNLINKED) return false;
    if (!module->resolved) return true;  // its maker, or who wanted it, failed half-way
    for (int i = 0; i < module->req_module_entries_count; ++i) {
        if (!is_loaded(context, module->req_module_entries[i].module)) return true;
    }
    return false;
}

void engine_drop_broken_modules(JSContext* context) {
    for (bool dropped = true; dropped;) {
        dropped = false;
        struct list_head *at, *next;
        list_for_each_safe(at, next, &context->loaded_modules) {
            JSModuleDef* module = list_entry(at, JSModuleDef, link);
            if (!is_broken(context, module)) continue;
            js_free_module_def(context, module);
            dropped = true;
        }
    }
}

#endif
