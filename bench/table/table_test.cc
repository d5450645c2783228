#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/cpus.h"
#include "table/echo_process.h"
#include "table/empty_cell.h"
#include "table/measure.h"
#include "table/native_engine.h"
#include "table/print.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Row row_with(Goal goal, Figures measured = {100, 300}, std::optional<Figures> bare = Figures{80, 90}) {
    return {.what = "a call", .beside = "a bare call", .measured = measured, .bare = bare, .goal = goal};
}

TEST(Summarize, TakesTheMedianAndTheNinetyNinthPercentile) {
    std::vector<double> measurements;
    for (int i = 1000; i >= 1; --i) measurements.push_back(i);
    EXPECT_EQ(summarize(measurements).median, 500);
    EXPECT_EQ(summarize(measurements).p99, 991);
    EXPECT_EQ(summarize({7}).median, 7);
    EXPECT_EQ(summarize({7}).p99, 7);
}

TEST(Summarize, TakesTheSlowEndOfRates) {
    std::vector<double> rates;
    for (int i = 1000; i >= 1; --i) rates.push_back(i);
    EXPECT_EQ(summarize_rates(rates).median, 500);
    EXPECT_EQ(summarize_rates(rates).p99, 10);
    EXPECT_EQ(summarize_rates({7}).p99, 7);
}

TEST(ByTurns, DoesEachInItsTurnAndKeepsAllThatIsMeasured) {
    std::string order;
    double count = 0;
    const auto subject = [&](char name) {
        return Subject{.once = [&order, &count, name]() -> Result<double> {
                           order += name;
                           return ++count;
                       },
                       .before_turn = [&order] { order += '('; },
                       .after_turn = [&order] { order += ')'; }};
    };
    const auto measured = by_turns({.rounds = 2, .batch = 2, .warm_up = 1}, {subject('a'), subject('b')});
    ASSERT_TRUE(measured);
    EXPECT_EQ(order, "(a)(b)(aa)(bb)(aa)(bb)");
    EXPECT_THAT(*measured, ElementsAre(ElementsAre(3, 4, 7, 8), ElementsAre(5, 6, 9, 10)));
}

TEST(ByTurns, StopsAtAFailureAfterTheTurnsEnd) {
    bool ended = false;
    const Subject fails{.once = []() -> Result<double> { return std::unexpected(Error{.message = "no"}); },
                        .after_turn = [&] { ended = true; }};
    const auto measured = by_turns({.rounds = 1}, {fails});
    ASSERT_FALSE(measured);
    EXPECT_EQ(measured.error().message, "no");
    EXPECT_TRUE(ended);
}

TEST(EchoProcess, GivesTheTurnBack) {
    for (const EchoProcess::Way way : {EchoProcess::Way::futex, EchoProcess::Way::spin}) {
        auto process = EchoProcess::start(way, base::allowed_cpus().back());
        ASSERT_TRUE(process) << process.error().message;
        for (int turn = 0; turn < 3; ++turn) {
            if (way == EchoProcess::Way::spin) (*process)->wake_up();
            for (int i = 0; i < 10; ++i) (*process)->call();
            if (way == EchoProcess::Way::spin) (*process)->sleep();
        }
    }
}

TEST(EmptyCell, CanBeCalledAgainAndAgain) {
    auto cell = make_empty_cell(cell::Handover::block);
    ASSERT_TRUE(cell) << cell.error().message;
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(call_empty(**cell));
}

TEST(NativeEngine, RunsTheHandlerThatCellsRun) {
    auto engine = NativeEngine::load(kRedirect);
    ASSERT_TRUE(engine) << engine.error().message;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(engine->call(kRedirectEvent).value(), kRedirectResult);
        engine->collect_garbage();
    }
    EXPECT_THAT(engine->call("{").error().message, HasSubstr("JSON"));
    EXPECT_THAT(NativeEngine::load("function handler(").error().message, HasSubstr("SyntaxError"));
}

TEST(Reached, ComparesAsTheGoalSays) {
    using enum Goal::Kind;
    EXPECT_EQ(reached(row_with({})), std::nullopt);
    EXPECT_EQ(reached(row_with({at_most_times, 1.25})), true);
    EXPECT_EQ(reached(row_with({at_most_times, 1.24})), false);
    EXPECT_EQ(reached(row_with({at_most_times, 3, Of::p99})), false);
    EXPECT_EQ(reached(row_with({at_most_times, 4, Of::p99})), true);
    EXPECT_EQ(reached(row_with({at_least_times, 1.25})), true);
    EXPECT_EQ(reached(row_with({at_least_times, 1.26})), false);
    EXPECT_EQ(reached(row_with({at_most_more, 20})), true);
    EXPECT_EQ(reached(row_with({at_most_more, 19})), false);
    EXPECT_EQ(reached(row_with({at_most, 100})), true);
    EXPECT_EQ(reached(row_with({at_most, 99})), false);
    EXPECT_EQ(reached(row_with({at_most, 99}, {100, 300}, std::nullopt)), false);
    EXPECT_EQ(reached(row_with({at_most_times, 99}, {100, 300}, std::nullopt)), std::nullopt);
}

TEST(Table, PrintsFiguresInUnitsThatSuit) {
    Row row = row_with({.kind = Goal::Kind::at_most_more, .limit = 60'000}, {48'123, 1'250'000}, Figures{999, 2e9});
    EXPECT_THAT(table_line(row), HasSubstr("48.1 us / 1.25 ms"));
    EXPECT_THAT(table_line(row), HasSubstr("999 ns / 2 s"));
    EXPECT_THAT(table_line(row), HasSubstr("48.2x"));
    EXPECT_THAT(table_line(row), HasSubstr("at most 60 us more"));
    EXPECT_THAT(table_line(row), HasSubstr("reached\n    a bare call\n"));
    row = {.what = "memory", .unit = Unit::bytes, .measured = {393'216, 1'048'576}, .goal = {Goal::Kind::at_most, 100}};
    EXPECT_THAT(table_line(row), HasSubstr("384 KiB / 1 MiB"));
    EXPECT_THAT(table_line(row), HasSubstr("MISSED\n"));
    row = {.what = "rate", .unit = Unit::per_second, .measured = {12345, 12000}};
    EXPECT_THAT(table_line(row), HasSubstr("12345 /s"));
}

TEST(AllBenchmarks, AreFoundByTheNamesThatTheTableShows) {
    const auto meant = [](std::string_view text) {
        std::vector<std::string_view> names;
        for (const Benchmark& benchmark : all_benchmarks()) {
            if (benchmark.is_meant_by(text)) names.push_back(benchmark.name);
        }
        return names;
    };
    EXPECT_THAT(meant("empty guest"), ElementsAre("blocking call", "spinning call"));
    EXPECT_THAT(meant("tight loop"), ElementsAre("kill"));
    EXPECT_THAT(meant("snapshot file"), ElementsAre("snapshot file"));
    EXPECT_EQ(meant("").size(), all_benchmarks().size());

    EXPECT_THAT(meant("Tight LOOP"), ElementsAre("kill"));
    EXPECT_THAT(meant("snapshot::load"), ElementsAre("snapshot file"));
    EXPECT_THAT(meant("after 1000 dirty pages"), ElementsAre("restore of dirty pages"));
    EXPECT_THAT(meant("handle_event without restore"), IsEmpty());  // what a row stands beside is not its name
    EXPECT_THAT(meant("2 threads: each"), testing::Contains("pool"));
    EXPECT_THAT(meant("waitmode::spin"), ElementsAre("handle_event, spinning"));
    EXPECT_THAT(meant("no such thing"), IsEmpty());

    const Benchmark benchmark{"computing", "fib(30)\nsort", nullptr};
    EXPECT_TRUE(benchmark.is_meant_by("SORT"));
    EXPECT_FALSE(benchmark.is_meant_by("fib(30)\nsort"));  // no name has two lines
    EXPECT_TRUE(benchmark.prints({.what = "fib(30)"}, "FIB"));
    EXPECT_TRUE(benchmark.names({.what = "fib(30)"}));
    EXPECT_FALSE(benchmark.names({.what = "fib"}));
    EXPECT_TRUE(benchmark.prints({.what = "fib(30)"}, "fib"));
    EXPECT_FALSE(benchmark.prints({.what = "sort"}, "fib"));
    EXPECT_TRUE(benchmark.prints({.what = "sort"}, "comp"));
}

TEST(Table, SaysWhyARowIsMissing) {
    EXPECT_EQ(table_gap("restore", "No memfd."), "restore\n    could not be measured here: No memfd.\n");
}

TEST(Json, HoldsEveryFigure) {
    const std::vector rows{row_with({Goal::Kind::at_most_times, 1.5}), row_with({}, {1, 2}, std::nullopt)};
    const auto json = nlohmann::json::parse(to_json(rows));
    ASSERT_EQ(json.size(), 2u);
    EXPECT_EQ(json[0], nlohmann::json::parse(R"({"what":"a call","unit":"ns","median":100.0,"p99":300.0,
        "beside":{"what":"a bare call","median":80.0,"p99":90.0},"goal":"at most 1.5x","reached":true})"));
    EXPECT_FALSE(json[1].contains("beside"));
    EXPECT_FALSE(json[1].contains("goal"));
    EXPECT_FALSE(json[1].contains("reached"));
}

TEST(AllBenchmarks, HaveNamesOfTheirOwn) {
    std::vector<std::string_view> names;
    for (const Benchmark& benchmark : all_benchmarks()) names.push_back(benchmark.name);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    EXPECT_FALSE(names.empty());
}

}  // namespace
}  // namespace curfew::bench
