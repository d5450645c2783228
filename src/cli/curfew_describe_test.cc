// curfew describe, and curfew run --tools.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/testing/command_fixture.h"

namespace curfew::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kTools = R"({"tools": [
    {"name": "find", "description": "Finds accounts.", "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}},
     "required": ["name"]}, "outputSchema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "crm.remove"}]})";

class CurfewDescribe : public CurfewCommand {};

TEST_F(CurfewDescribe, DeclaresTheToolsOfAFile) {
    const Finished done = curfew({"describe", file("tools.json", kTools), "--function", "mail.send"});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(done.out, R"(declare module "crm" {
  export function remove(...args: any[]): Promise<any>;
}

declare module "mail" {
  export function send(...args: any[]): Promise<any>;
}

declare module "tools" {
  /** Finds accounts. */
  export function find(input: { name: string; }): Promise<number[]>;
}
)");
}

TEST_F(CurfewDescribe, TheSameFileLetsAHandlerCallThem) {
    const std::string tools = file("tools.json", kTools);
    const std::string saved = folder_ / "state.snap";
    const Finished begun =
        run("import { find } from 'tools'; export async function handler() { return find({ name: 'ada' }); }",
            {"--tools", tools, "-o", saved, "--json"});
    EXPECT_EQ(begun.status, 5) << begun.err << begun.out;
    EXPECT_EQ(json::parse(begun.out).at("waiting").at("open_calls").at(0).at("arguments"),
              json::parse(R"([{"name":"ada"}])"));
    EXPECT_EQ(curfew({"resume", saved, "--reply", "1=[7]"}).out, "[7]\n");
    const Finished described = curfew({"describe", "--snapshot", saved});
    EXPECT_EQ(described.status, 0) << described.err;
    EXPECT_THAT(described.out, AllOf(HasSubstr("declare module \"tools\""), HasSubstr("function find(")));
}

TEST_F(CurfewDescribe, ProgramsCallThemToo) {
    const std::string saved = folder_ / "state.snap";
    const Finished begun =
        curfew({"run", "-e", "import { find } from 'tools'; const found = await find(event); found.length", "--event",
                "5", "--tools", file("tools.json", kTools), "-o", saved});
    EXPECT_EQ(begun.status, 5) << begun.err << begun.out;
    EXPECT_EQ(curfew({"resume", saved, "--reply", "1=[7,8]"}).out, "2\n");
}

TEST_F(CurfewDescribe, BadInputIsRefused) {
    const auto refused = [](const Words& words) {
        const Finished done = curfew(words);
        EXPECT_EQ(done.status, 2) << done.out;
        EXPECT_EQ(done.out, "");
        return done.err;
    };
    EXPECT_THAT(refused({"describe"}), HasSubstr("What to describe is missing"));
    EXPECT_THAT(refused({"describe", "--function", "send"}), HasSubstr("--function needs a module and a function"));
    EXPECT_THAT(refused({"describe", file("a.json", "[")}), HasSubstr("is not valid JSON"));
    EXPECT_THAT(refused({"describe", folder_ / "none.json"}), HasSubstr("none.json"));
    EXPECT_THAT(refused({"describe", "--snapshot", file("b.snap", "x")}), HasSubstr("b.snap"));
    EXPECT_THAT(refused({"describe", file("c.json", R"([{"name":"a\u0000.b"}])")}), HasSubstr("cannot be registered"));
    const std::string script = file("handler.js", "function handler() {}");
    EXPECT_THAT(refused({"run", script, "--tools", file("d.json", "[]")}), HasSubstr("need -o"));
    EXPECT_THAT(refused({"run", script, "--tools", folder_ / "none.json", "-o", folder_ / "x"}),
                HasSubstr("none.json"));
}

}  // namespace
}  // namespace curfew::cli
