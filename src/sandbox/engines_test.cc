#include "sandbox/engines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <curfew/sandbox.h>

namespace curfew {
namespace {

using testing::HasSubstr;
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
}

TEST(Engines, HaveAnImageEach) {
    for (const EngineInfo& info : engines()) EXPECT_GT(sandbox::image_of(info.engine).size(), 100'000u) << info.name;
    EXPECT_THAT(sandbox::image_of(kNone), SizeIs(0));
}

TEST(Engines, CanBeNamedForASandbox) {
    for (const EngineInfo& info : engines()) {
        auto proto = SandboxBuilder().with_engine(info.engine).build();
        ASSERT_TRUE(proto) << proto.error().message;
        auto sandbox = std::move(*proto).load_runtime();
        ASSERT_TRUE(sandbox) << sandbox.error().message;
        ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() { return 1; }")));
        auto loaded = std::move(*sandbox).load();
        ASSERT_TRUE(loaded) << loaded.error().message;
        EXPECT_EQ(loaded->engine(), info.engine);
        const auto saved = loaded->snapshot();
        ASSERT_TRUE(saved);
        const auto again = LoadedSandbox::from_snapshot(*saved);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->engine(), info.engine);
    }
}

TEST(Engines, ThatAreNotThereAreRefused) {
    const auto proto = SandboxBuilder().with_engine(kNone).build();
    ASSERT_FALSE(proto);
    EXPECT_EQ(proto.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(proto.error().message, HasSubstr("it has quickjs"));
}

}  // namespace
}  // namespace curfew
