// Handlers that import modules: first such as are compiled into the program (see CMakeLists.txt), then one in memory.
#include <greeting_modules.h>

#include <iostream>
#include <memory>

#include <curfew/curfew.h>

namespace {

// What a handler makes of an event, if it may import these files.
curfew::Result<std::string> run(std::shared_ptr<const curfew::FileSystem> files, const curfew::Script& script,
                                std::string_view event) {
    auto proto = curfew::SandboxBuilder().with_modules(std::move(files)).build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    if (auto added = sandbox->add_handler("main", script); !added) return std::unexpected(added.error());
    auto loaded = std::move(*sandbox).load(curfew::WallClockMonitor(std::chrono::seconds(10)));
    if (!loaded) return std::unexpected(loaded.error());
    auto done = loaded->handle_event("main", event, curfew::WallClockMonitor(std::chrono::seconds(10)));
    if (!done) return std::unexpected(done.error());
    return std::move(done->result);
}

void print(const curfew::Result<std::string>& result) {
    std::cout << (result ? *result : result.error().message) << '\n';
}

}  // namespace

int main() {
    // The script has no file; its imports start from the base that it is given.
    const auto script = curfew::Script::from_content(R"(
        import { greet } from "./greeting.js";
        export const handler = ({ name, language }) => greet(name, language);
    )")
                            .with_virtual_base("/");
    print(run(std::make_shared<curfew::EmbeddedFileSystem>(greeting_modules()), script,
              R"({"name":"World","language":"de"})"));

    const auto memory = std::make_shared<curfew::MemoryFileSystem>();
    print(run(memory, script, R"({"name":"World"})"));
    if (!memory->add("/greeting.js", "export const greet = (name) => `Good morning, ${name}.`;")) return 1;
    print(run(memory, script, R"({"name":"World"})"));
}
