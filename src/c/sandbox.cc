#include <curfew/json.h>

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

namespace curfew::c {

CallOptions options_of(const curfew_call_options* options) {
    const curfew_call_options known = taken(options);
    CallOptions made{.collect_garbage = known.leave_garbage == 0, .count_pages = known.count_pages != 0};
    if (known.context != nullptr) made.context = known.context;
    if (known.cbor != 0) made.format = ValueFormat::cbor;
    return made;
}

Script script_of(const char* source, std::size_t length, const curfew_script_options* options) {
    const curfew_script_options known = taken(options);
    std::string text(text_of(source, length));
    std::string name(known.name != nullptr ? known.name : known.is_typescript != 0 ? "handler.ts" : "handler.js");
    Script script = known.is_typescript != 0 ? Script::typescript(std::move(text), std::move(name))
                                             : Script::from_content(std::move(text), std::move(name));
    if (known.is_program != 0) script = std::move(script).as_program();
    if (known.source_map != nullptr) script = std::move(script).with_source_map(known.source_map);
    if (known.folder != nullptr) script = std::move(script).with_virtual_base(known.folder);
    return script;
}

}  // namespace curfew::c

void curfew_proto_free(curfew_proto* proto) { delete proto; }          // NOLINT: C's
void curfew_sandbox_free(curfew_sandbox* sandbox) { delete sandbox; }  // NOLINT: C's
void curfew_loaded_free(curfew_loaded* loaded) {
    if (loaded != nullptr && loaded->lent == nullptr) delete loaded;  // NOLINT: C's; a lent one is its lease's
}
void curfew_result_free(curfew_result* result) { delete result; }              // NOLINT: C's
void curfew_interrupt_free(curfew_interrupt* interrupt) { delete interrupt; }  // NOLINT: C's

curfew_error* curfew_proto_load_runtime(curfew_proto* proto, curfew_sandbox** out) {
    if (out == nullptr) return missing("the place for the sandbox");
    *out = nullptr;
    if (proto == nullptr) return missing("the proto");
    return guarded([&] { return hand_over(std::move(proto->proto).load_runtime(), out); });
}

curfew_error* curfew_sandbox_add_handler(curfew_sandbox* sandbox, const char* name, const char* source, size_t length,
                                         const curfew_script_options* options) {
    if (sandbox == nullptr) return missing("the sandbox");
    if (name == nullptr) return missing("the handler's name");
    if (is_missing(source, length)) return missing("the handler's source");
    return guarded([&] { return outcome_of(sandbox->sandbox.add_handler(name, script_of(source, length, options))); });
}

curfew_error* curfew_sandbox_add_handler_file(curfew_sandbox* sandbox, const char* name, const char* path) {
    if (sandbox == nullptr) return missing("the sandbox");
    if (name == nullptr) return missing("the handler's name");
    if (path == nullptr) return missing("the file's path");
    return guarded([&]() -> curfew_error* {
        auto script = Script::from_file(path);
        if (!script) return give(std::move(script.error()));
        return outcome_of(sandbox->sandbox.add_handler(name, std::move(*script)));
    });
}

curfew_error* curfew_sandbox_remove_handler(curfew_sandbox* sandbox, const char* name) {
    if (sandbox == nullptr) return missing("the sandbox");
    if (name == nullptr) return missing("the handler's name");
    return guarded([&] { return outcome_of(sandbox->sandbox.remove_handler(name)); });
}

curfew_error* curfew_sandbox_clear_handlers(curfew_sandbox* sandbox) {
    if (sandbox == nullptr) return missing("the sandbox");
    return guarded([&]() -> curfew_error* {
        sandbox->sandbox.clear_handlers();
        return nullptr;
    });
}

curfew_error* curfew_sandbox_load(curfew_sandbox* sandbox, const curfew_monitors* monitors, curfew_loaded** out) {
    if (out == nullptr) return missing("the place for the loaded sandbox");
    *out = nullptr;
    if (sandbox == nullptr) return missing("the sandbox");
    return guarded([&] { return hand_over(std::move(sandbox->sandbox).load(monitors_of(monitors)), out); });
}

curfew_error* curfew_loaded_call(curfew_loaded* loaded, const char* handler, const char* event, size_t length,
                                 const curfew_monitors* monitors, const curfew_call_options* options,
                                 curfew_result** out) {
    if (out == nullptr) return missing("the place for the result");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (handler == nullptr) return missing("the handler's name");
    if (is_missing(event, length)) return missing("the event");
    return guarded([&] {
        return hand_over(
            loaded->get().handle_event(handler, text_of(event, length), monitors_of(monitors), options_of(options)),
            out);
    });
}

const char* curfew_result_json(const curfew_result* result, size_t* length) {
    return text_out(result->result.result, length);
}

int curfew_result_is_cbor(const curfew_result* result) { return result->result.format == ValueFormat::cbor ? 1 : 0; }

const void* curfew_result_cbor(const curfew_result* result, size_t* length) {
    return text_out(result->result.result, length);
}

void curfew_result_usage(const curfew_result* result, curfew_usage* usage) {
    give_out(usage_of(result->result.usage), usage);
}

int curfew_loaded_poisoned(const curfew_loaded* loaded) {
    return loaded != nullptr && loaded->get().poisoned() ? 1 : 0;
}

const char* curfew_loaded_engine(const curfew_loaded* loaded) {
    return loaded == nullptr ? "" : name_of(loaded->get().engine()).data();  // a literal
}

curfew_error* curfew_loaded_handlers(const curfew_loaded* loaded, curfew_result** out) {
    if (out == nullptr) return missing("the place for the names");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    return guarded([&]() -> curfew_error* {
        *out = new curfew_result{{.result = nlohmann::json(loaded->get().handlers()).dump(), .usage = {}}};  // NOLINT
        return nullptr;
    });
}

curfew_error* curfew_loaded_unload(curfew_loaded* loaded, curfew_sandbox** out) {
    if (out == nullptr) return missing("the place for the sandbox");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (loaded->lent != nullptr) {
        return refuse(ErrorCode::invalid_argument, "a sandbox that a pool has lent cannot be unloaded; free its lease");
    }
    return guarded([&] { return hand_over(std::move(*loaded->own).unload(), out); });
}

curfew_error* curfew_sandbox_interrupt(const curfew_sandbox* sandbox, curfew_interrupt** out) {
    if (out == nullptr) return missing("the place for the interrupt handle");
    *out = nullptr;
    if (sandbox == nullptr) return missing("the sandbox");
    return guarded([&]() -> curfew_error* {
        *out = new curfew_interrupt{sandbox->sandbox.interrupt_handle()};  // NOLINT: its owner is C
        return nullptr;
    });
}

curfew_error* curfew_loaded_interrupt(const curfew_loaded* loaded, curfew_interrupt** out) {
    if (out == nullptr) return missing("the place for the interrupt handle");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    return guarded([&]() -> curfew_error* {
        *out = new curfew_interrupt{loaded->get().interrupt_handle()};  // NOLINT: its owner is C
        return nullptr;
    });
}

int curfew_interrupt_kill(const curfew_interrupt* interrupt) {
    return interrupt != nullptr && interrupt->handle.kill() ? 1 : 0;
}
