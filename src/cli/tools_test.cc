#include "cli/tools.h"

#include <gmock/gmock.h>

namespace curfew::cli {
namespace {

using testing::HasSubstr;

std::string refused(std::string_view json) {
    const auto tools = parse_tools(json, "The file");
    if (tools) return "taken";
    EXPECT_EQ(tools.error().code, ErrorCode::invalid_argument);
    return tools.error().message;
}

TEST(Tools, AreTakenAsProtocolsAndProvidersWriteThem) {
    const auto tools = parse_tools(R"([
        {"name": "crm.delete", "description": "Deletes.", "inputSchema": {"type": "object"}, "outputSchema": {"type": "null"}},
        {"name": "find", "input_schema": {"type": "string"}, "output_schema": null},
        {"type": "function", "function": {"name": "add", "parameters": {"type": "number"}}}])",
                                   "The file");
    ASSERT_TRUE(tools) << tools.error().message;
    ASSERT_EQ(tools->size(), 3u);
    EXPECT_EQ(tools->at(0).name, (HostFunctionName{"crm", "delete"}));
    EXPECT_EQ(tools->at(0).description.comment, "Deletes.");
    EXPECT_EQ(tools->at(0).description.input_schema, R"({"type":"object"})");
    EXPECT_EQ(tools->at(0).description.output_schema, R"({"type":"null"})");
    EXPECT_EQ(tools->at(1).name, (HostFunctionName{"tools", "find"}));
    EXPECT_EQ(tools->at(1).description.input_schema, R"({"type":"string"})");
    EXPECT_EQ(tools->at(1).description.output_schema, "");
    EXPECT_EQ(tools->at(2).name, (HostFunctionName{"tools", "add"}));
    EXPECT_EQ(tools->at(2).description.input_schema, R"({"type":"number"})");
    EXPECT_EQ(parse_tools(R"({"tools":[{"name":"a"}],"nextCursor":"b"})", "The file")->size(), 1u);
    EXPECT_TRUE(parse_tools("[]", "The file")->empty());
}

TEST(Tools, WhatIsNoListOfThemIsRefusedByName) {
    EXPECT_EQ(refused("[{"), "The file is not valid JSON.");
    EXPECT_THAT(refused("{}"), HasSubstr("has no list of tools"));
    EXPECT_THAT(refused("1"), HasSubstr("has no list of tools"));
    EXPECT_EQ(refused("[1]"), "The file: tool 1 is not an object.");
    EXPECT_EQ(refused(R"([{"name":"a"},{}])"), "The file: tool 2 has no name.");
    EXPECT_THAT(refused(R"([{"name":""}])"), HasSubstr("take one such as delete or tools.delete"));
    EXPECT_THAT(refused(R"([{"name":"a."}])"), HasSubstr("take one such as delete or tools.delete"));
    EXPECT_THAT(refused(R"([{"name":"a","inputSchema":1}])"), HasSubstr("has a schema that is not an object"));
    EXPECT_THAT(refused(R"([{"name":"a","description":1}])"), HasSubstr("description that is not a text"));
    EXPECT_EQ(refused(R"([{"name":"a"},{"name":"tools.a"}])"), "The file has tools.a twice.");
    std::string many = "[";
    for (std::size_t i = 0; i <= kMostTools; ++i) many += (i == 0 ? "" : ",") + std::string("{}");
    EXPECT_THAT(refused(many + "]"), HasSubstr("more than 4096 tools"));
}

}  // namespace
}  // namespace curfew::cli
