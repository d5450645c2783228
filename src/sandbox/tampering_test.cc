// Handlers of one sandbox share its global object, and with it the language's built-in objects. What one of them does to those must not
// change what the runtime does for another: its console and print, its result, its errors, and its host calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>

#include <curfew/host_module.h>
#include <curfew/json.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Does a bit of everything for which it needs the runtime. What it needs of the language it takes when it is loaded.
constexpr char kHonest[] = R"(
import { echo } from "host:tools";
const { URL, AbortController, TextDecoder, TextEncoder, setTimeout, setImmediate, structuredClone, Uint8Array, Map, Set, Promise, TypeError, RangeError } = globalThis;
const map = new Map([["k", 1]]);
const set = new Set([2]);
const cyrillic = new Uint8Array([0xcf]);
export async function handler(event) {
    if (event.fails) throw new TypeError("the honest one fails", { cause: 7 });
    if (!event.simple) {
        console.log("text", [1, "two", { three: 3 }], map, set, /r/g, null, -0, 1n);
        console.log("%s %d %i %j", "a", 1, "2px", event);
        console.group("in a group");
        console.table([{ a: 1, b: 2 }, { a: 3 }]);
        console.groupEnd();
        console.count("counted");
        print("printed", 1, { x: [1] });
    }
    console.error(new RangeError("shown").message);
    print("simple");
    if (event.simple) return { echoed: echo({ a: [1, "x", null] }), event };
    await new Promise((done) => setTimeout(done, 1));
    await new Promise((done) => setImmediate(done));
    const url = new URL("https://example.com:444/a/../b?q=1#f");
    url.searchParams.append("r", "ü &");
    const controller = new AbortController();
    let aborted = "";
    controller.signal.onabort = (event) => { aborted += event.type; };
    controller.abort("why");
    let invalid = "";
    try { new URL("none"); } catch (error) { invalid = error.code; }
    let refused = "";
    try { echo(1n); } catch (error) { refused = error.message; }
    return {
        echoed: echo({ a: [1, "x", null], b: { c: true } }), refused, invalid, aborted,
        href: url.href, query: url.searchParams.toString(), decoded: new TextDecoder("windows-1251").decode(cyrillic),
        encoded: new TextEncoder().encode("ü").length, clone: structuredClone({ a: [1, { b: 2 }] }), event,
        mac: crypto.createHmac("sha256", "key").update("data").digest("hex"),
    };
}
)";

struct Outcome {
    std::string printed;
    std::string result;
    std::string error;
};

class TwoHandlers {
  public:
    explicit TwoHandlers(const std::string& tamper) {
        auto proto = SandboxBuilder()
                         .with_print([this](PrintLevel level, std::string_view text) {
                             printed_ += std::to_string(static_cast<int>(level)) + " " + std::string(text) + "|";
                         })
                         .build();
        EXPECT_TRUE(proto) << proto.error().message;
        proto->host_module("tools").add("echo", [](const nlohmann::json& value) { return value; });
        auto sandbox = std::move(*proto).load_runtime();
        EXPECT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_TRUE(sandbox->add_handler("honest", Script::from_content(kHonest, "honest.js")));
        EXPECT_TRUE(sandbox->add_handler(
            "tamper", Script::from_content("export async function handler() {\n" + tamper + "\nreturn 'tampered'; }",
                                           "tamper.js")));
        auto loaded = std::move(*sandbox).load();
        EXPECT_TRUE(loaded) << loaded.error().message << loaded.error().stack;
        loaded_.emplace(std::move(*loaded));
    }

    Outcome honest(const std::string& event) {
        printed_.clear();
        const auto done = loaded_->handle_event("honest", event);
        return {.printed = printed_,
                .result = done ? done->result : "",
                .error = done ? "" : done.error().message + "\n" + done.error().stack};
    }

    const std::string& printed() const { return printed_; }

    std::string tamper() {
        const auto done = loaded_->handle_event("tamper", "null");
        return done ? done->result : done.error().message;
    }

  private:
    std::string printed_;
    std::optional<LoadedSandbox> loaded_;
};

// What Node.js's own code goes through when it shows objects, and aborts a signal: as any Node.js does.
bool is_of_node(const std::string& tampering) {
    static const std::set<std::string> kOfNode = {"Arrays", "Strings", "Collections", "Iterators"};
    return sandbox::testing::tests_node() && kOfNode.contains(tampering);
}

class Tampering : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Tampering, ChangesNothingForAnotherHandler) {
    TwoHandlers handlers(GetParam().second);
    const std::string event = is_of_node(GetParam().first) ? R"({"simple":true})" : R"({"n":[1,{"m":null}]})";
    const Outcome before = handlers.honest(event);
    ASSERT_EQ(before.error, "");
    ASSERT_THAT(before.printed, HasSubstr("simple"));
    const Outcome failure = handlers.honest(R"({"fails":true})");
    ASSERT_THAT(failure.error, HasSubstr("TypeError: the honest one fails"));
    ASSERT_THAT(failure.error, HasSubstr("honest.js:8"));

    handlers.tamper();
    Outcome after = handlers.honest(event);
    const auto counted = after.printed.find("counted: 2");
    if (counted != std::string::npos) after.printed.replace(counted, 10, "counted: 1");
    EXPECT_EQ(after.printed, before.printed);
    EXPECT_EQ(after.result, before.result);
    EXPECT_EQ(after.error, "");
    EXPECT_EQ(handlers.honest(R"({"fails":true})").error, failure.error);
}

// `bad` is thrown by whatever calls it.
#define THROWING "const bad = () => { throw new Error('tampered'); };"

INSTANTIATE_TEST_SUITE_P(
    Handlers, Tampering,
    ::testing::Values(
        std::pair("ItsConsole", "for (const name of Object.keys(console)) console[name] = () => {}; print = () => {};"),
        std::pair("TheGlobalConsole",
                  "console = { log() {} }; globalThis.print = undefined; delete globalThis.console;"
                  "try { Object.defineProperty(globalThis, 'console', { value: 1 }); } catch {}"),
        std::pair("FunctionsOfItsConsole",
                  "console.log.call = console.log.apply = null; Object.setPrototypeOf(console.log, null);"
                  "Object.getPrototypeOf(console).log = 1; delete console.table; Object.freeze(console);"),
        std::pair("TheGlobalObject", "Object.freeze(globalThis);"),
        std::pair("TheImportedConsole",
                  "const m = (await import('console')).default; try { m.log = m.table = 1; } catch {}"
                  "try { Object.getPrototypeOf(m).table = 1; } catch {} try { (await import('io')).default.print = 1; "
                  "} catch {}"),
        std::pair("Groups", "console.group(); console.group(); console.time('counted'); console.count('x');"),
        std::pair("Json", "JSON.parse = JSON.stringify = () => 'tampered'; globalThis.JSON = null;"),
        std::pair("Promises",
                  THROWING "Promise.prototype.then = Promise.prototype.catch = Promise.prototype.finally = bad;"
                           "Promise.resolve = Promise.reject = Promise.all = bad; globalThis.Promise = bad;"
                           "Object.defineProperty(Promise, Symbol.species, { value: bad });"),
        std::pair("Arrays", THROWING "for (const name of Object.getOwnPropertyNames(Array.prototype)) if (name !== "
                                     "'length' && name !== 'constructor')"
                                     "Array.prototype[name] = bad; Array.isArray = Array.from = Array.of = bad;"),
        std::pair("ObjectNames",
                  THROWING "for (const name of ['get', 'set', 'value', 'writable', 'enumerable', 'configurable', "
                           "'code', 'next', 'done', 'stream', 'fatal',"
                           "'once', 'signal', 'capture', 'type', 'run', 'url', 'length', 'a', 'b', 'columns', 'list'])"
                           "Object.defineProperty(Object.prototype, name, { set: bad, configurable: true });"),
        std::pair("ObjectFunctions", THROWING
                  "for (const name of Object.getOwnPropertyNames(Object)) if (typeof Object[name] === 'function') "
                  "Object[name] = bad;"
                  "Object.prototype.toString = Object.prototype.hasOwnProperty = Object.prototype.valueOf = bad;"),
        std::pair("Functions", THROWING "Function.prototype.call = Function.prototype.apply = Function.prototype.bind "
                                        "= Function.prototype.toString = bad;"),
        std::pair("Reflection", THROWING "for (const name of Object.getOwnPropertyNames(Reflect)) Reflect[name] = bad; "
                                         "globalThis.Reflect = globalThis.Proxy = undefined;"),
        std::pair("Strings", THROWING
                  "for (const name of Object.getOwnPropertyNames(String.prototype)) if (typeof ''[name] === 'function' "
                  "&& name !== 'constructor')"
                  "String.prototype[name] = bad; String.raw = String.fromCharCode = bad; globalThis.String = bad;"),
        std::pair("NumbersAndDates", THROWING "Number.prototype.toString = Number.prototype.toFixed = "
                                              "BigInt.prototype.toString = bad; Math.max = Math.floor = bad;"
                                              "Date.now = Date.prototype.toISOString = bad; globalThis.Number = "
                                              "globalThis.Date = globalThis.BigInt = bad; globalThis.parseInt = bad;"),
        std::pair("Collections", THROWING "for (const type of [Map, Set, WeakMap, WeakSet]) for (const name of "
                                          "Object.getOwnPropertyNames(type.prototype))"
                                          "if (name !== 'constructor' && name !== 'size') type.prototype[name] = bad;"
                                          "Object.defineProperty(Map.prototype, 'size', { get: bad }); "
                                          "Object.defineProperty(Set.prototype, 'size', { get: bad });"),
        std::pair("Iterators",
                  THROWING "const iterator = Object.getPrototypeOf([][Symbol.iterator]()); iterator.next = bad;"
                           "Object.getPrototypeOf(new Map()[Symbol.iterator]()).next = bad; "
                           "Object.getPrototypeOf(iterator)[Symbol.iterator] = bad;"),
        std::pair("RegularExpressions", THROWING "RegExp.prototype.exec = RegExp.prototype.test = "
                                                 "RegExp.prototype.toString = RegExp.prototype[Symbol.replace] = bad;"
                                                 "globalThis.RegExp = bad;"),
        std::pair("TypedArrays",
                  THROWING "const typed = Object.getPrototypeOf(Uint8Array); for (const name of "
                           "Object.getOwnPropertyNames(typed.prototype)) {"
                           "const { value } = Object.getOwnPropertyDescriptor(typed.prototype, name);"
                           "if (typeof value === 'function' && name !== 'constructor') typed.prototype[name] = bad; }"
                           "globalThis.Uint8Array = globalThis.ArrayBuffer = bad;"),
        std::pair("Symbols", THROWING "globalThis.Symbol = bad; globalThis.globalThis = undefined;"),
        std::pair("Errors", THROWING
                  "globalThis.Error = globalThis.TypeError = globalThis.RangeError = globalThis.DOMException = bad; "),
        std::pair("ErrorText", THROWING "Error.prototype.toString = bad;"),
        std::pair("TheWebsClasses",
                  THROWING "URL.prototype.toString = URLSearchParams.prototype[Symbol.iterator] = bad;"
                           "globalThis.URL = globalThis.URLSearchParams = globalThis.EventTarget = "
                           "globalThis.Event = globalThis.AbortSignal = bad;"
                           "globalThis.setTimeout = globalThis.setImmediate = "
                           "globalThis.queueMicrotask = globalThis.TextDecoder = bad;"),
        std::pair(
            "Waiting",
            "new Promise(() => {}); setInterval(() => { print('late'); }, 1); Promise.reject(1).catch(() => {});")),
    [](const auto& test) { return test.param.first; });

// It is the same object that all code of a handler's calls finds, packages and evaluated text included.
TEST(OwnConsole, IsKeptFromCallToCall) {
    TwoHandlers handlers(R"code(
        globalThis.calls = (globalThis.calls ?? 0) + 1;
        if (calls === 1) { const { log } = console; console.log = (...all) => log("mine:", ...all); print = (text) => log("print", text); console.extra = 1; }
        console.log("a"); (0, eval)("console.log('b')"); print("c"); new Function("print(console.extra)")();)code");
    handlers.honest("{}");
    EXPECT_EQ(handlers.tamper(), "\"tampered\"");
    EXPECT_THAT(handlers.honest("{}").printed, Not(HasSubstr("mine")));
    EXPECT_EQ(handlers.tamper(), "\"tampered\"");
    EXPECT_THAT(handlers.printed(), HasSubstr("1 mine: a\n|1 mine: b\n|1 print c\n|1 print 1\n|"));
}

}  // namespace
}  // namespace curfew
