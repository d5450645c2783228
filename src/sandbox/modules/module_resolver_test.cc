#include "sandbox/modules/module_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <stdexcept>

#include "base/utf8.h"
#include "sandbox/modules/module_path.h"

namespace curfew::sandbox {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using wire::ModuleKind;

// The path that an import leads to, or the error's message.
std::string resolve(const ModuleResolver& resolver, const Importer& importer, std::string_view specifier) {
    auto found = resolver.resolve(importer, specifier);
    return found ? std::move(found->path) : std::move(found.error().message);
}

std::string resolve(std::initializer_list<EmbeddedFile> files, std::string_view importer, std::string_view specifier) {
    const ModuleResolver resolver(std::make_shared<EmbeddedFileSystem>(files));
    return resolve(resolver, {.name = importer, .script_folder = {}}, specifier);
}

TEST(ModuleResolver, FindsFilesByPath) {
    const std::initializer_list<EmbeddedFile> files{
        {"/app/main.js", ""}, {"/app/lib/a.js", ""}, {"/app/lib/m.mjs", ""}, {"/app/data.json", "{}"},
        {"/top.js", ""},      {"/app/exact", ""},    {"/app/exact.js", ""},  {"/app/lib.js", ""}};
    EXPECT_EQ(resolve(files, "/app/main.js", "./lib/a.js"), "/app/lib/a.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./lib/a"), "/app/lib/a.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./lib/m"), "/app/lib/m.mjs");
    EXPECT_EQ(resolve(files, "/app/main.js", "./data"), "/app/data.json");
    EXPECT_EQ(resolve(files, "/app/lib/a.js", "../data.json"), "/app/data.json");
    EXPECT_EQ(resolve(files, "/app/lib/a.js", "../../top"), "/top.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "/top.js"), "/top.js");
    EXPECT_EQ(resolve(files, "/app/main.js", ".//lib/../lib/./a.js"), "/app/lib/a.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./exact"), "/app/exact") << "the exact file comes first";
    EXPECT_EQ(resolve(files, "/app/main.js", "./lib"), "/app/lib.js") << "a file comes before a folder";
}

// Each of these may be as large as one can be, and is read and parsed before the next folder is looked into.
TEST(ModuleResolver, BoundsWhatOneImportReadsOfPackages) {
    const std::string package = R"({"name": "p", "filling": ")" + std::string(1'000'000, 'x') + "\"}";
    const auto files = std::make_shared<MemoryFileSystem>();
    std::string folder;
    std::string importer;
    for (int i = 0; i < 10; ++i) {
        folder += "/d";
        ASSERT_TRUE(files->add(folder + "/node_modules/p/package.json", package));
        if (i == 3) importer = folder + "/main.js";
    }
    ASSERT_TRUE(files->add("/d/node_modules/p/index.js", ""));
    const ModuleResolver resolver(files);
    EXPECT_EQ(resolve(resolver, {.name = importer, .script_folder = {}}, "p"), "/d/node_modules/p/index.js");
    EXPECT_THAT(resolve(resolver, {.name = folder + "/main.js", .script_folder = {}}, "p"),
                HasSubstr("the package.json files that are read to find it have more than 4 MiB"));
}

TEST(ModuleResolver, TellsJsonFromSource) {
    const ModuleResolver resolver(std::make_shared<EmbeddedFileSystem>(
        std::initializer_list<EmbeddedFile>{{"/a.js", "A"}, {"/b.json", "\xef\xbb\xbf{}"}}));
    EXPECT_EQ(resolver.resolve({.name = "/x", .script_folder = {}}, "./a")->kind, ModuleKind::source);
    EXPECT_EQ(resolver.resolve({.name = "/x", .script_folder = {}}, "./b")->kind, ModuleKind::json);
    EXPECT_EQ(resolver.read("/a.js")->kind, ModuleKind::source);
    EXPECT_EQ(resolver.read("/a.js")->text, "A");
    EXPECT_EQ(resolver.read("/b.json")->kind, ModuleKind::json);
    EXPECT_EQ(resolver.read("/b.json")->text, "{}") << "without the byte order mark, which JSON.parse does not take";
}

TEST(ModuleResolver, FindsFolders) {
    const std::initializer_list<EmbeddedFile> files{
        {"/app/a/index.js", ""},
        {"/app/b/index.mjs", ""},
        {"/app/c/package.json", R"({"main": "lib/start"})"},
        {"/app/c/lib/start.js", ""},
        {"/app/c/index.js", ""},
        {"/app/d/package.json", R"({"main": "./cjs.js", "module": "./esm.mjs"})"},
        {"/app/d/esm.mjs", ""},
        {"/app/d/cjs.js", ""},
        {"/app/e/package.json", R"({"main": "gone.js"})"},
        {"/app/e/index.js", ""},
        {"/app/f/package.json", R"({"main": "sub"})"},
        {"/app/f/sub/index.js", ""},
        {"/app/g/package.json", R"({"main": "../a/index.js"})"},
        {"/app/h/other.js", ""},
        {"/app/index.js", ""}};
    EXPECT_EQ(resolve(files, "/app/main.js", "./a"), "/app/a/index.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./a/"), "/app/a/index.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./b"), "/app/b/index.mjs");
    EXPECT_EQ(resolve(files, "/app/main.js", "./c"), "/app/c/lib/start.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./d"), "/app/d/esm.mjs");
    EXPECT_EQ(resolve(files, "/app/main.js", "./e"), "/app/e/index.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "./f"), "/app/f/sub/index.js");
    EXPECT_EQ(resolve(files, "/app/main.js", "."), "/app/index.js");
    EXPECT_EQ(resolve(files, "/app/a/x.js", ".."), "/app/index.js");
    EXPECT_THAT(resolve(files, "/app/main.js", "./g"),
                AllOf(HasSubstr("/app/g/package.json"), HasSubstr("../a/index.js")));
    EXPECT_THAT(resolve(files, "/app/main.js", "./h"), HasSubstr("/app/h/index.js"));
}

TEST(ModuleResolver, FindsPackages) {
    const std::initializer_list<EmbeddedFile> files{
        {"/app/node_modules/plain/index.js", ""},
        {"/app/node_modules/plain/lib/x.js", ""},
        {"/app/node_modules/main/package.json", R"({"main": "m.js"})"},
        {"/app/node_modules/main/m.js", ""},
        {"/app/node_modules/@scope/pkg/package.json", R"({"module": "esm/index.js", "main": "cjs/index.js"})"},
        {"/app/node_modules/@scope/pkg/esm/index.js", ""},
        {"/app/node_modules/@scope/pkg/util.mjs", ""},
        {"/app/node_modules/plain/node_modules/nested/index.js", ""},
        {"/node_modules/top/index.js", ""},
        {"/node_modules/plain/index.js", ""},
        {"/node_modules/single.js", ""}};
    EXPECT_EQ(resolve(files, "/app/src/main.js", "plain"), "/app/node_modules/plain/index.js");
    EXPECT_EQ(resolve(files, "/main.js", "plain"), "/node_modules/plain/index.js") << "the nearest one";
    EXPECT_EQ(resolve(files, "/app/src/main.js", "plain/lib/x"), "/app/node_modules/plain/lib/x.js");
    EXPECT_EQ(resolve(files, "/app/src/main.js", "plain/lib/x.js"), "/app/node_modules/plain/lib/x.js");
    EXPECT_EQ(resolve(files, "/app/src/main.js", "main"), "/app/node_modules/main/m.js");
    EXPECT_EQ(resolve(files, "/app/src/main.js", "@scope/pkg"), "/app/node_modules/@scope/pkg/esm/index.js");
    EXPECT_EQ(resolve(files, "/app/src/main.js", "@scope/pkg/util"), "/app/node_modules/@scope/pkg/util.mjs");
    EXPECT_EQ(resolve(files, "/app/src/main.js", "top"), "/node_modules/top/index.js");
    EXPECT_EQ(resolve(files, "/app/node_modules/plain/index.js", "main"), "/app/node_modules/main/m.js");
    EXPECT_EQ(resolve(files, "/app/node_modules/plain/index.js", "nested"),
              "/app/node_modules/plain/node_modules/nested/index.js");
    EXPECT_THAT(resolve(files, "/app/src/main.js", "nested"),
                AllOf(StartsWith("/app/src/main.js imports \"nested\", but there is no such module (looked for "
                                 "/app/src/node_modules/nested, /app/node_modules/nested, /node_modules/nested"),
                      HasSubstr(")")));
}

TEST(ModuleResolver, PackagesOfferWhatTheyExportAndNothingElse) {
    const std::initializer_list<EmbeddedFile> files{
        {"/node_modules/p/package.json",
         R"({"name": "p", "main": "./hidden.js", "exports": {".": {"import": "./esm.js", "require": "./cjs.cjs"},
             "./sub/*": "./lib/*.js", "./cjs": {"require": "./cjs.cjs"}, "./gone": "./gone.js", "./bad": "../../x.js",
             "./no-ending": "./lib/a"}})"},
        {"/node_modules/p/esm.js", ""},
        {"/node_modules/p/hidden.js", ""},
        {"/node_modules/p/lib/a.js", ""},
        {"/node_modules/bad/package.json", "{\"main\": 'x'}"},
        {"/node_modules/bad/index.js", ""}};
    EXPECT_EQ(resolve(files, "/main.js", "p"), "/node_modules/p/esm.js");
    EXPECT_EQ(resolve(files, "/main.js", "p/sub/a"), "/node_modules/p/lib/a.js");
    EXPECT_EQ(resolve(files, "/node_modules/p/lib/a.js", "p"), "/node_modules/p/esm.js");
    const std::string exports = "the \"exports\" of /node_modules/p/package.json";
    EXPECT_THAT(resolve(files, "/main.js", "p/hidden.js"), HasSubstr(exports + " do not offer it"));
    EXPECT_THAT(resolve(files, "/main.js", "p/lib/a.js"), HasSubstr(exports + " do not offer it"));
    EXPECT_THAT(resolve(files, "/main.js", "p/cjs"), HasSubstr("only under \"require\""));
    EXPECT_THAT(resolve(files, "/main.js", "p/gone"),
                HasSubstr("name /node_modules/p/gone.js for it, which is not there"));
    EXPECT_THAT(resolve(files, "/main.js", "p/bad"), HasSubstr("../../x.js"));
    EXPECT_THAT(resolve(files, "/main.js", "p/no-ending"),
                HasSubstr("/node_modules/p/lib/a for it, which is not there"));
    EXPECT_THAT(resolve(files, "/main.js", "bad"),
                AllOf(HasSubstr("/node_modules/bad/package.json is not JSON"), HasSubstr("offset 9")));
}

TEST(ModuleResolver, PackagesImportThemselvesAndTheirInternals) {
    const std::initializer_list<EmbeddedFile> files{
        {"/app/package.json",
         R"({"name": "me", "exports": {"./x": "./lib/x.js"}, "imports": {"#in/*": "./lib/*.js", "#dep": "dep"}})"},
        {"/app/lib/x.js", ""},
        {"/app/node_modules/dep/index.js", ""},
        {"/app/node_modules/bare/index.js", ""}};
    EXPECT_EQ(resolve(files, "/app/src/deep/main.js", "me/x"), "/app/lib/x.js");
    EXPECT_THAT(resolve(files, "/app/src/main.js", "me/lib/x.js"), HasSubstr("do not offer it"));
    EXPECT_EQ(resolve(files, "/app/src/main.js", "#in/x"), "/app/lib/x.js");
    EXPECT_EQ(resolve(files, "/app/src/main.js", "#dep"), "/app/node_modules/dep/index.js");
    EXPECT_THAT(resolve(files, "/app/src/main.js", "#none"),
                HasSubstr("\"imports\" of /app/package.json do not offer it"));
    EXPECT_THAT(resolve(files, "/app/node_modules/bare/index.js", "#in/x"),
                HasSubstr("in no package with \"imports\""));
}

TEST(ModuleResolver, ScriptsHaveFolders) {
    const ModuleResolver resolver(std::make_shared<EmbeddedFileSystem>(
        std::initializer_list<EmbeddedFile>{{"/app/lib/a.js", ""}, {"/a.js", ""}}));
    EXPECT_EQ(resolve(resolver, {.name = "handler.js", .script_folder = "/app/lib"}, "./a.js"), "/app/lib/a.js");
    EXPECT_EQ(resolve(resolver, {.name = "/app/x.js", .script_folder = "/"}, "./a.js"), "/a.js");
    EXPECT_EQ(resolve(resolver, {.name = "handler.js", .script_folder = {}}, "/a.js"), "/a.js");
    for (const char* const specifier : {"./a.js", "../a.js", "a", "#a"}) {
        EXPECT_THAT(resolve(resolver, {.name = "handler.js", .script_folder = {}}, specifier),
                    AllOf(StartsWith("handler.js imports \""), HasSubstr("with_virtual_base")))
            << specifier;
    }
}

TEST(ModuleResolver, SaysWhatCannotBeImported) {
    const std::initializer_list<EmbeddedFile> files{{"/a.js", ""},   {"/c.cjs", ""}, {"/n.node", ""},
                                                    {"/w.wasm", ""}, {"/t.tsx", ""}, {"/dir/x.js", ""}};
    const auto message = [&](std::string_view specifier) { return resolve(files, "/main.js", specifier); };
    EXPECT_THAT(message("./b.js"), AllOf(StartsWith("/main.js imports \"./b.js\", but there is no such module"),
                                         HasSubstr("looked for /b.js, /b.js.js, /b.js.mjs, /b.js.json)")));
    EXPECT_THAT(message("node:fs"), HasSubstr("no Node.js"));
    EXPECT_THAT(message("file:///a.js"), HasSubstr("not by a URL"));
    EXPECT_THAT(message("https://example.org/a.js"), HasSubstr("nothing is loaded by URL"));
    EXPECT_THAT(message("data:text/javascript,1"), HasSubstr("nothing is loaded by URL"));
    EXPECT_THAT(message(""), HasSubstr("names nothing"));
    EXPECT_THAT(message("../../a.js"), HasSubstr("leads out"));
    EXPECT_THAT(message("./a\\b.js"), HasSubstr("backslash"));
    EXPECT_THAT(message(std::string_view("./a\0.js", 7)), HasSubstr("NUL"));
    EXPECT_THAT(message("./\xff.js"), HasSubstr("not UTF-8"));
    EXPECT_THAT(message("./" + std::string(2000, 'x')), HasSubstr("longer than 1024 bytes"));
    EXPECT_LT(message("./" + std::string(2000, 'x')).size(), 500U);
    for (const char* const specifier : {"@scope", "@/x", "@scope/", "pkg/../other", "pkg//x", ".hidden", "pkg/./x"}) {
        EXPECT_THAT(message(specifier), HasSubstr("neither a path")) << specifier;
    }
    EXPECT_THAT(message("./n.node"), HasSubstr("native code"));
    EXPECT_THAT(message("./w.wasm"), HasSubstr("WebAssembly"));
    EXPECT_THAT(message("./t.tsx"), HasSubstr("JSX"));
    EXPECT_THAT(message("./dir"), HasSubstr("/dir/index.js"));
}

TEST(ModuleResolver, ReadsModulesOnly) {
    const ModuleResolver resolver(std::make_shared<EmbeddedFileSystem>(
        std::initializer_list<EmbeddedFile>{{"/a.js", "ok"}, {"/bad.js", "a\xff"}, {"/c.cjs", ""}}));
    EXPECT_EQ(resolver.read("/a.js")->text, "ok");
    EXPECT_THAT(resolver.read("/bad.js").error().message,
                AllOf(HasSubstr("/bad.js"), HasSubstr("not UTF-8 (at offset 1)")));
    EXPECT_THAT(resolver.read("/none.js").error().message, HasSubstr("no such file"));
    for (const std::string_view path : {"", "a.js", "/x/../a.js", "/a.js/", "host:a", "/\xff"}) {
        EXPECT_THAT(resolver.read(path).error().message, HasSubstr("not a file's path")) << path;
    }
}

// What Node.js's own rules make of a package, for `import` and for `require`.
TEST(ModuleResolver, FollowsTheRulesOfNodeForItsGuests) {
    const ModuleResolver resolver(std::make_shared<EmbeddedFileSystem>(std::initializer_list<EmbeddedFile>{
        {"/c.cjs", "common"},
        {"/data.json", "{}"},
        {"/node_modules/dual/package.json", R"({"exports": {"import": "./i.mjs", "require": "./r.cjs"}})"},
        {"/node_modules/dual/i.mjs", ""},
        {"/node_modules/dual/r.cjs", ""},
        {"/node_modules/nodes/package.json", R"({"exports": {"browser": "./b.js", "node": {"default": "./n.js"}}})"},
        {"/node_modules/nodes/n.js", ""},
        {"/node_modules/old/package.json", R"({"main": "lib/main", "module": "esm.js"})"},
        {"/node_modules/old/lib/main.js", ""},
        {"/node_modules/old/esm.js", ""},
        {"/node_modules/data/package.json", R"({"main": "all"})"},
        {"/node_modules/data/all.json", ""},
        {"/node_modules/web/package.json", R"({"exports": {"browser": "./b.js"}})"}}));
    const auto found = [&](std::string_view specifier, ImportRules rules) {
        auto module = resolver.resolve({.name = "/main.js", .script_folder = {}}, specifier, rules);
        return module ? module->path : module.error().message;
    };
    EXPECT_EQ(found("./c.cjs", ImportRules::node_import), "/c.cjs");
    EXPECT_EQ(found("./c", ImportRules::node_require), "/c.cjs");
    EXPECT_EQ(found("./data", ImportRules::node_require), "/data.json");
    EXPECT_EQ(found("dual", ImportRules::node_import), "/node_modules/dual/i.mjs");
    EXPECT_EQ(found("dual", ImportRules::node_require), "/node_modules/dual/r.cjs");
    EXPECT_EQ(found("nodes", ImportRules::node_require), "/node_modules/nodes/n.js");
    EXPECT_EQ(found("dual", ImportRules::require), "/node_modules/dual/r.cjs");
    EXPECT_EQ(found("old", ImportRules::require), "/node_modules/old/lib/main.js");
    EXPECT_EQ(found("old/", ImportRules::es_modules), "/node_modules/old/esm.js");
    EXPECT_EQ(found("old", ImportRules::es_modules), "/node_modules/old/esm.js");
    EXPECT_EQ(found("old", ImportRules::node_import), "/node_modules/old/lib/main.js");
    EXPECT_EQ(found("data", ImportRules::node_require), "/node_modules/data/all.json");
    EXPECT_THAT(
        found("web", ImportRules::node_require),
        HasSubstr(R"(none of the conditions "node", "require", "module-sync" and "default", only under "browser")"));
    EXPECT_THAT(found("node:nothing", ImportRules::node_import), HasSubstr("has no such module"));
    EXPECT_EQ(resolver.read("/c.cjs")->text, "common");
}

// Answers what it is told, and counts.
class OddFileSystem final : public FileSystem {
  public:
    enum class Oddity { nothing_there, throws, throws_a_number, fails, lies };
    explicit OddFileSystem(Oddity oddity) : oddity_(oddity) {}

    Result<std::optional<Entry>> find(std::string_view path) const override {
        answer(path);
        if (oddity_ == Oddity::fails)
            return std::unexpected(Error{.code = ErrorCode::internal, .message = "disk on fire"});
        if (oddity_ == Oddity::lies) return Entry{Kind::file, "../" + std::string(path)};
        return std::nullopt;
    }
    Result<std::optional<std::string>> read(std::string_view path) const override {
        answer(path);
        return std::nullopt;
    }
    unsigned asked() const { return asked_; }

  private:
    void answer(std::string_view path) const {
        ++asked_;
        EXPECT_TRUE(is_normal_path(path)) << path;
        if (oddity_ == Oddity::throws) throw std::runtime_error("thrown on purpose");
        if (oddity_ == Oddity::throws_a_number) throw 5;
    }
    Oddity oddity_;
    mutable std::atomic<unsigned> asked_{0};
};

TEST(ModuleResolver, SurvivesOddFileSystems) {
    const auto message = [](OddFileSystem::Oddity oddity) {
        return resolve(ModuleResolver(std::make_shared<OddFileSystem>(oddity)), {.name = "/a.js", .script_folder = {}},
                       "./b.js");
    };
    EXPECT_THAT(message(OddFileSystem::Oddity::throws), HasSubstr("thrown on purpose"));
    EXPECT_THAT(message(OddFileSystem::Oddity::throws_a_number), HasSubstr("the file system failed"));
    EXPECT_THAT(message(OddFileSystem::Oddity::fails), AllOf(HasSubstr("/a.js imports"), HasSubstr("disk on fire")));
    EXPECT_THAT(message(OddFileSystem::Oddity::lies), HasSubstr("wrong path"));
    EXPECT_FALSE(ModuleResolver(std::make_shared<OddFileSystem>(OddFileSystem::Oddity::throws)).read("/a.js"));
}

TEST(ModuleResolver, BoundsTheLookupsOfAnImport) {
    const auto files = std::make_shared<OddFileSystem>(OddFileSystem::Oddity::nothing_there);
    const ModuleResolver resolver(files);
    std::string deep;
    while (deep.size() + 2 <= FileSystem::kLongestPath) deep += "/d";
    EXPECT_THAT(resolve(resolver, {.name = deep, .script_folder = {}}, "pkg"), HasSubstr("more than 256 look-ups"));
    // Those that no file can have are counted, too, and not passed on.
    EXPECT_LE(files->asked(), ModuleResolver::kMostLookups);
    EXPECT_GE(files->asked(), ModuleResolver::kMostLookups - 16);
    EXPECT_THAT(resolve(resolver, {.name = deep + "/e", .script_folder = {}}, "pkg"),
                HasSubstr("importer's name is too long"));
}

// Whatever a guest says, the file system is only asked for normal paths, and only files that it has come out of it.
TEST(ModuleResolver, HostileImportsStayInTheFileSystem) {
    const auto files = std::make_shared<EmbeddedFileSystem>(std::initializer_list<EmbeddedFile>{
        {"/a.js", ""},
        {"/a/b.js", ""},
        {"/a/package.json",
         R"({"name": "a", "main": "..", "exports": {"./*": "./*"}, "imports": {"#*": "./*", "##*": "*"}})"},
        {"/node_modules/a/package.json", R"({"exports": {".": ["..", "./b.js"], "./*": "./*/../*"}})"},
        {"/node_modules/a/b.js", ""},
        {"/node_modules/@a/b/package.json", R"({"main": "../../../a.js", "module": "./index"})"},
        {"/node_modules/@a/b/index.js", ""},
        {"/b/index.mjs", ""}});
    const auto watching = std::make_shared<OddFileSystem>(OddFileSystem::Oddity::nothing_there);
    const ModuleResolver resolver(files);
    const ModuleResolver watched(watching);
    using namespace std::string_view_literals;
    constexpr std::array kPieces{
        "/"sv,     "."sv,     ".."sv,   "a"sv,   "b"sv,  "@"sv,     "#"sv,    "node_modules"sv, ".js"sv,
        "\\"sv,    "\0"sv,    "\xff"sv, "%2e"sv, ":"sv,  "*"sv,     "😊"sv,   "./"sv,           "../"sv,
        "host:"sv, "node:"sv, "//"sv,   " "sv,   "\n"sv, "index"sv, ".mjs"sv, "package.json"sv, "@a/b"sv};
    std::mt19937 random(20240229);
    const auto text = [&](std::size_t longest) {
        std::string made;
        for (auto i = random() % (longest + 1); i > 0; --i) made += kPieces[random() % kPieces.size()];
        return made;
    };
    unsigned found = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string name = (i % 3 == 0 ? "" : "/") + text(5);
        if (i % 500 == 0) name += std::string(5000, 'x');
        std::string specifier = (i % 2 == 0 ? "" : "./") + text(6);
        if (i % 700 == 0) specifier += std::string(2000, '.');
        const Importer importer{.name = name, .script_folder = i % 4 == 0 ? std::optional("/a"sv) : std::nullopt};
        const auto module = resolver.resolve(importer, specifier);
        if (module) {
            ++found;
            ASSERT_TRUE(is_normal_path(module->path));
            ASSERT_TRUE(*files->read(module->path)) << module->path;
        } else {
            ASSERT_TRUE(base::is_utf8(module.error().message));
            ASSERT_LT(module.error().message.size(), 2000U);
        }
        (void)watched.resolve(importer, specifier);
        (void)resolver.read(name);
    }
    EXPECT_GT(found, 100U) << "most of what was made up found nothing, so that nothing was tested";
    EXPECT_GT(watching->asked(), 5'000U);
}

TEST(ModuleResolver, AsksForPathsOnlyWhateverTheScriptsFolderIs) {
    // Which checks what it is asked for.
    const ModuleResolver resolver(std::make_shared<OddFileSystem>(OddFileSystem::Oddity::nothing_there));
    std::string deep;
    for (int i = 0; i < 40'000; ++i) deep += "/a";
    for (const std::string& folder :
         {std::string(), std::string(".."), std::string("relative/x"), std::string("/app/../../.."),
          std::string("/a\\b"), std::string("/a/"), std::string("/\xff"), deep}) {
        for (const char* const specifier : {"./x", "../x", "x", "#x", "@a/b"}) {
            const std::string message = resolve(resolver, {.name = "s.js", .script_folder = folder}, specifier);
            EXPECT_THAT(message, HasSubstr("s.js imports"));
            EXPECT_LT(message.size(), 2000U);
        }
    }
}

}  // namespace
}  // namespace curfew::sandbox
