// What a program gets to know of an error in a handler.
#include <iostream>

#include <curfew/curfew.h>
#include <curfew/error_details.h>

namespace {

void show(const curfew::ErrorDetails& error, const char* what) {
    std::cout << what << error.name << ": " << error.message << '\n';
    if (!error.source_line.empty()) {
        std::cout << "  " << error.file << ':' << error.line << ": " << error.source_line << '\n'
                  << std::string(2 + error.file.size() + 2 + std::to_string(error.line).size() + error.source_column,
                                 ' ')
                  << "^\n";
    }
    if (const auto* fields = error.value.get_if<curfew::Value::Object>()) {
        for (const auto& [name, value] : *fields)
            std::cout << "  " << name << " = " << value.to_json().value_or("?") << '\n';
    }
    if (error.cause) show(*error.cause, "because of ");
}

}  // namespace

int main() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::cerr << proto.error().message << '\n', 1;
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::cerr << sandbox.error().message << '\n', 1;
    const auto added = sandbox->add_handler("greet", curfew::Script::from_content(R"(export function handler(event) {
  try {
    return event.customer.greet();
  } catch (cause) {
    throw Object.assign(new Error('no greeting', { cause }), { code: 'E_GREET', retry: false });
  }
})",
                                                                                  "greet.js"));
    if (!added) return std::cerr << added.error().message << '\n', 1;
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::cerr << loaded.error().message << '\n', 1;

    const auto done = loaded->handle_event("greet", R"({"customer":{}})");
    if (!done && done.error().details) show(*done.error().details, "");
}
