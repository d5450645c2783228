// Limits by name: every row of the table, read, written and made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <set>
#include <string>

#include <curfew/limits.h>
#include <curfew/monitor.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr auto kNoInterrupt = [] {};

std::string refusal(const auto& result) {
    EXPECT_FALSE(result);
    if (result) return {};
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    return result.error().message;
}

TEST(LimitKinds, HaveNamesAndOptionsOfTheirOwn) {
    std::set<std::string_view> names;
    std::set<std::string_view> options;
    for (const LimitKind& kind : limit_kinds()) {
        EXPECT_FALSE(kind.name.empty());
        EXPECT_FALSE(kind.help.empty()) << kind.name;
        EXPECT_THAT(std::string(kind.help), Not(EndsWith("."))) << kind.name;
        EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
        EXPECT_EQ(find_limit_kind(kind.name), &kind);
        EXPECT_EQ(kind.example.empty(), kind.form == LimitForm::none) << kind.name;
        EXPECT_EQ(placeholder(kind.form).empty(), kind.form == LimitForm::none) << kind.name;
        if (kind.option.empty()) continue;
        EXPECT_THAT(std::string(kind.option), StartsWith("--"));
        EXPECT_TRUE(options.insert(kind.option).second) << kind.option;
        EXPECT_NE(kind.form, LimitForm::none) << kind.option;
    }
    EXPECT_EQ(find_limit_kind("cpu"), nullptr);
    EXPECT_EQ(find_limit_kind(""), nullptr);
}

TEST(MakeLimit, MakesTheMonitorOfTheName) {
    for (const LimitKind& kind : limit_kinds()) {
        if (kind.form == LimitForm::none) continue;
        const Result<AnyMonitor> monitor = make_limit(kind.name, kind.example);
        ASSERT_TRUE(monitor) << kind.name << ": " << monitor.error().message;
        EXPECT_EQ(monitor->name(), kind.name);
        EXPECT_FALSE(monitor->soft());
        EXPECT_TRUE(supervise(*monitor, kNoInterrupt, [] {})) << kind.name;
    }
}

TEST(MakeLimit, GivesItTheValue) {
    EXPECT_EQ(make_limit("wall-clock", "1.5s")->describe(), WallClockMonitor(1500ms).describe());
    EXPECT_EQ(make_limit("cpu-time", "100ms")->describe(), CpuTimeMonitor(100ms).describe());
    EXPECT_EQ(make_limit("memory", "8MiB")->describe(), MemoryMonitor(8 << 20).describe());
    EXPECT_EQ(make_limit("host-calls", "7")->describe(), HostCallMonitor(7).describe());
    EXPECT_EQ(make_limit("output", "1kB")->describe(), OutputMonitor(1000).describe());
}

TEST(MakeLimit, CountsADeadlineFromItsStart) {
    const Result<LimitSetting> setting = parse_limit("deadline", "+1h");
    ASSERT_TRUE(setting);
    const auto past = std::chrono::steady_clock::now() - 2h;
    bool ran = false;
    const auto done = supervise(*make_limit(*setting, past), kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "deadline");
    EXPECT_FALSE(ran);
    EXPECT_TRUE(supervise(*make_limit(*setting), kNoInterrupt, [] {}));
    EXPECT_TRUE(supervise(*make_limit("deadline", "2200-01-01T00:00:00Z"), kNoInterrupt, [] {}));
}

TEST(MakeLimit, NamesTheLimitsThatThereAre) {
    EXPECT_THAT(refusal(make_limit("cpu", "100ms")),
                AllOf(HasSubstr("There is no limit \"cpu\""), HasSubstr("wall-clock, cpu-time, memory"),
                      Not(HasSubstr("quota"))));
    EXPECT_THAT(refusal(make_limit("a\nb", "1")), Not(HasSubstr("\n")));
    EXPECT_LT(refusal(make_limit(std::string(100'000, 'x'), "1")).size(), 1000U);
    for (const char* const name : {"quota", "stop-token"}) {
        EXPECT_THAT(refusal(make_limit(name, "1s")), HasSubstr("cannot be written as a text"));
    }
}

TEST(MakeLimit, SaysWhatIsWrongWithAValue) {
    EXPECT_THAT(refusal(make_limit("wall-clock", "500")), HasSubstr("\"500\" is not a duration"));
    EXPECT_THAT(refusal(make_limit("cpu-time", "0s")), HasSubstr("more than zero"));
    EXPECT_THAT(refusal(make_limit("memory", "8M")), HasSubstr("\"8M\" is not a size"));
    EXPECT_THAT(refusal(make_limit("host-calls", "1.5")), HasSubstr("\"1.5\" is not a whole number"));
    EXPECT_THAT(refusal(make_limit("deadline", "tomorrow")), HasSubstr("\"tomorrow\" is not a point in time"));
    EXPECT_THAT(refusal(make_limit("deadline", "2001-01-01T00:00:00Z")), HasSubstr("it has passed"));
}

TEST(LimitText, IsReadAsTheSameValue) {
    for (const auto& [name, text] : {
             std::pair{"wall-clock", "1h"},
             {"wall-clock", "90s"},
             {"cpu-time", "1500us"},
             {"cpu-time", "1ns"},
             {"memory", "8MiB"},
             {"memory", "1000"},
             {"output", "3GiB"},
             {"output", "1536KiB"},
             {"host-calls", "1"},
             {"host-calls", "123456"},
             {"deadline", "+1500ms"},
             {"deadline", "+1h"},
             {"deadline", "2200-01-01T00:00:00.5Z"},
         }) {
        const Result<LimitSetting> setting = parse_limit(name, text);
        ASSERT_TRUE(setting) << setting.error().message;
        EXPECT_EQ(limit_text(*setting), text);
        EXPECT_EQ(parse_limit(name, limit_text(*setting)).value(), *setting);
    }
    EXPECT_EQ(limit_text(parse_limit("wall-clock", "1.5m").value()), "90s");
    EXPECT_EQ(limit_text(parse_limit("memory", "64MB").value()), "62500KiB");
}

TEST(LimitSettings, WithValuesOfAnotherKindAreRefused) {
    const std::uint64_t too_many = std::numeric_limits<std::uint64_t>::max();
    for (const LimitSetting& setting : {
             LimitSetting{"wall-clock", std::uint64_t{1}},
             {"wall-clock", 0ns},
             {"cpu-time", -1ns},
             {"memory", 1s},
             {"memory", std::uint64_t{0}},
             {"host-calls", too_many},
             {"output", std::chrono::system_clock::now()},
             {"deadline", std::uint64_t{1}},
             {"deadline", std::chrono::system_clock::time_point()},
             {"deadline", 0s},
         }) {
        EXPECT_THAT(refusal(make_limit(setting)), HasSubstr("has a value of another kind, or none"));
        EXPECT_EQ(limit_text(setting), "");
    }
    EXPECT_THAT(refusal(make_limit(LimitSetting{"nothing", 1s})), HasSubstr("There is no limit"));
    EXPECT_EQ(limit_text(LimitSetting{"quota", 1s}), "");
}

}  // namespace
}  // namespace curfew
