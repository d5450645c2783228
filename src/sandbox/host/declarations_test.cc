#include "sandbox/host/declarations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <curfew/host_module.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

namespace curfew {
namespace {

using ::testing::HasSubstr;

ProtoSandbox proto() {
    auto built = SandboxBuilder().build();
    EXPECT_TRUE(built);
    return std::move(*built);
}

TEST(DescribeTest, DeclaresFunctionsByTheirTypes) {
    ProtoSandbox host = proto();
    EXPECT_EQ(host.describe(), "");
    host.host_module("math").add("add", [](int a, std::optional<double> b) { return a + b.value_or(0); });
    host.host_module("data")
        .add("sum", [](const std::vector<int>& all, bool) { return static_cast<int>(all.size()); })
        .add("blob", [](std::span<const std::byte>) { return std::vector<std::byte>(); })
        .add("map", [](const std::map<std::string, std::string>& map) { return map; })
        .add("log", [](const std::string&) {})
        .add("two words", [] { return std::optional<std::string>(); })
        .add_raw("raw", [](std::string_view) { return Result<std::string>("1"); });
    host.host_module("host:later").add_async("fetch", [](std::string, Reply<std::string> reply) { reply.send("x"); });
    EXPECT_EQ(host.describe(),
              "declare module \"data\" {\n"
              "  export function blob(arg1: Uint8Array | ArrayBuffer | DataView): Uint8Array;\n"
              "  export function log(arg1: string): void;\n"
              "  export function map(arg1: Record<string, string>): Record<string, string>;\n"
              "  export function raw(...args: any[]): any;\n"
              "  export function sum(arg1: number[], arg2: boolean): number;\n"
              "  function function_5(): string | null;\n"
              "  export { function_5 as \"two words\" };\n"
              "}\n"
              "\ndeclare module \"host:later\" {\n"
              "  export function fetch(arg1: string): Promise<string>;\n"
              "}\n"
              "\ndeclare module \"math\" {\n"
              "  export function add(arg1: number, arg2?: number | null): number;\n"
              "}\n");
}

TEST(DescribeTest, SaysWhatWasSaidOfThem) {
    ProtoSandbox host = proto();
    host.host_module("tools")
        .add("find", [](std::string, int) { return 1; })
        .add_raw("query", [](std::string_view) { return Result<std::string>("1"); })
        .add_raw("own", [](std::string_view) { return Result<std::string>("1"); })
        .add_raw("pair", [](std::string_view) { return Result<std::string>("1"); })
        .describe("pair", {.parameters = {"first", "second"}})
        .describe("find", {.comment = "Finds something.", .parameters = {"name", "limit"}})
        .describe("query", {.comment = "Two\nlines */ of it",
                            .input_schema = R"({"type":"object","required":["sql"],"properties":{
                                "sql":{"type":"string","description":"what to ask"},"limit":{"type":["integer","null"]},
                                "mode":{"enum":["a","b"]}}})",
                            .output_schema = R"({"type":"array","items":{"anyOf":[{"type":"number"},{"const":1}]}})"})
        .describe("own", {.signature = "(x: 1): Promise<2>"});
    EXPECT_EQ(host.describe(),
              "declare module \"tools\" {\n"
              "  /** Finds something. */\n"
              "  export function find(name: string, limit: number): number;\n"
              "  export function own(x: 1): Promise<2>;\n"
              "  export function pair(first: any, second: any): any;\n"
              "  /**\n   * Two\n   * lines *\\/ of it\n   */\n"
              "  export function query(input: { limit?: number | null; mode?: \"a\" | \"b\"; /** what to ask */ sql: "
              "string; }): (number | 1)[];\n"
              "}\n");
}

TEST(DescribeTest, RefusesWhatIsNoSchema) {
    ProtoSandbox host = proto();
    EXPECT_THROW(host.host_module("tools").describe("f", {.input_schema = "["}), std::invalid_argument);
    EXPECT_THROW(host.host_module("tools").describe("", {}), std::invalid_argument);
    const std::string deep = [] {
        std::string text = R"({"type":"string"})";
        for (int i = 0; i < 100; ++i) text = R"({"type":"array","items":)" + text + "}";
        return text;
    }();
    EXPECT_THAT(sandbox::type_of_schema(deep).value_or(""), HasSubstr("any[][]"));
}

}  // namespace
}  // namespace curfew
