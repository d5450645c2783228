// Modules that a program gives by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <curfew/host_module.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::start_sandbox;
using ::testing::HasSubstr;

Script script(std::string source) { return Script::from_content(std::move(source)); }

std::string call(LoadedSandbox& sandbox, std::string_view handler = "main") {
    const auto done = sandbox.handle_event(handler, "null");
    return done ? done->result : done.error().message;
}

LoadedSandbox load(Sandbox sandbox) {
    auto loaded = std::move(sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

TEST(NamedModuleTest, IsImportedByHandlersAndModulesInAnyOrder) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", script("import { a } from 'user:a'; import x from 'mine:x y';\n"
                                                   "export function handler() { return [a, x] }")));
    ASSERT_TRUE(sandbox.add_module("a", "import { b } from 'user:b'; export const a = 'a' + b;"));
    ASSERT_TRUE(sandbox.add_module("b", "import { print } from 'io'; export const b = typeof print;"));
    ASSERT_TRUE(sandbox.add_module("x y", "export default 1", "mine"));
    LoadedSandbox loaded = load(std::move(sandbox));
    EXPECT_EQ(call(loaded), R"(["afunction",1])");
}

TEST(NamedModuleTest, IsOneForAllHandlersAndMayBeInACycle) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(
        sandbox.add_module("a",
                           "import { isOdd } from 'user:b'; export const isEven = (n) => n === 0 || isOdd(n - 1);"
                           "let count = 0; export const next = () => ++count;"));
    ASSERT_TRUE(sandbox.add_module(
        "b", "import { isEven } from 'user:a'; export const isOdd = (n) => n !== 0 && isEven(n - 1);"));
    ASSERT_TRUE(sandbox.add_handler("main", script("import { isEven, next } from 'user:a';\n"
                                                   "export function handler() { return [isEven(10), next()] }")));
    ASSERT_TRUE(sandbox.add_handler(
        "other", Script::from_content("import { next } from 'user:a'; export const handler = () => next();", "o.js")));
    LoadedSandbox loaded = load(std::move(sandbox));
    EXPECT_EQ(call(loaded), "[true,1]");
    EXPECT_EQ(call(loaded, "other"), "2");
    const auto snapshot = loaded.snapshot();
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(call(loaded, "other"), "3");
    ASSERT_TRUE(loaded.restore(*snapshot));
    EXPECT_EQ(call(loaded, "other"), "3");
}

TEST(NamedModuleTest, CallsHostFunctions) {
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto);
    proto->host_module("math").add("add", [](int a, int b) { return a + b; });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_module("sum", "import { add } from 'host:math'; export default (x) => add(x, 1);"));
    ASSERT_TRUE(sandbox->add_handler("main", script("import f from 'user:sum'; export const handler = () => f(41);")));
    LoadedSandbox loaded = load(std::move(*sandbox));
    EXPECT_EQ(call(loaded), "42");
}

TEST(NamedModuleTest, IsThereForLaterImportsAlsoFromAFile) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_module("late", "export default 'came late'"));
    ASSERT_TRUE(sandbox.add_handler("main", script("export async function handler() {\n"
                                                   "  return (await import('user:late')).default }")));
    LoadedSandbox loaded = load(std::move(sandbox));
    const auto snapshot = loaded.snapshot();
    ASSERT_TRUE(snapshot);
    const auto path = std::filesystem::temp_directory_path() / ("curfew-named-" + std::to_string(getpid()) + ".snap");
    ASSERT_TRUE(snapshot->save(path));
    const auto read = Snapshot::load(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(read) << read.error().message;
    auto other = LoadedSandbox::from_snapshot(*read);
    ASSERT_TRUE(other);
    EXPECT_EQ(call(*other), R"("came late")");
    EXPECT_EQ(call(loaded), R"("came late")");
}

TEST(NamedModuleTest, IsGoneAfterUnload) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_module("v", "export default 1"));
    ASSERT_TRUE(sandbox.add_handler("main", script("import v from 'user:v'; export const handler = () => v;")));
    LoadedSandbox loaded = load(std::move(sandbox));
    EXPECT_EQ(call(loaded), "1");
    auto again = std::move(loaded).unload();
    ASSERT_TRUE(again);
    ASSERT_TRUE(again->add_handler("main", script("import v from 'user:v'; export const handler = () => v;")));
    const auto missing = std::move(*again).load();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::handler_error);
    EXPECT_THAT(missing.error().message, HasSubstr("imports \"user:v\", but no module of that name was added"));
    ASSERT_TRUE(again->add_module("v", "export default 2"));
    LoadedSandbox second = load(std::move(*again));
    EXPECT_EQ(call(second), "2");
}

TEST(NamedModuleTest, CanBeRemovedAndCleared) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_module("a", "export default 1"));
    EXPECT_EQ(sandbox.add_module("a", "").error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(sandbox.add_module("a", "", "other"));
    ASSERT_TRUE(sandbox.remove_module("a"));
    EXPECT_EQ(sandbox.remove_module("a").error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(sandbox.add_module("a", "export default 2"));
    sandbox.clear_modules();
    EXPECT_EQ(sandbox.remove_module("a", "other").error().code, ErrorCode::invalid_argument);
}

TEST(NamedModuleTest, RefusesNamesThatCannotBe) {
    Sandbox sandbox = start_sandbox();
    for (const std::string& name : {std::string(), std::string("   "), std::string("a:b"), std::string("a\nb"),
                                    std::string("a\0b", 3), std::string(257, 'a'), std::string("\xff")}) {
        EXPECT_EQ(sandbox.add_module(name, "").error().code, ErrorCode::invalid_argument) << name;
        EXPECT_EQ(sandbox.add_module("a", "", name).error().code, ErrorCode::invalid_argument) << name;
        EXPECT_EQ(sandbox.remove_module(name).error().code, ErrorCode::invalid_argument) << name;
    }
    EXPECT_EQ(sandbox.add_module("a", "", "host").error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(sandbox.add_module("a", "\xff").error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(sandbox.add_module(std::string(256, 'a'), "", std::string(256, 'b')));
}

TEST(NamedModuleTest, DoesNotLoadIfItDoesNotCompile) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_module("wrong", "export const = 1"));
    ASSERT_TRUE(sandbox.add_handler("main", script("import 'user:wrong'; export const handler = () => 1;")));
    const auto loaded = std::move(sandbox).load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::syntax_error);
    EXPECT_THAT(loaded.error().message, HasSubstr("user:wrong"));
}

}  // namespace
}  // namespace curfew
