// Classes that are written in C++.
#ifndef CURFEW_GUEST_RUNTIME_NATIVE_CLASS_H
#define CURFEW_GUEST_RUNTIME_NATIVE_CLASS_H

#include "guest/quickjs/value.h"

namespace curfew::guest {

struct NativeClass {
    const char* name;
    JSClassFinalizer* finalizer;  // or null
    JSCFunction* constructor;
    int parameters;  // of the constructor
    const JSCFunctionListEntry* members;
    int member_count;
};

// Makes a class known to the engine, gives it an id, and returns its constructor. `id` is zero before.
JSValue make_class(JSContext* context, JSClassID& id, const NativeClass& what);

// A new object of the class, for a constructor that was called with this `new.target`.
JSValue new_instance(JSContext* context, JSValueConst new_target, JSClassID id);

}  // namespace curfew::guest

#endif
