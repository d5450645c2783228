// Modules from files, from the host's file system to the handler's result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Files = std::initializer_list<EmbeddedFile>;

std::shared_ptr<const FileSystem> embedded(Files files) { return std::make_shared<EmbeddedFileSystem>(files); }

Sandbox start(std::shared_ptr<const FileSystem> files) {
    auto proto = SandboxBuilder().with_modules(std::move(files)).build();
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    return std::move(*sandbox);
}

Script in_app(std::string source, std::string name = "handler.js") {
    return Script::from_content(std::move(source), std::move(name)).with_virtual_base("/app");
}

Result<LoadedSandbox> load(std::shared_ptr<const FileSystem> files, Script script) {
    Sandbox sandbox = start(std::move(files));
    EXPECT_TRUE(sandbox.add_handler("main", std::move(script)));
    return std::move(sandbox).load(WallClockMonitor(20s));
}

// The result of a call, or its error with the stack.
std::string call(LoadedSandbox& sandbox, std::string_view handler = "main", std::string_view event = "null") {
    const auto done = sandbox.handle_event(handler, event, WallClockMonitor(20s));
    return done ? done->result : done.error().message + "\n" + done.error().stack;
}

std::string run(std::shared_ptr<const FileSystem> files, Script script) {
    auto loaded = load(std::move(files), std::move(script));
    return loaded ? call(*loaded) : loaded.error().message + "\n" + loaded.error().stack;
}

TEST(Modules, AreImportedByHandlersAndByEachOther) {
    EXPECT_EQ(run(embedded({{"/app/lib/a.js", "import { b } from './b.mjs'; export default ['a', ...b];"},
                            {"/app/lib/b.mjs", "import c from '../../c'; export const b = ['b', c];"},
                            {"/c.js", "export default 'c';"},
                            {"/app/data.json", R"({"d": 4})"},
                            {"/app/node_modules/pkg/package.json", R"({"exports": {"./sub": "./s.js"}})"},
                            {"/app/node_modules/pkg/s.js", "export const s = 's';"}}),
                  in_app("import a from './lib/a.js'; import data from './data.json'; import { s } from 'pkg/sub';"
                         "export const handler = () => [...a, data, s];")),
              R"(["a","b","c",{"d":4},"s"])");
}

TEST(Modules, MayBeReexportedAsTheHandler) {
    EXPECT_EQ(run(embedded({{"/app/real.js", "export const handler = () => 'real';"}}),
                  in_app("export { handler } from './real.js';")),
              R"("real")");
}

TEST(Modules, AreEvaluatedOnceHoweverTheyAreFound) {
    const auto files =
        embedded({{"/app/count.js", "globalThis.count = (globalThis.count ?? 0) + 1; export const state = {n: 0};"},
                  {"/app/a/one.js", "export { state } from '../count.js';"},
                  {"/app/node_modules/counter/package.json", R"({"main": "../../count.js"})"},
                  {"/app/package.json", R"({"name": "app", "exports": {"./count": "./count.js"}})"}});
    Sandbox sandbox = start(files);
    ASSERT_TRUE(sandbox.add_handler(
        "first", in_app("import { state as x } from './count.js'; import { state as y } from './count';"
                        "import { state as z } from '/app/count.js'; import { state as v } from './a/one.js';"
                        "import { state as w } from 'app/count';"
                        "export async function handler() { const { state: u } = await import('./a/../count.js');"
                        "  x.n++; return [x === y, y === z, z === v, v === w, w === u, x.n, globalThis.count]; }")));
    ASSERT_TRUE(sandbox.add_handler(
        "second", in_app("import { state } from './count.js'; export const handler = () => ++state.n;", "second.js")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(call(*loaded, "first"), "[true,true,true,true,true,1,1]");
    EXPECT_EQ(call(*loaded, "second"), "2") << "handlers share a module's state";
}

TEST(Modules, MayImportEachOtherInACircle) {
    EXPECT_EQ(
        run(embedded(
                {{"/app/even.js", "import { odd } from './odd.js'; export const even = (n) => n === 0 || odd(n - 1);"},
                 {"/app/odd.js", "import { even } from './even.js'; export const odd = (n) => n !== 0 && even(n - 1);"},
                 {"/app/self.js", "import * as me from './self.js'; export const same = () => me.same === same;"}}),
            in_app("import { even } from './even.js'; import { odd } from './odd.js'; import { same } from './self.js';"
                   "export const handler = () => [even(10), odd(10), same()];")),
        "[true,false,true]");
}

TEST(Modules, AreImportedWhileAHandlerRuns) {
    auto loaded = load(embedded({{"/app/late.js", "export default 'late';"}}), in_app(R"(
        export async function handler(name) {
            try { return (await import(name)).default; } catch (error) { return `${error.name}: ${error.message}`; }
        })"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(call(*loaded, "main", R"("./late.js")"), R"("late")");
    EXPECT_THAT(call(*loaded, "main", R"("./never.js")"),
                HasSubstr(R"(handler.js imports \"./never.js\", but there is no)"));
    EXPECT_THAT(call(*loaded, "main", R"("../../up.js")"), HasSubstr("leads out"));
    EXPECT_FALSE(loaded->poisoned());
}

TEST(Modules, AreImportedByTextFromWhereTheScriptLiesThatEvaluatesIt) {
    const auto files = embedded({{"/app/x.js", "export const v = 'app';"},
                                 {"/app/lib/x.js", "export const v = 'lib';"},
                                 {"/app/lib/made.js", "export const made = new Function(`return import('./x.js')`);"}});
    constexpr const char* kScript = R"js(
        import { made } from './lib/made.js';
        const later = (0, eval)("async () => { await null; return import('./x.js'); }");
        export async function handler() {
            const all = [eval("import('./x.js')"), (0, eval)("import('./x.js')"), new Function("return import('./x.js')")(),
                         made(), later(), eval(`(0, eval)("import('./x.js')")`)];
            return [...(await Promise.all(all)).map((x) => x.v), eval("require('./x.js').v")];
        })js";
    EXPECT_EQ(run(files, in_app(kScript)), R"(["app","app","app","lib","app","app","app"])");
    EXPECT_THAT(run(files, in_app("export const handler = () => eval(`import('./none.js')`)")),
                HasSubstr("handler.js imports \"./none.js\", but there is no such module"));
}

TEST(Modules, MayAwaitAtTheirTopLevel) {
    EXPECT_EQ(run(embedded({{"/app/slow.js", "export const value = await Promise.resolve(7);"}}),
                  in_app("import { value } from './slow.js'; export const handler = () => value;")),
              "7");
}

TEST(Modules, AreFoundFromTheFolderOfAScriptsFile) {
    std::string pattern = std::filesystem::temp_directory_path() / "curfew-modules-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    const std::filesystem::path folder = std::filesystem::canonical(pattern);
    std::filesystem::create_directories(folder / "src/node_modules/.store/dep");
    const auto write = [&](const char* name, std::string_view text) { std::ofstream(folder / name) << text; };
    write("src/handler.js",
          "import { f } from './util.js'; import dep from 'dep'; export const handler = () => f(dep);");
    write("src/util.js",
          "globalThis.loads = (globalThis.loads ?? 0) + 1; export const f = (x) => [x, globalThis.loads];");
    write("src/node_modules/.store/dep/index.js", "import other from './other.js'; export default other;");
    write("src/node_modules/.store/dep/other.js", "import { f } from '../../../util.js'; export default f('dep');");
    std::filesystem::create_directory_symlink(".store/dep", folder / "src/node_modules/dep");
    const auto script = Script::from_file(folder / "src/handler.js");
    const auto files = DirectoryFileSystem::open(folder);
    ASSERT_TRUE(script && files);
    EXPECT_EQ(run(*files, *script), R"([["dep",1],1])") << "also through links, each file is one module";

    const auto missing = run(embedded({}), *script);
    EXPECT_THAT(missing,
                AllOf(HasSubstr("handler.js imports \"./util.js\""), HasSubstr((folder / "src/util.js").string())));
    std::filesystem::remove_all(folder);
}

TEST(Modules, AreNotThereWithoutAFileSystem) {
    const auto message = run(nullptr, in_app("import x from './a.js'; export function handler() {}"));
    EXPECT_THAT(message, AllOf(HasSubstr("handler.js imports \"./a.js\""), HasSubstr("SandboxBuilder::with_modules")));
}

TEST(Modules, NeedABaseToBeRelativeTo) {
    const auto files = embedded({{"/a.js", "export default 'a';"}});
    EXPECT_THAT(run(files, Script::from_content("import x from './a.js'; export function handler() {}")),
                AllOf(HasSubstr("handler.js imports \"./a.js\""), HasSubstr("with_virtual_base")));
    EXPECT_EQ(run(files, Script::from_content("import x from '/a.js'; export const handler = () => x;")), R"("a")");
    EXPECT_EQ(run(files, Script::from_content("import x from './a.js'; export const handler = () => x;", "/main.js")),
              R"("a")")
        << "a name that is a path has a folder";
}

TEST(Modules, ScriptsOfDifferentFoldersStandSideBySide) {
    const auto files = embedded({{"/one/x.js", "export default 1;"}, {"/two/x.js", "export default 2;"}});
    Sandbox sandbox = start(files);
    const auto script = [](const char* name) {
        return Script::from_content("import x from './x.js'; export const handler = () => x;", name);
    };
    ASSERT_TRUE(sandbox.add_handler("one", script("one.js").with_virtual_base("/one")));
    ASSERT_TRUE(sandbox.add_handler("two", script("two.js").with_virtual_base("/two")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(call(*loaded, "one"), "1");
    EXPECT_EQ(call(*loaded, "two"), "2");
}

struct BadModule {
    const char* name;
    const char* source;   // of /app/bad.js
    const char* message;  // what message and stack have to say
};

class BadModules : public ::testing::TestWithParam<BadModule> {};

TEST_P(BadModules, AreNamedAndTheSandboxCanLoadAnother) {
    if (sandbox::testing::tests_node() && GetParam().name == std::string_view("CommonJs")) {
        GTEST_SKIP() << "those are modules like others there";
    }
    const auto files = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(files->add("/app/bad.js", GetParam().source));
    ASSERT_TRUE(files->add("/app/data.json", "{"));
    Sandbox sandbox = start(files);
    ASSERT_TRUE(sandbox.add_handler("main", in_app("import { x } from './bad.js'; export const handler = () => x;")));
    const auto failed = std::move(sandbox).load();
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().code, AnyOf(ErrorCode::handler_error, ErrorCode::syntax_error));
    EXPECT_THAT(failed.error().message + "\n" + failed.error().stack, HasSubstr(GetParam().message));
    ASSERT_TRUE(files->add("/app/bad.js", "export const x = 'good';"));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(call(*loaded), R"("good")");
}

INSTANTIATE_TEST_SUITE_P(
    Modules, BadModules,
    ::testing::Values(BadModule{"Syntax", "export const x = 1;\nlet y = ;", "/app/bad.js:2:"},
                      BadModule{"Throws", "export const x = 1;\n\nthrow new TypeError('no way');", "/app/bad.js:3"},
                      BadModule{"LacksTheExport", "export const y = 1;", "'x'"},
                      BadModule{"NotUtf8", "export const x = '\xff';",
                                "/app/bad.js\" cannot be loaded: it is not UTF-8"},
                      BadModule{"ImportsNothing", "import './gone.js';", "/app/bad.js imports \"./gone.js\""},
                      BadModule{"BadJson", "import x from './data.json'; export { x };", "/app/data.json"}),
    [](const auto& test) { return test.param.name; });

TEST(Modules, AreNamedInStackTraces) {
    auto loaded =
        load(embedded({{"/app/lib/fail.js", "export function fail() {\n    throw new Error('deep');\n}\n"}}),
             in_app("import { fail } from './lib/fail.js';\nexport const handler = () => fail();\n", "user.js"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_THAT(call(*loaded), AllOf(HasSubstr("/app/lib/fail.js:2"), HasSubstr("user.js:2")));
}

// State of modules, and the way to those that are imported later, in snapshots.
TEST(Modules, AreKeptInSnapshots) {
    const auto files = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(files->add("/app/counter.js", "let n = 0; export const next = () => ++n;"));
    auto loaded = load(files, in_app(R"(
        import { next } from './counter.js';
        export const handler = async (late) => late ? (await import(late)).default + next() : next();)"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(call(*loaded), "1");
    const auto snapshot = loaded->snapshot();
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(call(*loaded), "2");
    ASSERT_TRUE(loaded->restore(*snapshot));
    EXPECT_EQ(call(*loaded), "2") << "restored";

    // The files may be gone or others by now: what was loaded stays, what is imported from now on is what is there.
    EXPECT_TRUE(files->remove("/app/counter.js"));
    ASSERT_TRUE(files->add("/app/late.js", "export default 'late ';"));
    auto second = LoadedSandbox::from_snapshot(*snapshot);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(call(*second), "2");
    EXPECT_EQ(call(*second, "main", R"("./late.js")"), R"("late 3")") << "relative to the base of before";

    const auto host = SandboxBuilder().with_modules(embedded({{"/app/late.js", "export default 'other ';"}})).build();
    auto third = LoadedSandbox::from_snapshot(*snapshot, *host);
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_EQ(call(*third, "main", R"("./late.js")"), R"("other 2")");
}

TEST(Modules, AreForgottenByUnload) {
    const auto files = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(files->add("/app/x.js", "export default 1;"));
    const Script script = in_app("import x from './x.js'; export const handler = () => x;");
    auto loaded = load(files, script);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(call(*loaded), "1");
    ASSERT_TRUE(files->add("/app/x.js", "export default 2;"));
    EXPECT_EQ(call(*loaded), "1") << "a loaded module stays";
    auto sandbox = std::move(*loaded).unload();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("main", script));
    auto again = std::move(*sandbox).load();
    ASSERT_TRUE(again);
    EXPECT_EQ(call(*again), "2");
}

// Looking for modules is work that the guest causes, so its limits hold for it.
TEST(Modules, LookingForThemIsChargedToTheHandler) {
    auto loaded = load(embedded({{"/app/x.js", ""}}), in_app(R"(
        export async function handler() {
            const far = './' + 'd/'.repeat(400) + '../'.repeat(400) + 'none';
            for (;;) { try { await import(far); } catch {} }
        })"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto ended = loaded->handle_event("main", "null", CpuTimeMonitor(100ms));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "cpu-time");
    EXPECT_GT(ended.error().usage.host_cpu_time, 1ms);
    EXPECT_EQ(ended.error().usage.host_calls, 0U);
}

// A file system that has nothing, and does something when it is asked for the fifth time.
class Nothing final : public FileSystem {
  public:
    std::function<void()> at_fifth = [] {};
    int asked() const { return asked_; }

    Result<std::optional<Entry>> find(std::string_view) const override {
        ask();
        return std::nullopt;
    }
    Result<std::optional<std::string>> read(std::string_view) const override {
        ask();
        return std::nullopt;
    }

  private:
    void ask() const {
        if (++asked_ == 5) at_fifth();
    }
    mutable std::atomic<int> asked_ = 0;
};

// However slow a file system is, a limit does not wait for more than one answer of it.
TEST(Modules, AreNotLookedForAnyMoreWhenTheInvocationHasBeenEnded) {
    const auto files = std::make_shared<Nothing>();
    std::string folder;
    for (int i = 0; i < 100; ++i) folder += "/d";
    auto loaded =
        load(files, Script::from_content("export const handler = () => import('package');").with_virtual_base(folder));
    ASSERT_TRUE(loaded) << loaded.error().message;
    files->at_fifth = [handle = loaded->interrupt_handle()] { EXPECT_TRUE(handle.kill()); };
    const auto ended = loaded->handle_event("main", "null");
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "kill");
    EXPECT_EQ(files->asked(), 5);
}

TEST(Modules, LargeOnesFitOrAreRefused) {
    const auto files = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(files->add("/app/big.js", "export default 1; //" + std::string(2 << 20, 'x')));
    ASSERT_TRUE(files->add("/app/huge.js", "export default 1; //" + std::string(40 << 20, 'x')));
    EXPECT_EQ(run(files, in_app("import x from './big.js'; export const handler = () => x;")), "1");
    EXPECT_THAT(run(files, in_app("import x from './huge.js'; export const handler = () => x;")), HasSubstr("huge.js"));
}

}  // namespace
}  // namespace curfew
