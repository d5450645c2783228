// Code and modules that a sandbox takes besides its handlers.
#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

namespace {

std::string_view space_of(const char* space) noexcept { return space == nullptr ? "user" : std::string_view(space); }

}  // namespace

curfew_error* curfew_sandbox_add_module(curfew_sandbox* sandbox, const char* name, const char* source, size_t length,
                                        const char* space) {
    if (sandbox == nullptr) return missing("the sandbox");
    if (name == nullptr) return missing("the module's name");
    if (is_missing(source, length)) return missing("the module's source");
    return guarded([&] {
        return outcome_of(sandbox->sandbox.add_module(name, std::string(text_of(source, length)), space_of(space)));
    });
}

curfew_error* curfew_sandbox_remove_module(curfew_sandbox* sandbox, const char* name, const char* space) {
    if (sandbox == nullptr) return missing("the sandbox");
    if (name == nullptr) return missing("the module's name");
    return guarded([&] { return outcome_of(sandbox->sandbox.remove_module(name, space_of(space))); });
}

curfew_error* curfew_sandbox_clear_modules(curfew_sandbox* sandbox) {
    if (sandbox == nullptr) return missing("the sandbox");
    return guarded([&]() -> curfew_error* {
        sandbox->sandbox.clear_modules();
        return nullptr;
    });
}

curfew_error* curfew_sandbox_load_without_handlers(curfew_sandbox* sandbox, curfew_loaded** out) {
    if (out == nullptr) return missing("the place for the loaded sandbox");
    *out = nullptr;
    if (sandbox == nullptr) return missing("the sandbox");
    return guarded([&] { return hand_over(std::move(sandbox->sandbox).load_without_handlers(), out); });
}

curfew_error* curfew_loaded_evaluate(curfew_loaded* loaded, const char* program, size_t length, const char* name,
                                     const curfew_monitors* monitors, const curfew_call_options* options,
                                     curfew_result** out) {
    if (out == nullptr) return missing("the place for the result");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (is_missing(program, length)) return missing("the program");
    return guarded([&] {
        const Script script =
            Script::from_program(std::string(text_of(program, length)), name != nullptr ? name : "program.js");
        return hand_over(loaded->get().evaluate(script, monitors_of(monitors), options_of(options)), out);
    });
}

curfew_error* curfew_loaded_add_handler(curfew_loaded* loaded, const char* name, const char* source, size_t length,
                                        const curfew_script_options* options, const curfew_monitors* monitors) {
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (name == nullptr) return missing("the handler's name");
    if (is_missing(source, length)) return missing("the handler's source");
    return guarded([&] {
        return outcome_of(loaded->get().add_handler(name, script_of(source, length, options), monitors_of(monitors)));
    });
}

curfew_error* curfew_loaded_remove_handler(curfew_loaded* loaded, const char* name) {
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (name == nullptr) return missing("the handler's name");
    return guarded([&] { return outcome_of(loaded->get().remove_handler(name)); });
}
