// Host functions whose arguments are known at run time only, and modules that answer to `host:` only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include <curfew/host_module.h>
#include <curfew/sandbox.h>

namespace curfew {
namespace {

using ::testing::HasSubstr;

ProtoSandbox make_proto() {
    auto proto = SandboxBuilder().build();
    EXPECT_TRUE(proto) << proto.error().message;
    return std::move(*proto);
}

// What a script's handler returns, or why there is no result.
std::string run(ProtoSandbox proto, std::string script) {
    auto sandbox = std::move(proto).load_runtime();
    if (!sandbox) return sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(std::move(script), "test.js")));
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return "not loaded: " + loaded.error().message;
    const auto done = loaded->handle_event("main", "null");
    return done ? done->result : "failed: " + done.error().message;
}

// Says what it was given; bytes come back as bytes if they are the only argument.
Result<HostValue> describe(const CallContext&, std::span<const HostArgument> arguments) {
    if (arguments.size() == 1 && arguments[0].is_bytes) return HostValue::bytes(std::string(arguments[0].data));
    if (arguments.empty()) return HostValue::undefined();
    std::string text;
    for (const HostArgument& argument : arguments) {
        text += argument.is_bytes ? "bytes " + std::to_string(argument.data.size()) : std::string(argument.data);
        text += ';';
    }
    std::string json = "\"";
    for (const char c : text) json += c == '"' ? std::string("'") : std::string(1, c);
    return HostValue::json(json + '"');
}

TEST(DynamicFunctions, TakeAnyMixOfJsonAndBytes) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_dynamic("f", describe);
    EXPECT_EQ(
        run(std::move(proto),
            "import {f} from 'm'; function handler() { return [f(1, 'a', new Uint8Array(3), null, undefined, {b: [2]}),"
            "String(f()), Array.from(f(new Uint8Array([7, 8]))), f(new ArrayBuffer(0)).length]; }"),
        R"(["1;'a';bytes 3;null;null;{'b':[2]};","undefined",[7,8],0])");
}

TEST(DynamicFunctions, GiveErrorsToTheGuest) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m")
        .add_dynamic("fails",
                     [](const CallContext&, std::span<const HostArgument>) -> Result<HostValue> {
                         return std::unexpected(Error{.message = "not today \xF0\x9F\x98\x8A"});
                     })
        .add_dynamic(
            "throws",
            [](const CallContext&, std::span<const HostArgument>) -> HostValue { throw std::runtime_error("thrown"); })
        .add_dynamic("broken", [](const CallContext&, std::span<const HostArgument>) { return HostValue::json("{"); });
    EXPECT_EQ(
        run(std::move(proto),
            "import * as m from 'm'; function handler() { return ['fails', 'throws', 'broken'].map((name) => {"
            "try { return m[name](); } catch (error) { return error.message; } }); }"),
        "[\"not today \xF0\x9F\x98\x8A\",\"thrown\",\"what \\\"broken\\\" of the host module \\\"m\\\" returned is "
        "not JSON\"]");
}

TEST(DynamicFunctions, RefuseArgumentsThatAreNestedTooDeeply) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_dynamic("f", describe);
    EXPECT_THAT(
        run(std::move(proto),
            "import {f} from 'm'; function handler() { let deep = []; for (let i = 0; i < 300; ++i) deep = [deep];"
            "f(1, deep); }"),
        HasSubstr("m.f: argument 2 is nested deeper than 200 levels"));
}

TEST(DynamicFunctions, RefuseWhatCannotBeCalled) {
    ProtoSandbox proto = make_proto();
    using Function = std::function<Result<HostValue>(const CallContext&, std::span<const HostArgument>)>;
    EXPECT_THROW(proto.host_module("m").add_dynamic("f", Function()), std::invalid_argument);
    EXPECT_THROW(proto.host_module("m").add_dynamic("", describe), std::invalid_argument);
}

TEST(Fronts, StandBeforeTheirModule) {
    for (const char* import : {"import * as m from 'm';", "import * as m from 'host:m';", "const m = require('m');",
                               "const m = await import('host:m');"}) {
        ProtoSandbox proto = make_proto();
        proto.host_module("m").add("two", [] { return 2; }).add("hidden", [] { return 0; });
        proto.host_module("m").set_front("import { two } from 'm'; export const three = () => two() + 1;");
        EXPECT_EQ(run(std::move(proto),
                      std::string(import) + "function handler() { return [m.three(), m.hidden === undefined]; }"),
                  "[3,true]")
            << import;
    }
}

TEST(Fronts, AreOneForAllWhoImportThem) {
    ProtoSandbox proto = make_proto();
    proto.host_module("host:m").add("f", [] { return 1; });
    proto.host_module("host:m").set_front(
        "import * as m from 'host:m'; let n = 0; export const next = () => n += m.f();");
    auto sandbox = std::move(proto).load_runtime();
    ASSERT_TRUE(sandbox);
    for (const char* name : {"a", "b"}) {
        ASSERT_TRUE(sandbox->add_handler(name, Script::from_content("import { next } from 'host:m';"
                                                                    "function handler() { return next(); }",
                                                                    std::string(name) + ".js")));
    }
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handle_event("a", "null")->result, "1");
    EXPECT_EQ(loaded->handle_event("b", "null")->result, "2");
    const auto snapshot = loaded->snapshot();
    auto again = LoadedSandbox::from_snapshot(*snapshot);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->handle_event("a", "null")->result, "3");
}

TEST(Fronts, AreCheckedWhenTheyAreLoaded) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").set_front("export const = ;");
    EXPECT_THAT(run(std::move(proto), "import 'm'; function handler() {}"), HasSubstr("not loaded"));
    ProtoSandbox other = make_proto();
    EXPECT_THROW(other.host_module("m").set_front("\xff"), std::invalid_argument);
    other.host_module("m").set_front("export const a = 1;").set_front("");
    EXPECT_EQ(run(std::move(other), "import * as m from 'm'; function handler() { return Object.keys(m); }"), "[]");
}

TEST(PrefixedModules, AnswerToTheWholeNameOnly) {
    for (const char* import : {"import * as m from 'host:math';", "const m = require('host:math');",
                               "const m = await import('host:math');"}) {
        ProtoSandbox proto = make_proto();
        proto.host_module("host:math").add("two", [] { return 2; });
        EXPECT_EQ(run(std::move(proto), std::string(import) + "function handler() { return m.two(); }"), "2") << import;
    }
    ProtoSandbox proto = make_proto();
    proto.host_module("host:math").add("two", [] { return 2; });
    EXPECT_THAT(run(std::move(proto), "import {two} from 'math'; function handler() {}"), HasSubstr("not loaded"));
}

TEST(PrefixedModules, HideNothingThatTheGuestHas) {
    ProtoSandbox proto = make_proto();
    proto.host_module("host:crypto").add("one", [] { return 1; });
    proto.host_module("host:host").add("name", [] { return "host"; });
    EXPECT_EQ(run(std::move(proto),
                  "import * as own from 'host:crypto'; import * as host from 'host:host';"
                  "import * as crypto from 'crypto';"
                  "function handler() { return [own.one(), host.name(), typeof crypto.createHmac]; }"),
              R"([1,"host","function"])");
}

TEST(PrefixedModules, AreNotThereWithoutThePrefixToo) {
    ProtoSandbox proto = make_proto();
    HostModule& math = proto.host_module("host:math");
    EXPECT_EQ(math.name(), "host:math");
    EXPECT_EQ(&proto.host_module("host:math"), &math);
    EXPECT_THROW(proto.host_module("math"), std::invalid_argument);
    EXPECT_THROW(proto.host_module("host:"), std::invalid_argument);
    proto.host_module("other");
    EXPECT_THROW(proto.host_module("host:other"), std::invalid_argument);
    math.add("two", [] { return 2; });
    EXPECT_EQ(run(std::move(proto), "import {two} from 'host:math'; function handler() { return two(); }"), "2");
}

TEST(PrefixedModules, AreAskedForBySnapshotsUnderTheirWholeName) {
    ProtoSandbox proto = make_proto();
    proto.host_module("host:math").add_dynamic("two", describe);
    auto sandbox = std::move(proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() {}")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    const auto snapshot = loaded->snapshot();
    ASSERT_TRUE(snapshot);

    ProtoSandbox bare = make_proto();
    bare.host_module("math").add_dynamic("two", describe);
    const auto refused = LoadedSandbox::from_snapshot(*snapshot, bare);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("host:math.two"));
    ProtoSandbox same = make_proto();
    same.host_module("host:math").add_dynamic("two", describe);
    EXPECT_TRUE(LoadedSandbox::from_snapshot(*snapshot, same));
}

}  // namespace
}  // namespace curfew
