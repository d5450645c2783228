#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include <curfew/file_system.h>
#include <curfew/sandbox.h>

#include "sandbox/code/type_stripper.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::strip_types;
using sandbox::testing::start_sandbox;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string stripped(std::string_view source) {
    const auto done = strip_types("a.ts", source);
    return done ? *done : done.error().message;
}

TEST(StripTypesTest, LeavesBlanksWhereTypesWere) {
    EXPECT_EQ(stripped("const a: number = 1;\nlet b!: string"), "const a         = 1;\nlet b ;       ");
    EXPECT_EQ(stripped("function f<T>(this: Foo, x?: T): x is T { return x! as T }"),
              "function f   (           x    )         { return x ;     }");
    EXPECT_EQ(stripped("class A<T> extends B<T> implements C, D { private readonly x: T = 1 }"),
              "class A    extends B                    { ;                x    = 1 }");
    EXPECT_EQ(stripped("import { type A, b } from 'c'"), "import {         b } from 'c'");
    EXPECT_EQ(stripped("const a = <T,>(x: T): T => x; new Map<string, number>(); y satisfies Z;"),
              "const a =     (x   )    => x; new Map                (); y            ;");
}

TEST(StripTypesTest, DropsWhatHasNoCode) {
    EXPECT_EQ(stripped("interface A { x: number }\n1"), ";                        \n1");
    EXPECT_EQ(stripped("export type { A } from 'a';"), ";                          ");
    EXPECT_EQ(stripped("declare const x: 1"), ";                 ");
    EXPECT_EQ(stripped("declare namespace N { const x: 1 }"), ";                                 ");
    EXPECT_EQ(stripped("namespace N { export type A = 1; namespace M.O { interface B {} } ; declare const c: 1 }")
                  .find_first_not_of("; "),
              std::string::npos);
    EXPECT_EQ(stripped("export namespace N {}").find_first_not_of("; "), std::string::npos);
    EXPECT_EQ(stripped("function f(a: string): void;\nfunction f(a: any) {}"),
              ";                           \nfunction f(a     ) {}");
}

// What a line break has ended must not go on in the next line.
TEST(StripTypesTest, KeepsStatementsApart) {
    EXPECT_EQ(stripped("const x = y as T\n(z)"), "const x = y;    \n(z)");
    EXPECT_EQ(stripped("f()\ninterface A {}\n(g)()"), "f()\n;             \n(g)()");
    EXPECT_EQ(stripped("const f = (a: A): B<\n  C\n> => a"), "const f = (a        \n   \n) => a");
    EXPECT_EQ(stripped("for (let x = y as T; x; ) {}"), "for (let x = y     ; x; ) {}");
    EXPECT_EQ(stripped("if (a) b as T\nelse c!"), "if (a) b;    \nelse c;");
}

TEST(StripTypesTest, RefusesWhatNeedsMoreAndNamesThePlace) {
    EXPECT_THAT(stripped("1;\n  enum A { B }"),
                AllOf(HasSubstr("an enum is code of its own"), HasSubstr("(a.ts:2:3)")));
    EXPECT_THAT(stripped("namespace N { export type A = 1; namespace M { let x = 1 } }"),
                HasSubstr("is code of its own"));
    EXPECT_THAT(stripped("namespace N { export const x = 1 }"), HasSubstr("a namespace is code of its own"));
    EXPECT_THAT(stripped("class A { constructor(private x: number) {} }"), HasSubstr("a parameter property"));
    EXPECT_THAT(stripped("import x = require('y')"), HasSubstr("`import x = ...`"));
    EXPECT_THAT(stripped("export = 1"), HasSubstr("`export =`"));
    EXPECT_THAT(stripped("@d class A {}"), HasSubstr("decorators"));
    EXPECT_THAT(stripped("const x: = 1"), AllOf(HasSubstr("SyntaxError"), HasSubstr("(a.ts:1:10)")));
    EXPECT_THAT(stripped("const x = <div>a</div>"), HasSubstr("SyntaxError"));
    EXPECT_THAT(stripped(std::string(sandbox::kLargestTypeScript + 1, ' ')), HasSubstr("compile it first"));
}

TEST(StripTypesTest, GoesOnAfterTextsThatAskTooMuch) {
    EXPECT_THAT(stripped(std::string(200'000, '(')), HasSubstr("a.ts"));
    EXPECT_EQ(stripped("let a: 1"), "let a;  ");
}

TEST(TypeScriptTest, RunsAsAHandlerAndKeepsPlaces) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler(
        "main", Script::typescript("interface Event { x: number }\n"
                                   "export function handler(event: Event): number {\n"
                                   "  const x: number = event.x; if (x < 0) throw new Error('no');\n"
                                   "  return x * 2;\n}")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handle_event("main", R"({"x":21})")->result, "42");
    const auto failed = loaded->handle_event("main", R"({"x":-1})");
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().stack,
                HasSubstr(sandbox::testing::tests_node() ? "handler.ts:3:47" : "handler.ts:3:51"));
}

TEST(TypeScriptTest, IsRefusedBeforeAnythingRuns) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(
        sandbox.add_handler("main", Script::typescript("enum A { B }\nexport const handler = () => A.B;", "e.ts")));
    const auto loaded = std::move(sandbox).load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::handler_error);
    EXPECT_FALSE(loaded.error().ran);
    EXPECT_THAT(loaded.error().message, HasSubstr("(e.ts:1:1)"));
}

TEST(TypeScriptTest, RunsAsAProgram) {
    auto sandbox = start_sandbox().load_without_handlers();
    ASSERT_TRUE(sandbox);
    const auto done = sandbox->evaluate(Script::typescript("import type { X } from 'nowhere';\nconst all: number[] = "
                                                           "await Promise.all([1, 2]); return all as number[]")
                                            .as_program());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "[1,2]");
}

TEST(TypeScriptTest, IsImportedFromFiles) {
    const auto files = std::make_shared<EmbeddedFileSystem>(std::initializer_list<EmbeddedFile>{
        {"/lib/a.ts", "import { b, type B } from './b.mts';\nexport const a: string = 'a' + (b as string);"},
        {"/lib/b.mts", "export type B = string; export const b: B = 'b';"},
        {"/lib/wrong.ts", "\nexport enum E { A }"}});
    auto proto = SandboxBuilder().with_modules(files).build();
    auto started = std::move(*proto).load_runtime();
    ASSERT_TRUE(started);
    auto sandbox = std::move(*started).load_without_handlers();
    ASSERT_TRUE(sandbox);
    EXPECT_EQ(sandbox->evaluate("import { a } from '/lib/a.ts'; a")->result, R"("ab")");
    const auto refused = sandbox->evaluate("await import('/lib/wrong.ts')");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("an enum"), HasSubstr("/lib/wrong.ts:2:8")));
}

}  // namespace
}  // namespace curfew
