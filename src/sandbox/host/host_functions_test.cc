// Host functions, from JavaScript and back, through the public interface.
#include "sandbox/host/host_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include <curfew/host_module.h>
#include <curfew/json.h>
#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "base/clock.h"
#include "sandbox/host/call_state.h"
#include "sandbox/testing/load.h"

namespace curfew {

// A user's own type, made convertible in the usual way.
struct Point {
    int x = 0;
    int y = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Point, x, y)

namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Bytes = std::vector<std::byte>;
using Json = nlohmann::json;

ProtoSandbox make_proto(SandboxBuilder builder = SandboxBuilder()) {
    auto proto = builder.build();
    EXPECT_TRUE(proto) << proto.error().message;
    return std::move(*proto);
}

Result<LoadedSandbox> try_load(ProtoSandbox proto, std::string source) {
    auto sandbox = std::move(proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(std::move(source), "test.js")));
    return std::move(*sandbox).load();
}

LoadedSandbox load(ProtoSandbox proto, std::string source) {
    auto loaded = try_load(std::move(proto), std::move(source));
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << loaded.error().stack;
    return std::move(*loaded);
}

std::string call(LoadedSandbox& loaded, std::string_view event = "null") {
    const auto done = loaded.handle_event("main", event);
    return done ? done->result : "failed: " + done.error().message;
}

// What `expression` is in a handler that imports the host module `m`; an exception as its text.
std::string evaluate(ProtoSandbox proto, const std::string& expression) {
    auto loaded = load(std::move(proto), "import * as m from 'm'; function handler(event) { try { return " +
                                             expression + "; } catch (error) { return String(error); } }");
    return call(loaded);
}

template <typename F>
std::string evaluate(F function, const std::string& expression) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("f", std::move(function));
    return evaluate(std::move(proto), expression);
}

TEST(HostFunctions, AreImportedByTheModulesName) {
    for (const char* import :
         {"import * as math from 'math';", "import * as math from 'host:math';", "const math = require('math');",
          "const math = require('host:math');", "import {require as load} from 'require'; const math = load('math');",
          "const math = await import('math');"}) {
        ProtoSandbox proto = make_proto();
        proto.host_module("math").add("add", [](int a, int b) { return a + b; });
        auto loaded = load(std::move(proto),
                           std::string(import) + "function handler(event) { return math.add(event.a, event.b); }");
        EXPECT_EQ(call(loaded, R"({"a":2,"b":40})"), "42") << import;
    }
}

TEST(HostFunctions, AModuleHoldsExactlyWhatWasRegistered) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("one", [] { return 1; }).add("scoped/add/😊", [](int a) { return a; });
    proto.host_module("m").add("one", [] { return "first"; });  // takes the other's place
    proto.host_module("empty");
    EXPECT_EQ(evaluate(std::move(proto), "[Object.keys(m), m.one(), m['scoped/add/😊'](7), m.one.name]"),
              R"([["one","scoped/add/😊"],"first",7,"one"])");
    ProtoSandbox odd = make_proto();
    odd.host_module("scoped/add/😊").add("default", [] { return "d"; });
    odd.host_module("m");
    auto loaded = load(std::move(odd),
                       "import f from 'scoped/add/😊'; import * as m from 'm';"
                       "function handler() { return [f(), Object.keys(m).length]; }");
    EXPECT_EQ(call(loaded), R"(["d",0])");
}

TEST(HostFunctions, AModuleThatIsNotThereIsNamed) {
    const auto loaded = try_load(make_proto(), "import 'host:nowhere'; function handler() {}");
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message,
                HasSubstr("test.js imports \"host:nowhere\", but the host has registered no module of that name"));
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("one", [] { return 1; });
    const auto wrong = try_load(std::move(proto), "import {two} from 'm'; function handler() {}");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("two"));
}

TEST(HostFunctions, ConvertValuesBothWays) {
    EXPECT_EQ(evaluate([](bool on, double x, const std::string& s,
                          std::string_view v) { return std::vector<Json>{on, x, s, std::string(v)}; },
                       R"(m.f(true, 1.5, 'a"\n😊', 'v'))"),
              R"([true,1.5,"a\"\n😊","v"])");
    EXPECT_EQ(evaluate([](const Point& p) { return Point{p.y, p.x}; }, "m.f({x: 1, y: 2})"), R"({"x":2,"y":1})");
    EXPECT_EQ(
        evaluate([](std::map<std::string, std::vector<int>> all) { return all.at("k").at(1); }, "m.f({k: [1, 2]})"),
        "2");
    EXPECT_EQ(evaluate([](const Json& any) { return any; }, "m.f([null, {a: [1e300]}])"), R"([null,{"a":[1e+300]}])");
    EXPECT_EQ(evaluate([](std::uint64_t n) { return n; }, "m.f(9007199254740991)"), "9007199254740991");
    EXPECT_EQ(evaluate([](std::int8_t n) { return n; }, "m.f(-128)"), "-128");
    EXPECT_EQ(evaluate([] { return std::numeric_limits<double>::infinity(); }, "m.f()"), "null");
    EXPECT_EQ(evaluate([] {}, "[typeof m.f(), m.f.length]"), R"(["undefined",0])");
    EXPECT_EQ(evaluate([](double n) { return n; }, "m.f(NaN)"),
              R"("Error: m.f: argument 1 should be a number, but is null or undefined")");
}

TEST(HostFunctions, MissingUndefinedAndNullAreNothingForAnOptional) {
    const auto shown = [](int a, std::optional<std::string> b) { return std::to_string(a) + b.value_or("-"); };
    EXPECT_EQ(evaluate(shown, "[m.f(1), m.f(2, undefined), m.f(3, null), m.f(4, 'x')]"), R"(["1-","2-","3-","4x"])");
    EXPECT_EQ(evaluate(shown, "m.f()"), R"("Error: m.f takes 1 to 2 arguments, but was called with 0")");
    EXPECT_EQ(evaluate(shown, "m.f(1, '', 3)"), R"("Error: m.f takes 1 to 2 arguments, but was called with 3")");
    EXPECT_EQ(evaluate([](std::optional<int> n) { return n; }, "[m.f(), m.f(3)]"), "[null,3]");
}

TEST(HostFunctions, WrongArgumentsAreNamed) {
    const auto add = [](int a, int b) { return a + b; };
    const std::string at = "\"Error: m.f: argument 2 should be an integer";
    EXPECT_EQ(evaluate(add, "m.f(1, 'two')"), at + ", but is a string\"");
    EXPECT_EQ(evaluate(add, "m.f(1, 1.5)"), at + ", but is 1.5\"");
    EXPECT_EQ(evaluate(add, "m.f(1, true)"), at + ", but is a boolean\"");
    EXPECT_EQ(evaluate(add, "m.f(1, {})"), at + ", but is an object\"");
    EXPECT_EQ(evaluate(add, "m.f(1, [2])"), at + ", but is an array\"");
    EXPECT_EQ(evaluate(add, "m.f(1, undefined)"), at + ", but is null or undefined\"");
    EXPECT_EQ(evaluate(add, "m.f(1, new Uint8Array(1))"), at + ", but is bytes\"");
    EXPECT_EQ(evaluate(add, "m.f(1, 2147483648)"), at + " from -2147483648 to 2147483647, but is 2147483648\"");
    EXPECT_EQ(evaluate(add, "m.f(1, 1e300)"), at + " from -2147483648 to 2147483647, but is 1e+300\"");
    EXPECT_EQ(evaluate(add, "m.f(1)"), R"("Error: m.f takes 2 arguments, but was called with 1")");
    EXPECT_EQ(evaluate([](unsigned char n) { return n; }, "m.f(-1)"),
              R"("Error: m.f: argument 1 should be an integer from 0 to 255, but is -1")");
    EXPECT_EQ(evaluate([](std::vector<int> v) { return v; }, "m.f([1, 2, 'x'])"),
              R"("Error: m.f: argument 1 at index 2 should be an integer, but is a string")");
    EXPECT_THAT(evaluate([](const Point& p) { return p; }, "m.f({x: 1})"),
                AllOf(HasSubstr("argument 1 does not have the form that is wanted: key 'y' not found"),
                      Not(HasSubstr("json.exception")), Not(HasSubstr("Point"))));
    EXPECT_THAT(evaluate([](const Point& p) { return p; }, "m.f(12)"),
                AllOf(HasSubstr("argument 1 does not have the form that is wanted"), Not(HasSubstr("json.exception"))));
    EXPECT_EQ(evaluate([](std::span<const std::byte> b) { return b.size(); }, "m.f('text')"),
              R"("Error: m.f: argument 1 should be bytes, but is a string")");
}

TEST(HostFunctions, WhatCannotBePassedIsRefusedInTheGuest) {
    const auto any = [](const Json& value) { return value; };
    EXPECT_EQ(
        evaluate(any, "m.f(() => 1)"),
        R"("TypeError: argument 1 of \"f\" of the host module \"m\" is a function, which cannot be passed to the host")");
    EXPECT_THAT(evaluate(any, "m.f(Symbol())"), HasSubstr("is a symbol"));
    EXPECT_THAT(evaluate(any, "m.f(1n)"), HasSubstr("is a BigInt"));
    EXPECT_THAT(evaluate(any, "m.f({deep: 1n})"), HasSubstr("TypeError"));
    EXPECT_EQ(evaluate(any, "m.f({toJSON() { throw new RangeError('mine'); }})"), R"("RangeError: mine")");
    EXPECT_THAT(evaluate(any, "(() => { const a = []; a.push(a); return m.f(a); })()"), HasSubstr("circular"));
    EXPECT_THAT(evaluate(any, "(() => { const b = new ArrayBuffer(8); b.transfer(); return m.f(b); })()"),
                HasSubstr("a buffer that was detached"));
    EXPECT_THAT(evaluate(any, "(() => { let a = []; for (let i = 0; i < 300; ++i) a = [a]; return m.f(a); })()"),
                HasSubstr("nested deeper than 200 levels"));
    const auto half = AllOf(HasSubstr("argument 1 has a string with half of a surrogate pair"), Not(HasSubstr("json")));
    EXPECT_THAT(evaluate(any, "m.f({ a: ['\\ud800'] })"), half);
    EXPECT_THAT(evaluate([](const std::string& text) { return text; }, "m.f('a\\udc00\\ud800b')"), half);
    EXPECT_EQ(evaluate(any, "m.f('\\\\ud800 \\ud83d\\ude00 \\u00e9')"), "\"\\\\ud800 \U0001F600 é\"");
}

TEST(HostFunctions, ToJsonMayCallTheHostItself) {
    EXPECT_EQ(evaluate([](const Json& a, const Json& b) { return Json{a, b}; },
                       "m.f({toJSON() { console.log('x'.repeat(5000)); return m.f(1, 2); }}, 'behind')"),
              R"([[1,2],"behind"])");
}

TEST(HostFunctions, BytesPassAsBytes) {
    const auto twice = [](std::string_view before, std::span<const std::byte> bytes, int times) {
        Bytes all(before.size(), std::byte{1});
        for (int i = 0; i < times; ++i) all.insert(all.end(), bytes.begin(), bytes.end());
        return all;
    };
    EXPECT_EQ(evaluate(twice,
                       "(() => { const r = m.f('a', new Uint8Array([0, 255, 10]), 2);"
                       " return [r instanceof Uint8Array, Array.from(r)]; })()"),
              "[true,[1,0,255,10,0,255,10]]");
    const auto list = [](Bytes bytes) {
        std::vector<int> numbers;
        for (const std::byte each : bytes) numbers.push_back(std::to_integer<int>(each));
        return numbers;
    };
    const std::string buffer = "const b = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;";
    EXPECT_EQ(evaluate(list, "(() => { " + buffer +
                                 " return [m.f(b), m.f(new DataView(b, 1, 2)), m.f(new Uint16Array(b, 2, 2)), "
                                 "m.f(new Uint8Array(b, 8)), m.f(new Uint8Array(b).subarray(3, 5))]; })()"),
              "[[1,2,3,4,5,6,7,8],[2,3],[3,4,5,6],[],[4,5]]");
    EXPECT_EQ(evaluate([](std::size_t n) { return Bytes(n, std::byte{7}); },
                       "[0, 1, 5_000_000].map(n => { const r = m.f(n); return [r.length, r.at(-1) ?? null]; })"),
              "[[0,null],[1,7],[5000000,7]]");
    EXPECT_EQ(evaluate([](std::span<const std::byte> bytes) { return bytes.size(); }, "m.f(new Uint8Array(1_000_000))"),
              "1000000");
}

TEST(HostFunctions, ErrorsAndExceptionsReachTheGuest) {
    EXPECT_EQ(evaluate([]() -> Result<int> { return std::unexpected(Error{.message = "no such row"}); }, "m.f()"),
              R"("Error: no such row")");
    EXPECT_EQ(evaluate([]() -> Result<void> { return {}; }, "typeof m.f()"), R"("undefined")");
    EXPECT_EQ(evaluate([]() -> Result<int> { return 3; }, "m.f()"), "3");
    EXPECT_EQ(evaluate([]() -> int { throw std::runtime_error("disk on fire"); }, "m.f()"), R"("Error: disk on fire")");
    EXPECT_THAT(evaluate([]() -> int { throw 7; }, "m.f()"), HasSubstr("m.f threw something that has no message"));
    EXPECT_EQ(evaluate([]() -> int { throw std::runtime_error(std::string(1000, 'e')); }, "m.f()").size(), 1009U);
    EXPECT_THAT(evaluate([] { return std::string("\xff"); }, "m.f()"), HasSubstr("not UTF-8"));
    EXPECT_THAT(evaluate([]() -> int { throw std::runtime_error("bad \xff"); }, "m.f()"), HasSubstr("bad \uFFFD"));
}

TEST(HostFunctions, RawOnesConvertForThemselves) {
    const auto raw = [](auto function, const std::string& expression) {
        ProtoSandbox proto = make_proto();
        proto.host_module("m").add_raw("f", std::move(function));
        return evaluate(std::move(proto), expression);
    };
    const auto echo = [](std::string_view json) -> Result<std::string> { return std::string(json); };
    EXPECT_EQ(raw(echo, "m.f()"), "[]");
    EXPECT_EQ(raw(echo, "m.f(1, undefined, {a: 'ü'}, [])"), R"([1,null,{"a":"ü"},[]])");
    EXPECT_EQ(raw([](const CallContext& context,
                     std::string_view) -> Result<std::string> { return '"' + std::string(context.handler()) + '"'; },
                  "m.f()"),
              R"("main")");
    EXPECT_EQ(
        raw([](std::string_view) -> Result<std::string> { return std::unexpected(Error{.message = "no"}); }, "m.f()"),
        R"("Error: no")");
    EXPECT_EQ(raw([](std::string_view) -> Result<std::string> { return ""; }, "typeof m.f()"), R"("undefined")");
    EXPECT_EQ(raw([](std::string_view) -> Result<std::string> { return "{"; }, "m.f()"),
              R"("Error: what \"f\" of the host module \"m\" returned is not JSON")");
    EXPECT_EQ(raw(echo, "m.f(new Uint8Array(2))"), R"("Error: m.f: argument 1 should be JSON, but is bytes")");
}

TEST(HostFunctions, SeeTheInvocationThatCallsThem) {
    EXPECT_EQ(evaluate(
                  [](const CallContext& context, int n) {
                      return std::to_string(n) + std::string(context.handler()) + " " +
                             std::to_string(context.usage().host_calls) + (context.cancelled() ? " c" : "");
                  },
                  "m.f(1) + ', ' + m.f(2)"),
              R"("1main 1, 2main 2")");
}

TEST(HostFunctions, ACancelledInvocationAsksThemToStop) {
    for (const HostThread thread : {HostThread::kept, HostThread::callers}) {
        std::promise<bool> asked;
        ProtoSandbox proto = make_proto(SandboxBuilder().with_host_thread(thread));
        proto.host_module("m").add("wait", [&asked](CallContext context) {
            std::mutex mutex;
            std::condition_variable_any condition;
            std::unique_lock lock(mutex);
            condition.wait(lock, context.stop_token(), [] { return false; });
            asked.set_value(context.cancelled());
        });
        auto loaded = load(std::move(proto), "import {wait} from 'm'; function handler() { wait(); return 1; }");
        const auto done = loaded.handle_event("main", "null", WallClockMonitor(30ms));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, done.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
        EXPECT_EQ(done.error().terminated_by, "wall-clock");
        EXPECT_TRUE(loaded.poisoned());
        EXPECT_TRUE(asked.get_future().get());
    }
}

TEST(HostFunctions, OnlyTheCpuTimeThatTheyBurnIsCharged) {
    const auto burn = [] {
        for (const auto start = base::thread_cpu_time(); base::thread_cpu_time() - start < 150ms;) {
        }
    };
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("wait", [] { std::this_thread::sleep_for(300ms); }).add("burn", burn);
    auto loaded = load(std::move(proto), "import * as m from 'm'; function handler(what) { m[what](); return 1; }");
    const auto before = loaded.snapshot();
    const auto waited = loaded.handle_event("main", "\"wait\"", CpuTimeMonitor(100ms));
    ASSERT_TRUE(waited) << waited.error().message;
    EXPECT_GE(waited->usage.wall_time, 300ms);
    EXPECT_LT(waited->usage.host_cpu_time, 100ms);
    const auto burnt = loaded.handle_event("main", "\"burn\"", CpuTimeMonitor(100ms));
    ASSERT_FALSE(burnt);
    EXPECT_EQ(burnt.error().terminated_by, "cpu-time");
    EXPECT_GE(burnt.error().usage.host_cpu_time, 50ms);  // the rest is the guest's
    ASSERT_TRUE(loaded.restore(*before));
    EXPECT_TRUE(loaded.handle_event("main", "\"wait\""));
}

TEST(HostFunctions, CannotUseTheSandboxThatCallsThem) {
    std::optional<LoadedSandbox> loaded;
    std::optional<Snapshot> saved;
    std::vector<ErrorCode> codes;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("f", [&] {
        codes = {loaded->handle_event("main", "null").error().code, loaded->snapshot().error().code,
                 loaded->restore(*saved).error().code, std::move(*loaded).unload().error().code};
    });
    loaded = load(std::move(proto), "import {f} from 'm'; function handler() { f(); return 'well'; }");
    saved = *loaded->snapshot();
    EXPECT_EQ(call(*loaded), "\"well\"");
    EXPECT_EQ(codes, std::vector(4, ErrorCode::invalid_argument));
    EXPECT_EQ(call(*loaded), "\"well\"");
}

TEST(HostFunctions, AnotherThreadCannotUseTheSandboxMeanwhile) {
    std::optional<LoadedSandbox> loaded;
    std::string here, there;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("f", [&] {
        here = loaded->handle_event("main", "null").error().message;
        std::jthread([&] { there = loaded->handle_event("main", "null").error().message; }).join();
    });
    loaded = load(std::move(proto), "import {f} from 'm'; function handler() { f(); return 'well'; }");
    EXPECT_EQ(call(*loaded), "\"well\"");
    EXPECT_THAT(here, HasSubstr("a host function cannot use the sandbox that called it"));
    EXPECT_THAT(there, HasSubstr("on another thread"));
}

TEST(HostFunctions, ManyCallsLeakNothing) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add(
        "f", [](const std::string& s, std::span<const std::byte> b) { return s + std::to_string(b.size()); });
    auto loaded = load(std::move(proto),
                       "import {f} from 'm'; const b = new Uint8Array(100);"
                       "function handler(n) { let r; for (let i = 0; i < n; ++i) r = f('x' + i, b); return r; }");
    const auto few = loaded.handle_event("main", "100");
    ASSERT_TRUE(few) << few.error().message;
    const auto many = loaded.handle_event("main", "100000");
    ASSERT_TRUE(many) << many.error().message;
    EXPECT_EQ(many->result, "\"x99999100\"");
    EXPECT_EQ(many->usage.host_calls, 100'000U);
    // One engine counts references, and has no garbage of these calls; the other collects it when there is some, so that as
    // many again take no more.
    if (!sandbox::testing::tests_node()) {
        EXPECT_LT(many->usage.peak_heap, few->usage.peak_heap + 20'000);
        return;
    }
    const auto again = loaded.handle_event("main", "100000");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_LT(again->usage.peak_heap, many->usage.peak_heap + (2 << 20));
}

TEST(HostFunctions, MemoryThatRunsOutIsAnErrorInTheGuest) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("f", [](std::size_t n) { return Bytes(n); }).add("text", [](std::size_t n) {
        return std::string(n, 'x');
    });
    auto loaded = load(std::move(proto),
                       "import * as m from 'm'; function handler() { const seen = [];"
                       "for (const f of [m.f, m.text]) try { f(64 << 20); } catch (e) { seen.push(e.message); }"
                       "return [...seen, m.text(3)]; }");
    EXPECT_THAT(call(loaded), AllOf(HasSubstr("out of memory: the heap has no room for what \\\"f\\\""),
                                    HasSubstr("room for what \\\"text\\\""), HasSubstr(",\"xxx\"]")));
}

TEST(HostFunctions, MayBeCalledWhileScriptsAreLoaded) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add("name", [](const CallContext& context) { return std::string(context.handler()) + "."; });
    auto loaded =
        load(std::move(proto), "import {name} from 'm'; const n = name(); function handler() { return n + name(); }");
    EXPECT_EQ(call(loaded), "\".main.\"");
}

TEST(HostFunctions, RegisteredWronglyIsAProgrammingError) {
    ProtoSandbox proto = make_proto();
    HostModule& module = proto.host_module("m");
    EXPECT_EQ(&module, &proto.host_module("m"));
    for (const std::string& bad : {std::string(), std::string("a\0b", 3), std::string("\xff"), std::string(256, 'a')}) {
        EXPECT_THROW(proto.host_module(bad), std::invalid_argument);
        EXPECT_THROW(module.add(bad, [] {}), std::invalid_argument);
    }
    EXPECT_THROW(module.add("f", std::function<int(int)>()), std::invalid_argument);
    EXPECT_THROW(module.add("f", static_cast<int (*)(int)>(nullptr)), std::invalid_argument);
    EXPECT_THROW(module.add_raw("f", std::function<Result<std::string>(std::string_view)>()), std::invalid_argument);
    ProtoSandbox moved = std::move(proto);
    moved.host_module("m").add("still", [] { return 1; });
    module.add("valid", std::function<int(int)>([](int n) { return n; }));  // moving did it no harm
    auto sandbox = std::move(moved).load_runtime();
    ASSERT_TRUE(sandbox);
    EXPECT_THROW(moved.host_module("m"), std::logic_error);
    EXPECT_THROW(proto.host_module("m"), std::logic_error);
}

TEST(HostFunctions, StayWithSnapshotsOrComeFromAnotherHost) {
    ProtoSandbox first = make_proto(), second = make_proto();
    first.host_module("m").add("who", [] { return std::string("first"); });
    second.host_module("m").add("who", [] { return std::string("second"); });
    auto loaded = load(std::move(first), "import {who} from 'm'; function handler() { return who(); }");
    const auto saved = loaded.snapshot();
    auto same = LoadedSandbox::from_snapshot(*saved);
    auto other = LoadedSandbox::from_snapshot(*saved, second);
    ASSERT_TRUE(same && other);
    second.host_module("m").add("who", [] { return std::string("third"); });  // for later ones only
    auto later = LoadedSandbox::from_snapshot(*saved, second);
    ASSERT_TRUE(later);
    EXPECT_EQ(call(*same), "\"first\"");
    EXPECT_EQ(call(*other), "\"second\"");
    EXPECT_EQ(call(*later), "\"third\"");
    ProtoSandbox none = make_proto(), different = make_proto();
    different.host_module("m").add("who", [](int) { return 1; });
    const auto missing = LoadedSandbox::from_snapshot(*saved, none);
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("m.who() -> string is missing"));
    const auto changed = LoadedSandbox::from_snapshot(*saved, different);
    ASSERT_FALSE(changed);
    EXPECT_THAT(changed.error().message, HasSubstr("m.who() -> string is (int) -> int here"));
}

TEST(HostFunctions, TwoSandboxesHaveTheirOwn) {
    ProtoSandbox with = make_proto();
    with.host_module("m").add("f", [] { return 1; });
    auto has = load(std::move(with), "import * as m from 'm'; function handler() { return m.f(); }");
    EXPECT_FALSE(try_load(make_proto(), "import * as m from 'm'; function handler() { return m.f(); }"));
    EXPECT_EQ(call(has), "1");
}

// What a guest whose native code was taken over may send.
TEST(HostFunctions, ArgumentsInAWrongFormAreRefused) {
    ProtoSandbox proto = make_proto();
    std::shared_ptr<const sandbox::HostFunctions> functions;
    HostModule module("m", functions);
    bool called = false;
    module.add("f", [&called](const std::string&) { called = true; }).add_raw("raw", [&called](std::string_view) {
        called = true;
        return Result<std::string>("1");
    });
    const auto encoded = [](std::uint64_t length, bool is_bytes, const std::string& data) {
        const auto header = wire::ArgumentHeader::of(length, is_bytes);
        return std::string(reinterpret_cast<const char*>(&header), sizeof header) + data;
    };
    const std::string good = encoded(3, false, "\"x\"");
    const std::vector<std::pair<std::uint32_t, std::string>> bad{
        {1, ""},
        {0, good},
        {2, good},
        {1, good + good},
        {0xffffffff, good},
        {1, good.substr(0, 7)},
        {1, encoded(4, false, "\"x\"")},
        {1, encoded(~0ULL / 2, false, "\"x\"")},
        {1, encoded(3, true, "\"x\"")},
        {1, encoded(0, false, "")},
        {1, encoded(3, false, "\"\xff\"")},
        {1, encoded(1, false, "\"")},
        {1, encoded(2, false, "\"\\")},
        {1, encoded(4, false, "\"\"\"\"")},
        {1, encoded(5, false, "1],[2")},
        {1, encoded(100'000, false, std::string(100'000, '['))},
    };
    const auto answer = [&](const Invocation& invocation, const char* function, std::uint32_t count,
                            const std::string& arguments) {
        const CallContext context(std::make_shared<host::detail::CallState>(invocation, std::any(), true));
        return sandbox::HostFunctions::reply_of(
            sandbox::HostFunctions::call(*functions->find("m", function), "m", function, context, count, arguments),
            "m", function);
    };
    for (const char* function : {"f", "raw"}) {
        for (const auto& [count, arguments] : bad) {
            if (function == std::string_view("raw") && arguments.empty()) continue;
            static_cast<void>(supervise(
                std::tuple{}, [] {},
                [&](const Invocation& invocation) {
                    EXPECT_EQ(answer(invocation, function, count, arguments).kind, wire::MessageKind::host_error)
                        << function << count << arguments.substr(0, 30);
                }));
        }
    }
    EXPECT_FALSE(called);
    EXPECT_EQ(functions->find("m", "nothing"), nullptr);
    EXPECT_EQ(functions->find("n", "f"), nullptr);
    EXPECT_EQ(sandbox::HostFunctions::no_such_function("n", "f").kind, wire::MessageKind::host_error);
    static_cast<void>(supervise(
        std::tuple{}, [] {},
        [&](const Invocation& invocation) {
            EXPECT_EQ(answer(invocation, "f", 1, good).kind, wire::MessageKind::host_result);
        }));
    EXPECT_TRUE(called);
}

}  // namespace
}  // namespace curfew
