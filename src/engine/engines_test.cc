#include "engine/engines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace curfew
