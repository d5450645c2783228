// Snapshots of sandboxes that were not loaded yet; kinds and requirements of both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <curfew/host_module.h>
#include <curfew/sandbox.h>
#include <curfew/sandbox_pool.h>

#include "sandbox/snapshot/snapshot_file.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::start_sandbox;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Script returning(int number) {
    return Script::from_content("function handler() { return " + std::to_string(number) + "; }");
}

std::string call(Sandbox sandbox, std::string_view handler) {
    auto loaded = std::move(sandbox).load();
    if (!loaded) return "not loaded: " + loaded.error().message;
    const auto done = loaded->handle_event(handler, "null");
    return done ? done->result : "failed: " + done.error().message;
}

Snapshot of_two_handlers() {
    Sandbox sandbox = start_sandbox();
    EXPECT_TRUE(sandbox.add_handler("one", returning(1)));
    EXPECT_TRUE(sandbox.add_handler("two", returning(2)));
    auto snapshot = sandbox.snapshot();
    EXPECT_TRUE(snapshot);
    return std::move(*snapshot);
}

TEST(UnloadedSnapshot, KnowsWhatItIs) {
    const Snapshot snapshot = of_two_handlers();
    EXPECT_EQ(snapshot.kind(), SnapshotKind::sandbox);
    EXPECT_THAT(snapshot.handlers(), ElementsAre("one", "two"));
    EXPECT_EQ(snapshot.size(), 0);
    EXPECT_EQ(snapshot.heap_size(), SandboxBuilder::kDefaultHeapSize);
    EXPECT_EQ(to_string(SnapshotKind::sandbox), "sandbox");

    auto sandbox = Sandbox::from_snapshot(snapshot);
    ASSERT_TRUE(sandbox);
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->snapshot()->kind(), SnapshotKind::loaded_sandbox);
    EXPECT_EQ(to_string(loaded->snapshot()->kind()), "loaded_sandbox");
}

TEST(UnloadedSnapshot, StartsSandboxesThatGoOnByThemselves) {
    const Snapshot snapshot = of_two_handlers();
    auto first = Sandbox::from_snapshot(snapshot);
    auto second = Sandbox::from_snapshot(snapshot);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(first->remove_handler("two"));
    EXPECT_TRUE(first->add_handler("three", returning(3)));
    EXPECT_EQ(call(std::move(*first), "three"), "3");
    EXPECT_EQ(call(std::move(*second), "two"), "2");
}

TEST(UnloadedSnapshot, TakesASandboxBack) {
    const Snapshot snapshot = of_two_handlers();
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("three", returning(3)));
    ASSERT_TRUE(sandbox.restore(snapshot));
    EXPECT_FALSE(sandbox.remove_handler("three"));
    EXPECT_FALSE(sandbox.add_handler("one", returning(5)));
    EXPECT_EQ(call(std::move(sandbox), "one"), "1");
}

TEST(UnloadedSnapshot, TakesASandboxBackThatCouldNotLoad) {
    const Snapshot snapshot = of_two_handlers();
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("broken", Script::from_content("throw new Error('no');")));
    ASSERT_FALSE(std::move(sandbox).load());
    ASSERT_TRUE(sandbox.restore(snapshot));
    EXPECT_EQ(call(std::move(sandbox), "two"), "2");
}

TEST(UnloadedSnapshot, IsNotTakenForOneOfTheOtherKind) {
    const Snapshot unloaded = of_two_handlers();
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("one", returning(1)));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded);
    const auto snapshot = loaded->snapshot();
    ASSERT_TRUE(snapshot);

    EXPECT_THAT(LoadedSandbox::from_snapshot(unloaded).error().message, HasSubstr("is of a Sandbox"));
    EXPECT_THAT(loaded->restore(unloaded).error().message, HasSubstr("is of a Sandbox"));
    EXPECT_THAT(SandboxPool::create(unloaded).error().message, HasSubstr("is of a Sandbox"));
    EXPECT_THAT(Sandbox::from_snapshot(*snapshot).error().message, HasSubstr("is of a LoadedSandbox"));
    EXPECT_THAT(start_sandbox().restore(*snapshot).error().message, HasSubstr("is of a LoadedSandbox"));
    EXPECT_EQ(loaded->handle_event("one", "null")->result, "1");
}

TEST(UnloadedSnapshot, PassesThroughAFile) {
    const auto path = std::filesystem::temp_directory_path() / ("curfew_unloaded_" + std::to_string(::getpid()));
    ASSERT_TRUE(of_two_handlers().save(path));
    const auto read = Snapshot::load(path);
    const auto size = std::filesystem::file_size(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_LT(size, 4096U);
    EXPECT_EQ(read->kind(), SnapshotKind::sandbox);
    EXPECT_THAT(read->handlers(), ElementsAre("one", "two"));
    auto sandbox = Sandbox::from_snapshot(*read);
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_EQ(call(std::move(*sandbox), "two"), "2");
}

// A right checksum says nothing of what somebody wrote there.
TEST(UnloadedSnapshot, IsReadFromHostileFilesAsAddHandlerWouldTakeIt) {
    using Forge = void (*)(sandbox::SavedState&);
    const std::vector<std::pair<const char*, Forge>> forged{
        {"two of one name", [](auto& state) { state.handlers = {"one", "one"}; }},
        {"no name", [](auto& state) { state.handlers[0] = ""; }},
        {"fewer scripts than handlers", [](auto& state) { state.noted.pop_back(); }},
        {"more scripts than handlers", [](auto& state) { state.handlers.pop_back(); }},
        {"no UTF-8", [](auto& state) { state.noted[0].second = Script::from_content("\xff"); }},
        {"a script's name",
         [](auto& state) { state.noted[0].second = Script::from_content("", std::string(5000, 'a')); }},
        {"a folder",
         [](auto& state) { state.noted[0].second = Script::from_content("").with_virtual_base("/a/../b"); }},
    };
    const auto path = std::filesystem::temp_directory_path() / ("curfew_forged_" + std::to_string(::getpid()));
    for (const auto& [what, forge] : forged) {
        sandbox::SavedState state = *of_two_handlers().state();
        forge(state);
        sandbox::FileSink sink(path);
        ASSERT_TRUE(sandbox::save_state(state, sink, nullptr)) << what;
        const auto read = Snapshot::load(path);
        ASSERT_FALSE(read) << what;
        EXPECT_EQ(read.error().code, ErrorCode::invalid_argument) << what;
        EXPECT_THAT(read.error().message, HasSubstr("makes no sense")) << what;
    }
    std::filesystem::remove(path);
}

TEST(SnapshotRequirements, AreWhatTheSandboxHadOfItsHost) {
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto);
    proto->host_module("host:state").add("next", [] { return 1; }).add("last", [] { return 0; });
    proto->host_module("empty");
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    const auto snapshot = sandbox->snapshot();
    ASSERT_TRUE(snapshot);
    const SnapshotRequirements expected{.host_modules = {{"empty", {}}, {"host:state", {"last", "next"}}}};
    EXPECT_EQ(snapshot->requirements(), expected);
    EXPECT_EQ(of_two_handlers().requirements(), SnapshotRequirements());

    const auto path = std::filesystem::temp_directory_path() / ("curfew_required_" + std::to_string(::getpid()));
    ASSERT_TRUE(snapshot->save(path));
    const auto read = Snapshot::load(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->requirements(), expected);
    EXPECT_THAT(Sandbox::from_snapshot(*read).error().message, HasSubstr("host functions"));
    const auto bare = SandboxBuilder().build();
    EXPECT_THAT(Sandbox::from_snapshot(*read, *bare).error().message, HasSubstr("host:state.next"));
}

}  // namespace
}  // namespace curfew
