// What scripts import, and `require`.
//
// The host says which module a specifier means (wire::MessageKind::resolve), and sends the source of files and the
// names of its functions (read_module). A module is loaded and evaluated once, however it is asked for.
#ifndef CURFEW_GUEST_RUNTIME_MODULES_H
#define CURFEW_GUEST_RUNTIME_MODULES_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Lets scripts import, and defines the global `require`. False when memory runs out.
[[nodiscard]] bool install_modules(JSContext* context);

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

}  // namespace curfew::guest

#endif
