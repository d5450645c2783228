#include "guest/runtime/modules.h"

namespace curfew::guest {

namespace {

char* refuse(JSContext* context, const char* importer, const char* specifier, void*) {
    JS_ThrowReferenceError(context, "%s imports \"%s\", but this sandbox has no such module, and no module loader",
                           importer, specifier);
    return nullptr;
}

}  // namespace

void install_module_loader(JSRuntime* engine) { JS_SetModuleLoaderFunc(engine, refuse, nullptr, nullptr); }

}  // namespace curfew::guest
