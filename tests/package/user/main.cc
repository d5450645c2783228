#include <app_modules.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <utility>

#include <curfew/curfew.h>

int main() {
    auto proto =
        curfew::SandboxBuilder().with_modules(std::make_shared<curfew::EmbeddedFileSystem>(app_modules())).build();
    auto sandbox = proto ? std::move(*proto).load_runtime() : std::unexpected(proto.error());
    if (!sandbox) return std::cerr << sandbox.error().message << '\n', 1;
    auto added =
        sandbox->add_handler("add", curfew::Script::from_content("export { add as handler } from '/app/add.js';"));
    if (!added) return std::cerr << added.error().message << '\n', 1;
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::cerr << loaded.error().message << '\n', 1;
    auto sum = loaded->handle_event("add", "[40,2]", curfew::WallClockMonitor(std::chrono::seconds(10)));
    if (!sum) return std::cerr << sum.error().message << '\n', 1;
    std::cout << sum->result << '\n';
}
