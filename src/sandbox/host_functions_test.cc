// Host functions, from JavaScript and back, through the public interface.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include <curfew/host_module.h>
#include <curfew/sandbox.h>

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
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Bytes = std::vector<std::byte>;

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

}  // namespace
}  // namespace curfew
