#include "report.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace curfew::conform {
namespace {

using ::testing::HasSubstr;

Report report_of_three() {
    const Plan plan{{{"a.js", "strict"}, {"a.js", "sloppy"}, {"b.any.js"}}, {{"c.js", "needs threads"}}};
    Report report = make_report(plan, {outcome_of_result(R"("")"), outcome_of_result(R"("Error: \u001b[2J")"),
                                       outcome_of_result(R"({"passed":3,"failures":["one: wrong"]})")});
    report.suite = "test262";
    report.engine = "quickjs";
    return report;
}

TEST(ConformOutcome, IsWhatTheHandlerSays) {
    EXPECT_TRUE(outcome_of_result(R"("")").passed);
    EXPECT_FALSE(outcome_of_result(R"("TypeError: no")").passed);
    EXPECT_TRUE(outcome_of_result(R"({"passed":1,"failures":[]})").passed);
    for (const char* strange : {"", "null", "{}", R"({"passed":-1,"failures":[]})", R"({"passed":1,"failures":1})"}) {
        EXPECT_FALSE(outcome_of_result(strange).passed) << strange;
        EXPECT_THAT(outcome_of_result(strange).message, HasSubstr("changed by the test")) << strange;
    }
}

TEST(ConformOutcome, TellsDeadCellsAndLimitsApart) {
    EXPECT_TRUE(outcome_of(std::unexpected(Error{.code = ErrorCode::guest_abort})).crashed);
    EXPECT_TRUE(outcome_of(std::unexpected(Error{.code = ErrorCode::cancelled})).ended);
    EXPECT_FALSE(outcome_of(std::unexpected(Error{.code = ErrorCode::handler_error})).crashed);
}

TEST(ConformReport, NamesFailuresAndCounts) {
    Report report = report_of_three();
    report.failures[0].beside = outcome_of_result(R"("")");
    report.failures[1].beside = outcome_of_result(R"("wrong there")");
    const std::string text = text_of(report);
    EXPECT_THAT(text, HasSubstr("FAIL a.js (sloppy): Error:  [2J\n     passes in Node\n"));
    EXPECT_THAT(text, HasSubstr("FAIL b.any.js: one: wrong\n     fails in Node too: wrong there\n"));
    EXPECT_THAT(text, HasSubstr("3 ran in 0 s, 1 passed (33.33 %), 2 failed"));
    EXPECT_THAT(text, HasSubstr("3 passed, 1 failed"));
    EXPECT_THAT(text, HasSubstr("of 2 failed ones, 1 fail in Node too"));
    EXPECT_THAT(text, HasSubstr("    1 needs threads\n"));
}

TEST(ConformReport, GivesTheCountsAsJson) {
    const std::string json = json_of(report_of_three());
    EXPECT_THAT(json, HasSubstr(R"("failed":2)"));
    EXPECT_THAT(json, HasSubstr(R"("skipped_by_reason":{"needs threads":1})"));
}

TEST(ConformReport, NeedsAnOutcomeForEachCase) {
    EXPECT_THROW(make_report({{{"a.js"}}, {}}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace curfew::conform
