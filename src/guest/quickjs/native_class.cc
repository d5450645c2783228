#include "guest/quickjs/native_class.h"

namespace curfew::guest {

JSValue make_class(JSContext* context, JSClassID& id, const NativeClass& what) {
    JSRuntime* const engine = JS_GetRuntime(context);
    JS_NewClassID(engine, &id);
    JSClassDef definition{};
    definition.class_name = what.name;
    definition.finalizer = what.finalizer;
    if (JS_NewClass(engine, id, &definition) < 0) return JS_EXCEPTION;
    Value prototype(context, JS_NewObject(context));
    Value constructor(context,
                      JS_NewCFunction2(context, what.constructor, what.name, what.parameters, JS_CFUNC_constructor, 0));
    if (prototype.failed() || constructor.failed() ||
        JS_SetPropertyFunctionList(context, prototype.get(), what.members, what.member_count) < 0 ||
        JS_SetConstructor(context, constructor.get(), prototype.get()) < 0) {
        return JS_EXCEPTION;
    }
    JS_SetClassProto(context, id, prototype.release());
    return constructor.release();
}

JSValue new_instance(JSContext* context, JSValueConst new_target, JSClassID id) {
    const Value prototype(context, JS_GetPropertyStr(context, new_target, "prototype"));
    if (prototype.failed()) return JS_EXCEPTION;
    return JS_IsObject(prototype.get()) ? JS_NewObjectProtoClass(context, prototype.get(), id)
                                        : JS_NewObjectClass(context, id);
}

}  // namespace curfew::guest
