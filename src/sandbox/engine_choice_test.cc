#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <curfew/engine.h>
#include <curfew/sandbox.h>

namespace curfew {
namespace {

using testing::HasSubstr;

constexpr auto kNone = static_cast<Engine>(99);

TEST(EngineChoice, CanBeNamedForASandbox) {
    for (const EngineInfo& info : engines()) {
        auto proto = SandboxBuilder().with_engine(info.engine).build();
        ASSERT_TRUE(proto) << proto.error().message;
        auto sandbox = std::move(*proto).load_runtime();
        if (!sandbox && sandbox.error().code == ErrorCode::unavailable) continue;  // its package is not on this machine
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

TEST(EngineChoice, ThatAreNotThereAreRefused) {
    const auto proto = SandboxBuilder().with_engine(kNone).build();
    ASSERT_FALSE(proto);
    EXPECT_EQ(proto.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(proto.error().message, HasSubstr("it has quickjs"));
    if (find_engine("node")) return;
    const auto without = SandboxBuilder().with_engine(Engine::node).build();
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, ErrorCode::unavailable);
    EXPECT_THAT(without.error().message, HasSubstr("built with CURFEW_NODE=OFF"));
}

}  // namespace
}  // namespace curfew
