// CommonJS modules, and what modules say of themselves, on each engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Files = std::initializer_list<EmbeddedFile>;

// The result of a handler's first call, or what went wrong.
std::string run(Files files, std::string handler) {
    auto proto = SandboxBuilder().with_modules(std::make_shared<EmbeddedFileSystem>(files)).build();
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    auto script = Script::from_content(std::move(handler), "handler.mjs").with_virtual_base("/app");
    EXPECT_TRUE(sandbox->add_handler("main", std::move(script)));
    auto loaded = std::move(*sandbox).load(WallClockMonitor(20s));
    if (!loaded) return loaded.error().message;
    const auto done = loaded->handle_event("main", "null", WallClockMonitor(20s));
    return done ? done->result : done.error().message;
}

TEST(CommonJs, IsImportedByItsDefaultAndTheNamesThatItPromises) {
    EXPECT_EQ(
        run({{"/app/c.js", "exports.a = 1; exports.b = function () { return this === exports; };"},
             {"/app/f.cjs", "module.exports = (x) => x + 1; module.exports.extra = 2;"},
             {"/app/r.js", "module.exports = require('./c.js');"}},
            "import c, { a, b } from './c.js'; import f from './f.cjs'; import { a as again } from './r.js';"
            "import * as all from './c.js';"
            "export const handler = () => [c.a, a, c.b(), typeof b, f(1), f.extra, again, Object.keys(all).sort()];"),
        R"([1,1,true,"function",2,2,1,["a","b","default","module.exports"]])");
}

TEST(CommonJs, RequiresFilesPackagesAndJson) {
    EXPECT_EQ(
        run({{"/app/main.js",
              "const pkg = require('pkg'); module.exports = [pkg.name, require('pkg/sub'), require('./d').v, "
              "require('./d.json') === require('./d'), require.resolve('pkg'), __filename, __dirname, module.id, "
              "typeof require.cache[__filename], module.loaded];"},
             {"/app/d.json", R"({"v": 5})"},
             {"/app/node_modules/pkg/package.json",
              R"({"exports": {".": {"import": "./i.mjs", "require": "./r.cjs"}, "./sub": {"require": "./s.js"}}})"},
             {"/app/node_modules/pkg/i.mjs", "export const name = 'imported';"},
             {"/app/node_modules/pkg/r.cjs", "exports.name = 'required';"},
             {"/app/node_modules/pkg/s.js", "module.exports = 'sub';"}},
            "import all from './main.js'; import { name } from 'pkg'; export const handler = () => [...all, name];"),
        R"(["required","sub",5,true,"/app/node_modules/pkg/r.cjs","/app/main.js","/app","/app/main.js","object",false,"imported"])");
}

TEST(CommonJs, GivesInACycleWhatThereIsSoFar) {
    EXPECT_EQ(run({{"/app/a.js", "exports.early = 1; exports.seen = require('./b.js').seen; exports.late = 2;"},
                   {"/app/b.js", "const a = require('./a.js'); exports.seen = Object.keys(a);"}},
                  "import a from './a.js'; export const handler = () => a;"),
              R"({"early":1,"seen":["early"],"late":2})");
}

TEST(CommonJs, RunsOnceAndAnewIfItThrew) {
    EXPECT_EQ(run({{"/app/once.js", "globalThis.runs = (globalThis.runs ?? 0) + 1; module.exports = { runs };"},
                   {"/app/bad.js", "globalThis.bad = (globalThis.bad ?? 0) + 1;\nthrow new Error('bad ' + bad);"},
                   {"/app/all.js",
                    "const said = () => { try { require('./bad.js'); } catch (error) { return error.message; } };"
                    "module.exports = [require('./once.js') === require('./once'), said(), said()];"}},
                  "import once from './once.js'; import all from './all.js'; export const handler = () => [once.runs, "
                  "...all];"),
              R"([1,true,"bad 1","bad 2"])");
}

TEST(CommonJs, MayBeSloppyAndBeginWithAHashBang) {
    EXPECT_EQ(run({{"/app/s.js",
                    "#!/usr/bin/env node\nwith ({ x: 010 }) { exports.x = x; }\nundeclared = 1; exports.u = undeclared;"
                    "if (exports.u) return; exports.never = 1;"}},
                  "import s from './s.js'; export const handler = () => s;"),
              R"({"x":8,"u":1})");
}

TEST(CommonJs, SaysWhereItFails) {
    const Files files{{"/app/wrong.js", "exports.a = 1;\nlet x = ;"},
                      {"/app/throws.js", "\n\n  throw new Error('here');"}};
    EXPECT_THAT(run(files,
                    "export const handler = async () => { try { await import('./wrong.js'); } catch (e) { return "
                    "e.stack; } };"),
                HasSubstr("/app/wrong.js:2"));
    EXPECT_THAT(run(files,
                    "export const handler = async () => { try { await import('./throws.js'); } catch (e) { return "
                    "e.stack; } };"),
                HasSubstr("/app/throws.js:3:"));
}

TEST(CommonJs, RequiresEsModules) {
    EXPECT_EQ(
        run({{"/app/e.mjs", "export const a = 1; export default 2;"},
             {"/app/m.mjs", "const one = 'the one'; export { one as 'module.exports' };"},
             {"/app/r.js", "module.exports = [require('./e.mjs').a, require('./e.mjs').default, require('./m.mjs')];"}},
            "import r from './r.js'; export const handler = () => r;"),
        R"([1,2,"the one"])");
}

TEST(Modules, KnowTheirUrls) {
    EXPECT_EQ(run({{"/app/lib/a b.js", "export default import.meta;"}},
                  "import meta from './lib/a b.js'; export const handler = () => [meta.url, meta.filename, "
                  "meta.dirname, import.meta.url];"),
              R"(["file:///app/lib/a%20b.js","/app/lib/a b.js","/app/lib","file:///handler.mjs"])");
}

TEST(Modules, ShareTheValueOfAJsonFile) {
    EXPECT_EQ(run({{"/app/d.json", "{}"}},
                  "import a from './d.json'; import b from './d.json' with { type: 'json' };"
                  "export const handler = async () => [a === b, a === (await import('./d.json')).default];"),
              "[true,true]");
}

TEST(Modules, AreImportedAsTextAndAsBytes) {
    if (sandbox::testing::tests_node()) GTEST_SKIP() << "Node.js has no such imports";
    EXPECT_EQ(
        run({{"/app/t.txt", "grüße"}, {"/app/d.json", "[1]"}},
            "import text from './t.txt' with { type: 'text' }; import bytes from './t.txt' with { type: 'bytes' };"
            "import json from './d.json' with { type: 'text' };"
            "export const handler = () => [text, bytes.length, json];"),
        R"(["grüße",7,"[1]"])");
    EXPECT_THAT(run({}, "import x from './t.txt' with { what: 'else' }; export const handler = () => x;"),
                HasSubstr("SyntaxError: unknown import attribute what"));
}

}  // namespace
}  // namespace curfew
