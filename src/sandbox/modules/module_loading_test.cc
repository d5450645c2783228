// Modules as scripts see them: once each, cycles, require, and loads that fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using ::testing::HasSubstr;

// The result of a handler with these files beside it, or why there is none.
std::string run(const std::map<std::string, std::string>& files, const std::string& source) {
    auto system = std::make_shared<MemoryFileSystem>();
    for (const auto& [path, content] : files) EXPECT_TRUE(system->add(path, content));
    auto proto = SandboxBuilder().with_modules(system).build();
    if (!proto) return proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source, "main.js").with_virtual_base("/")));
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return "load: " + loaded.error().message;
    const auto done = loaded->handle_event("main", "null");
    return done ? done->result : "call: " + done.error().message;
}

TEST(ModuleLoading, AreEvaluatedOnceHoweverTheyAreAskedFor) {
    EXPECT_EQ(run({{"/count.js", "globalThis.n = (globalThis.n ?? 0) + 1; export const n = globalThis.n;"}},
                  "import {n} from './count.js'; const again = require('./count.js');"
                  "export async function handler() { return [n, again.n, (await import('./count.js')).n]; }"),
              "[1,1,1]");
}

TEST(ModuleLoading, RequireWaitsForATopLevelAwait) {
    EXPECT_EQ(run({{"/slow.js", "await new Promise(done => setTimeout(done, 5)); export const x = 7;"}},
                  "export function handler() { return require('./slow.js').x; }"),
              "7");
    const auto from_a_job = run({{"/slow.js", "await null; export const x = 7;"}},
                                "export async function handler() { await null; return require('./slow.js').x; }");
    if (sandbox::testing::tests_node()) {
        EXPECT_THAT(from_a_job, HasSubstr("cannot wait for in a promise's job: use import()"));
    } else {
        EXPECT_EQ(from_a_job, "7");
    }
    EXPECT_THAT(run({{"/never.js", "await new Promise(() => {});"}},
                    "export function handler() { return require('./never.js'); }"),
                HasSubstr("waits for a promise that can never settle"));
    EXPECT_EQ(run({{"/bad.js", "await null; throw new RangeError('bad');"}},
                  "export function handler() { try { require('./bad.js'); } catch (e) { return String(e); } }"),
              "\"RangeError: bad\"");
}

TEST(ModuleLoading, RequireInACycleGivesWhatThereIsSoFar) {
    EXPECT_EQ(run({{"/a.js", "export function early() { return 'early'; } export const late = require('./b.js').seen;"},
                   {"/b.js", "const a = require('./a.js'); export const seen = a.early();"}},
                  "import {late} from './a.js'; export function handler() { return late; }"),
              "\"early\"");
    EXPECT_EQ(run({{"/a.js", "export function early() { return 'early'; } export const late = require('./b.js').seen;"},
                   {"/b.js", "import {early} from './a.js'; export const seen = early() + 1;"}},
                  "import {late} from './a.js'; export function handler() { return late; }"),
              "\"early1\"");
    EXPECT_EQ(run({{"/a.js", "export function early() { return 'early'; } require('./b.js'); await null;"},
                   {"/b.js", "const a = await import('./a.js'); globalThis.seen = a.early();"}},
                  "import './a.js'; export function handler() { return globalThis.seen; }"),
              "\"early\"");
}

TEST(ModuleLoading, OfALoadThatFailedAreLoadedAnew) {
    // d imports a, which is dropped when its other import turns out to be broken.
    EXPECT_EQ(run({{"/a.js", "import './b.js'; export const a = 1;"},
                   {"/b.js", "import './d.js'; import './missing.js';"},
                   {"/d.js", "import * as a from './a.js'; export const d = 2;"},
                   {"/c.js", "export const c = 3;"}},
                  "export async function handler() { const seen = [];"
                  "for (const name of ['a', 'd', 'a', 'c']) {"
                  "  try { seen.push((await import('./' + name + '.js'))[name]); } catch (e) { seen.push(e.name); } }"
                  "return seen; }"),
              R"(["ReferenceError","ReferenceError","ReferenceError",3])");
}

TEST(ModuleLoading, OfJson) {
    EXPECT_EQ(run({{"/data.json", "{\"x\": [1]}"}},
                  "import data from './data.json' with {type: 'json'};"
                  "export function handler() { return [data, (require('./data.json').default ?? "
                  "require('./data.json')).x]; }"),
              R"([{"x":[1]},[1]])");
    EXPECT_THAT(run({{"/code.js", "export default 1;"}},
                    "import code from './code.js' with {type: 'json'}; export function handler() { return code; }"),
                HasSubstr("is not JSON, as its import says"));
    EXPECT_THAT(run({{"/data.json", "{"}}, "import data from './data.json'; export function handler() {}"),
                HasSubstr("SyntaxError"));
}

TEST(ModuleLoading, ThatImportEachOtherTooDeepAreAnError) {
    std::map<std::string, std::string> chain;
    for (int i = 0; i < 3000; ++i) {
        chain["/m" + std::to_string(i) + ".js"] = "import './m" + std::to_string(i + 1) + ".js';";
    }
    chain["/m3000.js"] = "";
    EXPECT_THAT(run(chain, "import './m0.js'; export function handler() { return 1; }"),
                ::testing::AnyOf(HasSubstr("too deep for the stack"), HasSubstr("stack"), "1"));
}

}  // namespace
}  // namespace curfew
