#include "sandbox/modules/package_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sandbox/modules/module_files.h"

namespace curfew::sandbox {
namespace {

using ::testing::HasSubstr;
using Kind = TargetChoice::Kind;

// The target that a package's exports give for a subpath; or "-" if none, or what is wrong.
std::string exported(const std::string& exports, std::string_view subpath) {
    const auto package = PackageJson::parse(R"({"exports": )" + exports + "}");
    if (!package) return package.error().message;
    if (!package->exports) return "no exports";
    const TargetChoice choice = choose_export(*package->exports, subpath, conditions(ImportRules::es_modules));
    switch (choice.kind) {
        case Kind::path: return choice.text;
        case Kind::not_there: return "-";
        case Kind::only_other: return "only " + choice.text;
        case Kind::malformed: return choice.text;
    }
    return "?";
}

TEST(PackageJson, HasNameMainAndModule) {
    const auto package =
        PackageJson::parse(R"({"name": "p", "main": "a.js", "module": "b.mjs", "deep": {"name": "no", "main": [{}]}})");
    ASSERT_TRUE(package) << package.error().message;
    EXPECT_EQ(package->name, "p");
    EXPECT_EQ(package->main, "a.js");
    EXPECT_EQ(package->module, "b.mjs");
    EXPECT_FALSE(package->exports);
    const auto odd = PackageJson::parse(R"({"name": 5, "main": null, "exports": null, "imports": "x"})");
    ASSERT_TRUE(odd);
    EXPECT_EQ(odd->name, "");
    EXPECT_FALSE(odd->main);
    EXPECT_FALSE(odd->exports);
    EXPECT_FALSE(odd->imports);
}

TEST(PackageJson, SaysWhatIsWrong) {
    EXPECT_THAT(PackageJson::parse("{\"a\": }").error().message, HasSubstr("not JSON (at offset 6)"));
    EXPECT_THAT(PackageJson::parse("").error().message, HasSubstr("not JSON"));
    EXPECT_THAT(PackageJson::parse("{} {}").error().message, HasSubstr("not JSON"));
    EXPECT_THAT(PackageJson::parse("[]").error().message, HasSubstr("not an object"));
    EXPECT_THAT(PackageJson::parse("\"x\"").error().message, HasSubstr("not an object"));
    EXPECT_THAT(PackageJson::parse("{\"a\": \"\xff\"}").error().message, HasSubstr("not UTF-8 (at offset 7)"));
    EXPECT_THAT(PackageJson::parse("{\"a\": \"" + std::string(PackageJson::kLargest, 'x') + "\"}").error().message,
                HasSubstr("more than 1048576 bytes"));
    EXPECT_TRUE(PackageJson::parse("\xef\xbb\xbf{}")) << "a byte order mark is none of its content";
}

TEST(PackageJson, DepthIsBoundedWhereItMatters) {
    const auto nested = [](std::string_view key, std::size_t depth) {
        std::string text = "{\"" + std::string(key) + "\": ";
        for (std::size_t i = 0; i < depth; ++i) text += "{\"default\": ";
        return PackageJson::parse(text + "\"./x\"" + std::string(depth + 1, '}'));
    };
    const auto deepest = nested("exports", PackageJson::kDeepestTarget);
    ASSERT_TRUE(deepest) << deepest.error().message;
    EXPECT_EQ(choose_export(*deepest->exports, ".", conditions(ImportRules::es_modules)).text, "./x");
    EXPECT_THAT(nested("exports", PackageJson::kDeepestTarget + 1).error().message, HasSubstr("too deeply"));
    EXPECT_THAT(nested("imports", 10'000).error().message, HasSubstr("too deeply"));
    EXPECT_TRUE(nested("other", 50'000));
    EXPECT_FALSE(PackageJson::parse(R"({"exports": )" + std::string(100'000, '[')));
}

TEST(PackageExports, OfThePackageItself) {
    EXPECT_EQ(exported(R"("./a.js")", "."), "./a.js");
    EXPECT_EQ(exported(R"("./a.js")", "./a.js"), "-") << "nothing else of it is offered";
    EXPECT_EQ(exported(R"({".": "./a.js"})", "."), "./a.js");
    EXPECT_EQ(exported(R"({"import": "./m.mjs", "default": "./d.js"})", "."), "./m.mjs");
    EXPECT_EQ(exported("null", "."), "no exports");
    EXPECT_EQ(exported("{}", "."), "-");
}

TEST(PackageExports, OfSubpaths) {
    const std::string map = R"({".": "./index.js", "./sub": "./lib/sub.js", "./secret/*": null,
                                "./*": "./lib/*.js", "./deep/*": "./other/*/x-*.js", "./deep/*.json": "./json/*.json"})";
    EXPECT_EQ(exported(map, "./sub"), "./lib/sub.js");
    EXPECT_EQ(exported(map, "./any"), "./lib/any.js");
    EXPECT_EQ(exported(map, "./a/b"), "./lib/a/b.js");
    EXPECT_EQ(exported(map, "./deep/a/b"), "./other/a/b/x-a/b.js") << "the longest text before the star wins";
    EXPECT_EQ(exported(map, "./deep/a.json"), "./json/a.json") << "then the longest pattern";
    EXPECT_EQ(exported(map, "./secret/x"), "-");
    EXPECT_EQ(exported(map, "./"), "-") << "a star is never empty";
    EXPECT_EQ(exported(R"({"./a": "./1.js", "./a": "./2.js"})", "./a"), "./2.js") << "the last of the same name";
}

TEST(PackageExports, ByConditionsInTheirOrder) {
    EXPECT_EQ(exported(R"({"require": "./r.cjs", "import": "./i.mjs", "module": "./m.mjs"})", "."), "./i.mjs");
    EXPECT_EQ(exported(R"({"module": "./m.mjs", "import": "./i.mjs"})", "."), "./m.mjs");
    EXPECT_EQ(exported(R"({"default": "./d.js", "import": "./i.mjs"})", "."), "./d.js");
    EXPECT_EQ(
        exported(R"({"browser": {"import": "./b.mjs"}, "node": {"import": "./n.mjs"}, "import": "./i.mjs"})", "."),
        "./i.mjs");
    EXPECT_EQ(exported(R"({"import": {"node": "./n.mjs"}, "default": "./d.js"})", "."), "./d.js")
        << "nested conditions without a match give way";
    EXPECT_EQ(exported(R"({"import": {"types": "./t.d.ts", "default": "./i.mjs"}})", "."), "./i.mjs");
    EXPECT_EQ(exported(R"({"import": null, "default": "./d.js"})", "."), "-") << "null says no";
    EXPECT_EQ(exported(R"({"require": "./r.cjs", "node": "./n.js"})", "."), R"(only "require", "node")");
    EXPECT_EQ(exported(R"({"./a": {"require": "./r.cjs"}})", "./a"), R"(only "require")");
}

TEST(PackageExports, FromArraysTakeTheFirstThatIsPossible) {
    EXPECT_EQ(exported(R"(["./a.js", "./b.js"])", "."), "./a.js");
    EXPECT_EQ(exported(R"(["not:relative", {"require": "./r.js"}, null, "./b.js"])", "."), "./b.js");
    EXPECT_THAT(exported(R"(["../up.js"])", "."), HasSubstr("../up.js"));
    EXPECT_EQ(exported("[]", "."), "-");
}

TEST(PackageExports, TargetsStayInThePackage) {
    for (const std::string target : {"../up.js", "./../up.js", "./a/../../up.js", "/etc/passwd", "other", "./a/./b",
                                     "./", "./a//b", "./node_modules/x/y.js", "./a\\\\b", "", "https://x/y.js"}) {
        EXPECT_THAT(exported("\"" + target + "\"", "."), HasSubstr("has to begin with \"./\"")) << target;
    }
    EXPECT_THAT(exported(R"({"./*": "./lib/*"})", "./../../x"), HasSubstr("stay in the package"));
    EXPECT_THAT(exported("5", "."), HasSubstr("neither a string nor an object"));
    EXPECT_THAT(exported(R"({".": "./a.js", "import": "./b.js"})", "."), HasSubstr("side by side"));
}

TEST(PackageExports, AStarDoesNotGrowWithoutBound) {
    std::string stars;
    for (int i = 0; i < 10'000; ++i) stars += "*";
    const std::string text = exported(R"({"./*": "./)" + stars + "\"}", "./" + std::string(1000, 'x'));
    EXPECT_LT(text.size(), 2 * PackageJson::kLargest);
}

TEST(PackageImports, NameFilesAndPackages) {
    const auto package =
        PackageJson::parse(R"({"imports": {"#a": "./a.js", "#lib/*": "./lib/*.js", "#dep": {"import": "dep/esm"}}})");
    ASSERT_TRUE(package && package->imports);
    EXPECT_EQ(choose_import(*package->imports, "#a", conditions(ImportRules::es_modules)).text, "./a.js");
    EXPECT_EQ(choose_import(*package->imports, "#lib/x", conditions(ImportRules::es_modules)).text, "./lib/x.js");
    EXPECT_EQ(choose_import(*package->imports, "#dep", conditions(ImportRules::es_modules)).text, "dep/esm");
    EXPECT_EQ(choose_import(*package->imports, "#none", conditions(ImportRules::es_modules)).kind, Kind::not_there);
}

}  // namespace
}  // namespace curfew::sandbox
