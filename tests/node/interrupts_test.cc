// Interrupts of Node.js at moments of every kind: under whatever load it is stopped, a restore leads back to a sandbox in which much of
// Node works as before.
//
// How many: CURFEW_INTERRUPTS, of all loads together. The default is small, so that the test can be part of every run; 10,000 take
// a few minutes.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ostream>
#include <string>
#include <utility>

#include <curfew/curfew.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;

// Each goes on for ever, or for longer than it gets.
struct Load {
    const char* name;
    const char* body;

    friend void PrintTo(const Load& load, std::ostream* out) { *out << load.name; }
};

constexpr Load kLoads[] = {
    {"Loop", "for (;;) x = (x * 31 + 7) | 0;"},
    {"Compiling",
     "for (let i = 0; ; ++i) x += new Function('a', `let s = 0; for (let i = 0; i < 500; ++i) s += a * ${i}; return "
     "s`)(i);"},
    {"Garbage", "for (;;) { const a = []; for (let i = 0; i < 1e4; ++i) a.push({ i, text: 'x' + i }); x = a.length; }"},
    {"RegularExpression", "for (;;) /^(a+)+$/.test('a'.repeat(22) + 'b');"},
    {"Sort",
     "const a = Array.from({ length: 2e4 }, (_, i) => i * 7919 % 1000003); for (;;) { a.sort((p, q) => p - q); "
     "a.reverse(); }"},
    {"Json",
     "const v = { list: Array(2000).fill({ a: [1, 2, { b: 'text' }] }) }; for (;;) x = "
     "JSON.parse(JSON.stringify(v)).list.length;"},
    {"BigInts", "let a = 3n ** 2000n; for (;;) a = (a * a) % (2n ** 4001n);"},
    {"Zlib",
     "const { gzipSync, gunzipSync } = await import('node:zlib'); const b = Buffer.alloc(2e5, 'abcdefg1'); for (;;) x "
     "= gunzipSync(gzipSync(b)).length;"},
    {"ZlibInThePool",
     "const { promisify } = await import('node:util'); const { gzip } = await import('node:zlib'); const b = "
     "Buffer.alloc(2e5, 'abcdefg1'); for (;;) x = (await promisify(gzip)(b)).length;"},
    {"Digests",
     "const { pbkdf2Sync } = await import('node:crypto'); for (;;) x = pbkdf2Sync('a', 'b', 1000, 32, "
     "'sha256').length;"},
    {"DigestsInThePool",
     "const { promisify } = await import('node:util'); const { pbkdf2 } = await import('node:crypto'); for (;;) x = "
     "(await promisify(pbkdf2)('a', 'b', 1000, 32, 'sha256')).length;"},
    {"SubtleCrypto", "for (;;) x = (await crypto.subtle.digest('SHA-512', new Uint8Array(1e5))).byteLength;"},
    {"Streams",
     "for (;;) x = (await new Response(new Blob(['x'.repeat(1e4)]).stream().pipeThrough(new "
     "CompressionStream('gzip'))).arrayBuffer()).byteLength;"},
    {"Timers", "for (;;) await new Promise((done) => setTimeout(done, 0));"},
    {"Ticks", "await new Promise(() => { const again = () => process.nextTick(again); again(); });"},
    {"Microtasks", "await new Promise(() => { const again = () => queueMicrotask(again); again(); });"},
    {"Immediates", "await new Promise(() => { const again = () => setImmediate(again); again(); });"},
    {"Intl",
     "for (;;) x = new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0).length;"},
    {"WebAssembly",
     "const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 7, 1, 3, 114, 117, "
     "110, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]); (await "
     "WebAssembly.instantiate(bytes)).instance.exports.run();"},
    {"Clones",
     "const v = new Map(Array.from({ length: 500 }, (_, i) => [i, { i, d: new Date(i) }])); for (;;) x = "
     "structuredClone(v).size;"},
    {"HostCalls", "const { add } = await import('host'); for (;;) x = add(x & 255, 1);"},
    {"Waiting", "await new Promise((done) => setTimeout(done, 1e8));"}};

// Much of Node, with an answer that is always the same.
constexpr const char* kCheck = R"(
    const { createHash } = await import('node:crypto');
    const { gzipSync, gunzipSync } = await import('node:zlib');
    const { add } = await import('host');
    const seen = [];
    seen.push(new URL('/a?b=c', 'http://example.org').href);
    seen.push(createHash('sha256').update('text').digest('hex').slice(0, 8));
    seen.push(gunzipSync(gzipSync('round and round')).toString());
    seen.push((await new Response('{"a":[1]}').json()).a.length);
    seen.push(await new Promise((done) => setTimeout(done, 1, 'timer')));
    seen.push(new Intl.NumberFormat('de').format(1234567.5));
    seen.push([5, 3, 9].sort().join(), structuredClone({ a: 1 }).a, add(40, 2));
    seen.push(await new Promise((done) => process.nextTick(done, 'tick')));
    seen.push((await crypto.subtle.digest('SHA-1', new Uint8Array(3))).byteLength);
    return seen;)";

constexpr const char* kExpected =
    R"(["http://example.org/a?b=c","982d9e3e","round and round",1,"timer","1.234.567,5","3,5,9",1,42,"tick",20])";

LoadedSandbox load(const Load& load) {
    auto proto = SandboxBuilder().with_engine(Engine::node).with_heap_size(std::uint64_t{64} << 20).build();
    EXPECT_TRUE(proto) << proto.error().message;
    proto->host_module("host").add("add", [](int a, int b) { return a + b; });
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    const std::string script =
        std::string("let x = 1; export async function handler(check) { if (check) {") + kCheck + "}" + load.body + "}";
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(script)));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

int rounds_of_each() {
    constexpr int kDefault = 8;
    const char* const text = std::getenv("CURFEW_INTERRUPTS");
    if (text == nullptr) return kDefault;
    return std::max(1, std::atoi(text) / static_cast<int>(std::size(kLoads)));
}

class InterruptsOfNode : public ::testing::TestWithParam<Load> {};

TEST_P(InterruptsOfNode, AreFollowedByASandboxThatWorks) {
    auto sandbox = load(GetParam());
    const auto check = [&] {
        const auto done = sandbox.handle_event("main", "true", WallClockMonitor(1min));
        return done ? done->result : done.error().message;
    };
    ASSERT_EQ(check(), kExpected);
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    const int rounds = rounds_of_each();
    for (int i = 0; i < rounds; ++i) {
        // From before the handler has been entered up to when its code has been compiled.
        const auto moment = 50us + std::chrono::microseconds(i * 7919 % 25'000);
        const auto ended = sandbox.handle_event("main", "false", WallClockMonitor(moment));
        ASSERT_FALSE(ended) << ended->result;
        ASSERT_EQ(ended.error().terminated_by, "wall-clock") << ended.error().message;
        ASSERT_TRUE(sandbox.restore(*saved));
        ASSERT_EQ(check(), kExpected) << "after " << moment;
    }
}

INSTANTIATE_TEST_SUITE_P(Node, InterruptsOfNode, ::testing::ValuesIn(kLoads),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace curfew
