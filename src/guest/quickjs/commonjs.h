// CommonJS modules: files that the host finds, and that have neither `import` nor `export`.
//
// Each has a record, by its one name: what `module` is to it, and the function that its text is the body of, until that was called. What
// ES modules import from it is `module.exports`, as the default export, and the names that its text promises to export.
#ifndef CURFEW_GUEST_RUNTIME_COMMONJS_H
#define CURFEW_GUEST_RUNTIME_COMMONJS_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Makes a record of a file's text, if it can be a CommonJS module. False when an exception is pending: a SyntaxError if it is none.
[[nodiscard]] bool add_common_js(JSContext* context, const char* name, Bytes source);

// Whether there is a record of that name that `require.cache` still has.
bool is_common_js(JSContext* context, const char* name);

// What the module exports; runs it, if it has not begun to run. In a cycle that is what it has exported so far. REQUIRES: is_common_js.
JSValue run_common_js(JSContext* context, const char* name);

// The ES module that stands for it. Null when an exception is pending. REQUIRES: is_common_js.
JSModuleDef* make_common_js_module(JSContext* context, const char* name, Bytes source);

// A `require` for the module of that name, with `resolve` and `cache`.
JSValue make_require_for(JSContext* context, const char* name);

}  // namespace curfew::guest

#endif
