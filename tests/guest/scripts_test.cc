// Runs the scripts of tests/guest/scripts/ in a cell, and compares what happens with what they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <curfew/engine.h>

#include "guest/guest_session.h"
#include "guest/script_case.h"

namespace curfew::guest::testing {
namespace {

using ::testing::HasSubstr;

std::vector<std::filesystem::path> scripts() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(CURFEW_GUEST_SCRIPTS)) {
        if (entry.path().extension() == ".js") found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

std::string shown(const Printed& printed) {
    static constexpr std::array kLevels = {"print", "log", "info", "warn", "error", "debug"};
    const auto level = static_cast<std::size_t>(printed.level);
    std::string line = level < kLevels.size() ? kLevels[level] : "unknown";
    if (!printed.text.empty()) line += " " + printed.text;
    return line;
}

void expect_printed(const Expectation& expected, const Answer& answer) {
    std::vector<std::string> lines;
    std::ranges::transform(answer.printed, std::back_inserter(lines), shown);
    if (!expected.prints) {
        EXPECT_EQ(lines, expected.printed);
        return;
    }
    EXPECT_EQ(lines.size(), *expected.prints);
    auto from = lines.begin();
    for (const auto& line : expected.printed) {
        from = std::find(from, lines.end(), line);
        ASSERT_NE(from, lines.end()) << line;
    }
}

void expect_answer(const Expectation& expected, const Answer& answer) {
    expect_printed(expected, answer);
    if (expected.errors.empty()) {
        ASSERT_EQ(answer.kind, wire::MessageKind::done) << answer.name << '\n' << answer.payload;
        EXPECT_EQ(answer.payload, expected.result.value_or(""));
        return;
    }
    ASSERT_EQ(answer.kind, wire::MessageKind::failed) << answer.payload;
    for (const auto& part : expected.errors) EXPECT_THAT(answer.name, HasSubstr(part));
    for (const auto& part : expected.stack) EXPECT_THAT(answer.payload, HasSubstr(part));
    EXPECT_EQ(answer.flags & ~wire::kDescribed, expected.flags);
}

class Script : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Script, DoesWhatItSays) {
    const ScriptCase test = read_script_case(GetParam(), name_of(default_engine().value()));
    ASSERT_TRUE(!test.load.errors.empty() || !test.calls.empty()) << "the file says nothing";
    GuestSession session({.heap = test.heap, .stack = kSessionSizes.stack});
    ASSERT_EQ(session.boot().kind, wire::MessageKind::ready);
    expect_answer(test.load, session.load("handler", test.source, test.name));
    for (const auto& call : test.calls) {
        SCOPED_TRACE("event " + call.event);
        expect_answer(call, session.call("handler", call.event, wire::kCollectGarbage));
    }
}

INSTANTIATE_TEST_SUITE_P(Guest, Script, ::testing::ValuesIn(scripts()),
                         [](const auto& script) { return script.param.stem().string(); });

}  // namespace
}  // namespace curfew::guest::testing
