#include "sandbox/code/program_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace curfew::sandbox {
namespace {

std::string body_of(std::string_view source) {
    const std::string text = program_text(source);
    return text.substr(text.find('\n') + 1);
}

std::string line_before(std::string_view source) {
    const std::string text = program_text(source);
    return text.substr(0, text.find('\n'));
}

TEST(ProgramTextTest, LeavesProgramsWithoutImportsAsTheyAre) {
    for (const char* source :
         {"", "1", "import('a')", "import.meta", "x; import a from 'b'", "importing = 1", "import a 'b'",
          "import {a} from b", "import {a", "import", "'unclosed", "/* unclosed"}) {
        EXPECT_EQ(body_of(source), source);
        EXPECT_EQ(line_before(source), "");
    }
}

TEST(ProgramTextTest, TurnsDeclarationsIntoCallsAndBlanksThem) {
    EXPECT_EQ(line_before("import 'a'; 1"), "await import('a'); ");
    EXPECT_EQ(body_of("import 'a'; 1"), "            1");
    EXPECT_EQ(line_before("import * as a from 'b'"), "const a = await import('b'); ");
    EXPECT_EQ(line_before("import a from 'b' with { type: 'json' }").substr(0, 22), "const {\"default\": a, }");
    EXPECT_EQ(body_of("// c\nimport {\n  a,\n} from 'b'\na"), "// c\n        \n    \n          \na");
    EXPECT_EQ(body_of("#!/bin/x\n1"), "        \n1");
}

// Whatever a text is, its lines and columns stay.
TEST(ProgramTextTest, KeepsTheShapeOfAnything) {
    std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same each time
    const std::string pieces[] = {"import ", "* as a ", "{ a",          ", b as c", "}",  " from ", "'m'",     "\"n\"",
                                  ";",       "\n",      "//",           "/*",       "*/", "with {", "default", "#!",
                                  "\\",      "'",       "\xef\xbb\xbf", "\xc3\xa4", "(",  "."};
    for (int round = 0; round < 20'000; ++round) {
        std::string source;
        for (unsigned long i = random() % 20; i > 0; --i) source += pieces[random() % std::size(pieces)];
        const std::string body = body_of(source);
        ASSERT_EQ(body.size(), source.size()) << source;
        ASSERT_EQ(std::ranges::count(body, '\n'), std::ranges::count(source, '\n')) << source;
        ASSERT_FALSE(line_before(source).contains('\n')) << source;
    }
}

}  // namespace
}  // namespace curfew::sandbox
