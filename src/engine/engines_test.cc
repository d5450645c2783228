#include "engine/engines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

namespace curfew {
namespace {

using testing::SizeIs;

constexpr auto kNone = static_cast<Engine>(99);

TEST(Engines, AreKnownByTheirNames) {
    ASSERT_FALSE(engines().empty());
    for (const EngineInfo& info : engines()) {
        EXPECT_EQ(find_engine(info.name), info.engine);
        EXPECT_EQ(name_of(info.engine), info.name);
        EXPECT_FALSE(info.product.empty());
        EXPECT_FALSE(info.version.empty());
    }
    EXPECT_EQ(find_engine("quickjs"), Engine::quickjs);
    EXPECT_EQ(find_engine("quick"), std::nullopt);
    EXPECT_EQ(find_engine(""), std::nullopt);
    EXPECT_EQ(name_of(kNone), "unknown engine");
    EXPECT_TRUE(engine::is_known(Engine::quickjs));
    EXPECT_FALSE(engine::is_known(kNone));
}

TEST(Engines, LieInTheLibraryIfTheyAreSmall) {
    EXPECT_GT(engine::embedded_program(Engine::quickjs).size(), 100'000u);
    EXPECT_THAT(engine::embedded_program(Engine::node), SizeIs(0));
    EXPECT_THAT(engine::embedded_program(kNone), SizeIs(0));
}

TEST(DefaultEngine, IsTheFirstUnlessTheEnvironmentNamesAnother) {
    ::unsetenv("CURFEW_ENGINE");
    EXPECT_EQ(default_engine(), engines().front().engine);
    ::setenv("CURFEW_ENGINE", "", 1);
    EXPECT_EQ(default_engine(), engines().front().engine);
    for (const EngineInfo& info : engines()) {
        ::setenv("CURFEW_ENGINE", std::string(info.name).c_str(), 1);
        EXPECT_EQ(default_engine(), info.engine);
    }
    ::setenv("CURFEW_ENGINE", "qu\x1bick", 1);
    const auto unknown = default_engine();
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(unknown.error().message, testing::HasSubstr(R"(CURFEW_ENGINE is "qu\u001bick")"));
    ::unsetenv("CURFEW_ENGINE");
}

}  // namespace
}  // namespace curfew
