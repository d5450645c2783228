// Small checkouts, made here, run in cells.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "report.h"
#include "runner.h"
#include "suite.h"

namespace curfew::conform {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ConformSuites : public ::testing::Test {
  protected:
    ConformSuites()
        : folder_(std::filesystem::temp_directory_path() / ("curfew-conform-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
        write("harness/assert.js", "function assert(value) { if (!value) throw new Test262Error('wrong'); }");
        write("harness/sta.js",
              "class Test262Error { constructor(message) { this.message = message; this.name = 'Test262Error'; } }");
        write("harness/doneprintHandle.js",
              "function $DONE(error) { print(error ? 'Test262:AsyncTestFailure:' + error : "
              "'Test262:AsyncTestComplete'); }");
        std::filesystem::create_directories(folder_ / "test");
    }
    ~ConformSuites() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    void write(const std::string& path, const std::string& text) const {
        std::filesystem::create_directories((folder_ / path).parent_path());
        std::ofstream(folder_ / path) << text;
    }

    Plan plan(const Suite& suite, Selection selection = {}) const {
        selection.engine = engine();
        return suite.plan(selection);
    }

    Report run(const Suite& suite) const {
        const Plan all = plan(suite);
        const RunOptions options{.engine = engine(), .jobs = 2, .time_limit = 2s, .heap = 64 << 20};
        const auto outcomes = run_cases(suite, all.cases, options, [] {});
        if (!outcomes) throw std::runtime_error(outcomes.error().message);
        return make_report(all, *outcomes);
    }

    static Engine engine() { return default_engine().value(); }

    std::filesystem::path folder_;
};

std::vector<std::string> names(const std::vector<Case>& cases) {
    std::vector<std::string> names;
    for (const Case& test : cases) names.push_back(test.path + " " + test.variant);
    return names;
}

TEST_F(ConformSuites, RunsTheVariantsThatATestOfTheLanguageAsksFor) {
    write("test/a.js", "/*--- ---*/");
    write("test/b.js", "/*---\nflags: [onlyStrict]\n---*/");
    write("test/c.js", "/*---\nflags: [noStrict]\n---*/");
    write("test/d.js", "/*---\nflags: [module]\n---*/");
    write("test/e.js", "/*---\nflags: [raw]\n---*/");
    write("test/f.js", "/*---\nfeatures: [IsHTMLDDA]\n---*/");
    write("test/g.js", "/*---\nfeatures: [late]\n---*/");
    write("test/h_FIXTURE.js", "");
    const auto suite = open_test262(folder_);
    const Plan all = plan(*suite, {.skip_features = {"late"}});
    EXPECT_THAT(names(all.cases), ElementsAre("test/a.js sloppy", "test/a.js strict", "test/b.js strict",
                                              "test/c.js sloppy", "test/d.js module", "test/e.js sloppy"));
    ASSERT_THAT(all.skipped, SizeIs(2));
    EXPECT_EQ(all.skipped[1].reason, "has the feature late");
    EXPECT_THAT(names(plan(*suite, {.only = "test/b"}).cases), ElementsAre("test/b.js strict"));
    EXPECT_THAT(names(plan(*suite, {.every = 4}).cases),
                ElementsAre("test/a.js sloppy", "test/a.js strict", "test/e.js sloppy"));
}

TEST_F(ConformSuites, RunsTestsOfTheLanguage) {
    write("test/fails.js", "/*---\nflags: [noStrict]\n---*/ assert(false);");
    write("test/passes.js", "/*--- ---*/ assert(true);");
    write("test/sloppy.js", "/*---\nflags: [noStrict]\n---*/ assert(function () { return this; }() === globalThis);");
    write("test/strict.js", "/*---\nflags: [onlyStrict]\n---*/ assert(function () { return this; }() === undefined);");
    write("test/module.js", "/*---\nflags: [module]\n---*/ import { x } from './x_FIXTURE.js'; assert(x === 1);");
    write("test/x_FIXTURE.js", "export const x = 1;");
    write("test/async.js", "/*---\nflags: [async]\n---*/ Promise.resolve().then(() => $DONE());");
    write("test/parse.js", "/*---\nnegative:\n  phase: parse\n  type: SyntaxError\n---*/ throw 'ran'; var var;");
    write("test/state.js", "/*--- ---*/ assert(globalThis.left === undefined); globalThis.left = 1;");
    write("test/detach.js",
          "/*--- ---*/ var b = new ArrayBuffer(4); $262.detachArrayBuffer(b); assert(b.byteLength === 0);");
    const Report report = run(*open_test262(folder_));
    EXPECT_EQ(report.passed, 13U) << text_of(report);
    ASSERT_THAT(report.failures, SizeIs(1)) << text_of(report);
    EXPECT_EQ(report.failures[0].test.path, "test/fails.js");
    EXPECT_THAT(report.failures[0].outcome.message, HasSubstr("wrong"));
}

TEST_F(ConformSuites, TellsWhatDoesNotEndWell) {
    write("test/loop.js", "/*---\nflags: [noStrict]\n---*/ for (;;);");
    write("test/never.js", "/*---\nflags: [noStrict, async]\n---*/");
    write("test/none.js", "/*---\nflags: [noStrict]\nnegative:\n  phase: runtime\n  type: TypeError\n---*/");
    write("test/other.js", "/*---\nflags: [noStrict]\nnegative:\n  phase: runtime\n  type: TypeError\n---*/ null_;");
    write("test/says.js", "/*---\nflags: [noStrict, async]\n---*/ $DONE('bad');");
    const Report report = run(*open_test262(folder_));
    ASSERT_THAT(report.failures, SizeIs(5)) << text_of(report);
    EXPECT_TRUE(report.failures[0].outcome.ended);
    EXPECT_FALSE(report.failures[1].outcome.passed);
    EXPECT_THAT(report.failures[2].outcome.message, HasSubstr("did not fail; a TypeError was expected"));
    EXPECT_THAT(report.failures[3].outcome.message,
                HasSubstr("a TypeError was expected (runtime), not ReferenceError"));
    EXPECT_EQ(report.failures[4].outcome.message, "bad");
}

TEST_F(ConformSuites, RunsTestsOfTheWeb) {
    // As much of a harness as these need.
    write("resources/testharness.js",
          "let all = []; globalThis.test = (run, name) => { try { run(); all.push({ name, status: 0 }); } catch (e) { "
          "all.push({ name, "
          "status: 1, message: e.message }); } };"
          "globalThis.add_completion_callback = (done) => Promise.resolve().then(() => done(all, { status: 0 }));");
    write("a/b.any.js",
          "// META: script=help.js\n// META: variant=?1\n// META: variant=?2\n"
          "test(help, 'one'); test(() => { if (location.search === '?2') throw new Error('no'); }, 'two');");
    write("a/help.js", "globalThis.help = () => {};");
    write("a/dom.any.js", "document.title");
    write("a/lost.any.js", "// META: script=gone.js\n");
    const Report report = run(*open_wpt(folder_));
    EXPECT_EQ(report.passed, 1U) << text_of(report);
    EXPECT_EQ(report.parts_passed, 3U);
    ASSERT_THAT(report.failures, SizeIs(1)) << text_of(report);
    EXPECT_EQ(report.failures[0].test.variant, "?2");
    EXPECT_EQ(report.failures[0].outcome.message, "two: no");
    EXPECT_THAT(report.skipped, SizeIs(2));
}

TEST_F(ConformSuites, RefusesFoldersThatAreNoCheckout) {
    std::filesystem::remove(folder_ / "harness/sta.js");
    EXPECT_THROW(open_test262(folder_), std::runtime_error);
    EXPECT_THROW(open_wpt(folder_), std::runtime_error);
}

}  // namespace
}  // namespace curfew::conform
