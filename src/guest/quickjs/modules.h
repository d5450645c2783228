// What scripts import, and `require`.
//
// The host says which module a specifier means (wire::MessageKind::resolve), and sends the source of files and the
// names of its functions (read_module). A module is loaded and evaluated once, however it is asked for.
#ifndef CURFEW_GUEST_RUNTIME_MODULES_H
#define CURFEW_GUEST_RUNTIME_MODULES_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

// Lets scripts import, and defines the global `require`. False when memory runs out.
[[nodiscard]] bool install_modules(JSContext* context);

// What `require` of a module asks the host for: the one name of the module that is meant, and a file's text. False when an exception
// is pending.
[[nodiscard]] bool resolve_required(JSContext* context, const char* importer, const char* specifier, Value& name,
                                    wire::ModuleKind& kind);
[[nodiscard]] bool read_source(JSContext* context, const char* name, Body& source);

// Stands around the engine's loading of a module for `require`: what the module is to be found by are the rules of that.
class RequiringModule {
  public:
    RequiringModule();
    RequiringModule(const RequiringModule&) = delete;
    RequiringModule& operator=(const RequiringModule&) = delete;
    ~RequiringModule();
};

// Whether the host has a module of this name, which starts with `host:`.
bool host_has_module(JSContext* context, Bytes name);

// Stands around whatever makes the engine load modules. What a load that failed leaves behind goes with the outermost.
class ModuleLoad {
  public:
    explicit ModuleLoad(JSContext* context);
    ModuleLoad(const ModuleLoad&) = delete;
    ModuleLoad& operator=(const ModuleLoad&) = delete;
    ~ModuleLoad();

  private:
    JSContext* context_;
};

// Whether a script's name is that of text which a script has evaluated.
bool is_evaluated_text(Bytes script);

}  // namespace curfew::guest

#endif
