// Handlers on Node.js that end in ways that only Node knows, or use up their memory: the sandbox goes on, or can be restored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;

LoadedSandbox load(const std::string& script, std::uint64_t heap_size = SandboxBuilder::kDefaultHeapSize) {
    auto proto = SandboxBuilder().with_engine(Engine::node).with_heap_size(heap_size).build();
    EXPECT_TRUE(proto) << proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(script)));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

std::string result_of(LoadedSandbox& sandbox, std::string_view event = "null") {
    const auto done = sandbox.handle_event("main", event);
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

// --- process.exit ---

class Exits : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Exits, EndTheCallAndNotTheSandbox) {
    auto sandbox = load("export async function handler(e) { if (e === 'fine') return e;" +
                        std::string(GetParam().second) + "; return 'went on'; }");
    for (int i = 0; i < 3; ++i) {
        const auto ended = sandbox.handle_event("main", "null");
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().code, ErrorCode::handler_error);
        EXPECT_THAT(ended.error().message, HasSubstr("process.exit(3)"));
        EXPECT_FALSE(sandbox.poisoned());
        EXPECT_EQ(result_of(sandbox, "\"fine\""), "\"fine\"");
    }
}

INSTANTIATE_TEST_SUITE_P(
    Node, Exits,
    ::testing::Values(
        std::pair{"AtOnce", "process.exit(3)"},
        std::pair{"InTry", "try { process.exit(3) } catch {} finally { for (;;); }"},
        std::pair{"InAPromise", "await null; process.exit(3)"},
        std::pair{"InATick", "await new Promise(() => process.nextTick(() => process.exit(3)))"},
        std::pair{"InATimer", "await new Promise(() => setTimeout(() => process.exit(3), 1))"},
        std::pair{"InAnImmediate", "await new Promise(() => setImmediate(() => process.exit(3)))"},
        std::pair{"InAPoolsCallback",
                  "await new Promise(() => require('crypto').pbkdf2('a', 'b', 1, 8, 'sha256', () => process.exit(3)))"},
        std::pair{"InAGetter", "return { get x() { process.exit(3) } }"}),
    [](const auto& test) { return test.param.first; });

// --- Memory ---

class Exhaustion : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Exhaustion, EndsTheCallAndNotTheSandbox) {
    auto sandbox = load("export async function handler(e) { if (e === 'fine') return e; const a = [];" +
                        std::string(GetParam().second) + "}");
    const auto fresh = sandbox.snapshot();
    ASSERT_TRUE(fresh) << fresh.error().message;
    for (int i = 0; i < 2; ++i) {
        const auto ended = sandbox.handle_event("main", "null", WallClockMonitor(1min));
        ASSERT_FALSE(ended) << ended->result;
        EXPECT_EQ(ended.error().code, ErrorCode::out_of_memory) << ended.error().message;
        EXPECT_GT(ended.error().usage.peak_heap, SandboxBuilder::kDefaultHeapSize / 2);
        EXPECT_EQ(result_of(sandbox, "\"fine\""), "\"fine\"");
    }
    // A memory limit comes first.
    const auto limited = sandbox.handle_event("main", "null", MemoryMonitor(6 << 20));
    ASSERT_FALSE(limited);
    EXPECT_EQ(limited.error().terminated_by, "memory") << limited.error().message;
    ASSERT_TRUE(sandbox.restore(*fresh));
    EXPECT_EQ(result_of(sandbox, "\"fine\""), "\"fine\"");
}

INSTANTIATE_TEST_SUITE_P(
    Node, Exhaustion,
    ::testing::Values(
        std::pair{"ByObjects", "for (;;) a.push({ x: a.length })"},
        std::pair{"ByArrays", "for (;;) a.push(new Array(1000).fill(1))"},
        std::pair{"ByBuffers", "for (;;) a.push(Buffer.alloc(100000, 1))"},
        std::pair{"ByStrings", "for (;;) a.push('x'.repeat(1e5) + a.length, JSON.stringify(a).length)"},
        std::pair{"ByClosures", "for (;;) { const big = new Float64Array(1000); a.push(() => big) }"},
        std::pair{"InATimer",
                  "await new Promise(() => setTimeout(() => { for (;;) a.push(new Array(1000).fill(1)) }, 1))"},
        std::pair{"InPromises", "for (;;) { a.push(new Array(1000).fill(1)); await null }"},
        std::pair{"InTicks",
                  "const f = () => { a.push(new Array(1000).fill(1)); process.nextTick(f) }; await new Promise(f)"},
        std::pair{"InImmediates",
                  "const f = () => { a.push(new Array(1000).fill(1)); setImmediate(f) }; await new Promise(f)"},
        std::pair{"InAnEventsListener",
                  "const all = new (require('events'))(); all.on('x', () => a.push(new Array(1000).fill(1))); for (;;) "
                  "all.emit('x')"},
        std::pair{"ByWebAssembly",
                  "const m = new WebAssembly.Memory({ initial: 1 }); for (;;) { m.grow(16); a.push(1) }"},
        std::pair{"ByTheRegularExpressionsCompiler",
                  "for (;;) a.push(new RegExp('(a|b)'.repeat(1000) + a.length), /x/.test(a[0]))"}),
    [](const auto& test) { return test.param.first; });

// What one call held until it was ended is gone in the next ones.
TEST(Exhaustion, LeavesNothingInMemory) {
    auto sandbox = load(R"(export async function handler(what) {
        const a = [];
        const grow = () => { a.push(new Array(1000).fill(1)); process.nextTick(grow); };
        if (what === 'ticks') await new Promise(grow);
        if (what === 'timer') await new Promise(() => setTimeout(() => { for (;;) a.push(new Array(1000).fill(1)); }, 1));
        if (what === 'exit') await new Promise(() => setTimeout(() => process.exit(3), 1));
        await new Promise((resolve) => setTimeout(resolve, 1));
        return 'fine'; })");
    for (int i = 0; i < 3; ++i) {
        for (const auto& [what, code] : {std::pair{"\"ticks\"", ErrorCode::out_of_memory},
                                         {"\"timer\"", ErrorCode::out_of_memory},
                                         {"\"exit\"", ErrorCode::handler_error}}) {
            const auto ended = sandbox.handle_event("main", what);
            ASSERT_FALSE(ended);
            EXPECT_EQ(ended.error().code, code) << what << ": " << ended.error().message;
        }
        const auto done = sandbox.handle_event("main", "null");
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_LT(done->usage.peak_heap, 8U << 20);
    }
}

// What not even V8 can go on after.
TEST(Exhaustion, InTheMiddleOfTheEnginesWorkTakesARestore) {
    auto sandbox = load("export function handler(n) { return n === 0 ? 'fine' : new Array(n).fill(0).length; }");
    const auto fresh = sandbox.snapshot();
    ASSERT_TRUE(fresh) << fresh.error().message;
    for (int i = 0; i < 2; ++i) {
        const auto ended = sandbox.handle_event("main", "30000000");
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().code, ErrorCode::out_of_memory) << ended.error().message;
        const auto next = sandbox.handle_event("main", "0");
        if (!next) {
            EXPECT_THAT(next.error().message, HasSubstr("memory had run out"));
            EXPECT_TRUE(sandbox.poisoned());
        }
        ASSERT_TRUE(sandbox.restore(*fresh));
        EXPECT_EQ(result_of(sandbox, "0"), "\"fine\"");
    }
}

TEST(Memory, OfLargeBuffersIsAnErrorThatCanBeCaught) {
    auto sandbox =
        load("export function handler() { try { return Buffer.alloc(1e9).length } catch (e) { return e.name } }");
    EXPECT_EQ(result_of(sandbox), "\"RangeError\"");
}

TEST(Memory, OfGarbageEndsNobody) {
    auto sandbox = load(
        "export function handler() { let n = 0; for (let i = 0; i < 1000; ++i) n += Buffer.alloc(100000, 1).length;"
        "for (let i = 0; i < 1e6; ++i) n += JSON.parse('[1]').length; return n }");
    const auto done = sandbox.handle_event("main", "null", std::tuple{MemoryMonitor(6 << 20), WallClockMonitor(1min)});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "101000000");
}

// --- What an image must not give away ---

TEST(FrozenState, GivesNoTwoSandboxesTheSameRandomNumbers) {
    const std::string script =
        "export function handler() { return [Math.random(), crypto.randomUUID(), require('crypto').randomInt(2 ** 40),"
        " require('crypto').randomBytes(8).toString('hex'), crypto.getRandomValues(new "
        "Uint32Array(2)).join()].map(String); }";
    auto sandbox = load(script);
    const auto fresh = sandbox.snapshot();
    ASSERT_TRUE(fresh);
    std::set<std::string> seen;
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(seen.insert(result_of(sandbox)).second);
        auto other = LoadedSandbox::from_snapshot(*fresh);
        ASSERT_TRUE(other);
        EXPECT_TRUE(seen.insert(result_of(*other)).second);
        ASSERT_TRUE(sandbox.restore(*fresh));
    }
}

TEST(FrozenState, HasAClockThatDoesNotTellTheMachinesUptime) {
    auto sandbox = load("export function handler() { return process.hrtime()[0]; }");
    EXPECT_LT(std::stol(result_of(sandbox)), 60);
}

// --- System calls ---

TEST(SystemCalls, AreErrorsInTheGuest) {
    auto sandbox = load(R"(
        import fs from 'node:fs';
        import net from 'node:net';
        const error = (f) => { try { f(); return 'none'; } catch (e) { return e.code; } };
        export async function handler() {
            const connected = await new Promise((resolve) => net.connect(80, '127.0.0.1').on('error', (e) => resolve(e.code)));
            return [error(() => fs.readFileSync('/etc/passwd')), error(() => fs.mkdirSync('/x')), connected,
                    await fs.promises.readFile('/etc/passwd').catch((e) => e.code)];
        })");
    EXPECT_EQ(result_of(sandbox), R"(["EPERM","EPERM","EPERM","EPERM"])");
}

// --- Interrupts ---

// At moments that nobody chose, in loads of many kinds; a restored sandbox is as it was.
TEST(Interrupts, LeaveNothingBehindARestore) {
    auto sandbox = load(R"(
        import zlib from 'node:zlib';
        import nodeCrypto from 'node:crypto';
        const forever = async (f) => { for (;;) await f(); };
        const loads = [
            () => { const a = []; for (;;) { a.push(new Array(100).fill(a.length)); if (a.length > 2000) a.length = 0; } },
            () => { for (let i = 0; ; ++i) { const f = new Function('a', `return a * ${i}`); for (let j = 0; j < 1000; ++j) f(j); } },
            () => { for (;;) /(x+x+)+y/.test('x'.repeat(25)); },
            () => { for (;;) zlib.gunzipSync(zlib.gzipSync(Buffer.alloc(100000, 'abc'))); },
            () => forever(() => new Promise((r) => zlib.gzip('abc'.repeat(10000), r))),
            () => forever(() => new Promise((r) => nodeCrypto.pbkdf2('a', 'b', 500, 32, 'sha256', r))),
            () => forever(() => new Promise((r) => setTimeout(r, 1))),
            () => forever(() => new Promise((r) => setImmediate(r))),
            () => forever(() => null),
            () => { for (;;) JSON.parse(JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ i })))); },
            () => { for (;;) new Intl.DateTimeFormat('de', { timeZone: 'Europe/Berlin' }).format(0); },
            () => forever(() => crypto.subtle.digest('SHA-256', Buffer.alloc(1000))),
        ];
        export async function handler(load) {
            if (load !== null) return loads[load]();
            return [zlib.gunzipSync(zlib.gzipSync('hello')).toString(), await new Promise((r) => setTimeout(r, 1, 't')),
                    await new Promise((r) => nodeCrypto.pbkdf2('a', 'b', 1, 4, 'sha256', (e, key) => r(key.toString('hex')))),
                    /a+/.exec('xaa')[0], new Function('return 7')(), await new Response('abc').text()].join();
        })",
                        32 << 20);
    const std::string good = result_of(sandbox);
    const auto fresh = sandbox.snapshot();
    ASSERT_TRUE(fresh) << fresh.error().message;
    std::mt19937 random(1);
    for (int round = 0; round < 20; ++round) {
        for (int load = 0; load < 12; ++load) {
            const auto moment = std::chrono::microseconds(100 + random() % 8000);
            const auto ended = sandbox.handle_event("main", std::to_string(load), WallClockMonitor(moment));
            ASSERT_FALSE(ended);
            EXPECT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
                << load << ": " << ended.error().message;
            ASSERT_TRUE(sandbox.restore(*fresh));
            ASSERT_EQ(result_of(sandbox), good) << "after load " << load << " for " << moment.count() << " us";
        }
    }
}

}  // namespace
}  // namespace curfew
