// What programs and observers are told when an engine that is not part of the library is made ready.
#include "sandbox/engine_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <curfew/engine_store.h>
#include <curfew/observer.h>
#include <curfew/sandbox.h>

#include "engine/testing/places.h"

namespace curfew {
namespace {

using engine::TestFolder;
using engine::TestVariable;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Told {
    Engine engine;
    bool was_made;
    std::string image, warning;
};

class Listener final : public Observer {
  public:
    void engine_ready(const observed::EngineReady& event) noexcept override {
        told.push_back({event.engine, event.was_made, std::string(event.image), std::string(event.warning)});
    }
    std::vector<Told> told;
};

TEST(EngineImages, OfTheLibraryAreNoNews) {
    const auto listener = std::make_shared<Listener>();
    const auto listening = add_observer(listener);
    const auto prepared = prepare_engine(Engine::quickjs);
    ASSERT_TRUE(prepared);
    EXPECT_FALSE(prepared->was_made);
    EXPECT_EQ(prepared->image, "");
    EXPECT_THAT(listener->told, IsEmpty());
}

#ifdef CURFEW_NODE_PACKAGE

// One process has one image, so this is one test.
TEST(EngineImages, AreToldOfOnce) {
    const TestFolder cache;
    const TestVariable folder("CURFEW_CACHE_DIR", cache.path()), node("CURFEW_NODE_DIR");
    const auto listener = std::make_shared<Listener>();
    const auto listening = add_observer(listener);

    const auto none = prepare_engine(Engine::node);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::unavailable);
    EXPECT_THAT(none.error().message, HasSubstr("curfew engine install node"));
    const auto before = inspect_engine(Engine::node);
    ASSERT_TRUE(before);
    EXPECT_EQ(before->problem, none.error().message);
    EXPECT_EQ(before->cache_folder, cache.path());
    EXPECT_THAT(listener->told, IsEmpty());

    const TestVariable named("CURFEW_NODE_DIR", CURFEW_NODE_PACKAGE);
    std::vector<std::string> steps;
    const auto prepared = prepare_engine(Engine::node, [&](std::string_view step) { steps.emplace_back(step); });
    ASSERT_TRUE(prepared) << prepared.error().message;
    EXPECT_TRUE(prepared->was_made);
    EXPECT_TRUE(std::filesystem::exists(prepared->image));
    EXPECT_EQ(prepared->warning, "");
    EXPECT_THAT(steps, testing::ElementsAre("Making Node.js ready, which is done once"));
    ASSERT_THAT(listener->told, SizeIs(1));
    EXPECT_EQ(listener->told[0].engine, Engine::node);
    EXPECT_TRUE(listener->told[0].was_made);
    EXPECT_EQ(listener->told[0].image, prepared->image);

    const auto after = inspect_engine(Engine::node);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->problem, "");
    EXPECT_EQ(after->image, prepared->image);
    EXPECT_GT(after->image_bytes, 1u << 20);
    ASSERT_THAT(after->packages, SizeIs(1));
    EXPECT_TRUE(after->packages[0].is_named);

    const auto again = prepare_engine(Engine::node);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->was_made);
    EXPECT_EQ(again->image, "") << "this process has it";
    const auto proto = SandboxBuilder().with_engine(Engine::node).build();
    ASSERT_TRUE(proto);
    EXPECT_THAT(listener->told, SizeIs(1)) << "once for a process";
}

#endif

}  // namespace
}  // namespace curfew
