// Snapshots as bytes in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <curfew/host_module.h>
#include <curfew/pending_invocation.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;
using ::testing::HasSubstr;
using ::testing::Not;
using Bytes = std::vector<std::byte>;

Snapshot counter_at_one() {
    LoadedSandbox sandbox = load_script("let n = 0; function handler() { return ++n; }");
    EXPECT_TRUE(sandbox.handle_event("main", "0"));
    return sandbox.snapshot().value();
}

SigningKey key_of(char letter) {
    const std::string text(32, letter);
    return SigningKey::from_bytes(std::as_bytes(std::span(text))).value();
}

std::string refusal(const Result<Snapshot>& loaded) {
    if (loaded) return "loaded";
    EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
    return loaded.error().message;
}

TEST(SnapshotBytes, BringBackTheSavedState) {
    const Snapshot saved = counter_at_one();
    const auto bytes = saved.to_bytes();
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_GE(bytes->size(), saved.size());
    const auto loaded = Snapshot::from_bytes(*bytes);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(LoadedSandbox::from_snapshot(*loaded)->handle_event("main", "0")->result, "2");
    EXPECT_EQ(loaded->to_bytes().value(), *bytes);
}

TEST(SnapshotBytes, AreThoseOfTheFile) {
    const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / "curfew_snapshot_bytes.snap";
    const Snapshot saved = counter_at_one();
    const SigningKey key = key_of('k');
    ASSERT_TRUE(saved.save(path, key));
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::filesystem::remove(path);
    EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(content)), saved.to_bytes(key).value()));
}

TEST(SnapshotBytes, AreRefusedIfTheyAreNoneOrAreAltered) {
    const Bytes good = counter_at_one().to_bytes().value();
    EXPECT_THAT(refusal(Snapshot::from_bytes({})), HasSubstr("the snapshot cannot be loaded: it is empty"));
    EXPECT_THAT(refusal(Snapshot::from_bytes(std::span(good).first(50))), HasSubstr("cut short"));
    EXPECT_THAT(refusal(Snapshot::from_bytes(std::span(good).first(good.size() - 1))), HasSubstr("cut short"));
    Bytes longer = good;
    longer.push_back(std::byte{});
    EXPECT_THAT(refusal(Snapshot::from_bytes(longer)), HasSubstr("too large"));
    for (const std::size_t at : {std::size_t{0}, std::size_t{9}, good.size() / 2, good.size() - 1}) {
        Bytes bad = good;
        bad[at] ^= std::byte{64};
        EXPECT_THAT(refusal(Snapshot::from_bytes(bad)), Not(testing::StrEq("loaded"))) << at;
    }
}

TEST(SnapshotBytes, AreSignedAndKnownAgain) {
    const Snapshot saved = counter_at_one();
    const Bytes bytes = saved.to_bytes(key_of('k')).value();
    EXPECT_TRUE(Snapshot::from_bytes(bytes, key_of('k')));
    EXPECT_THAT(refusal(Snapshot::from_bytes(bytes, key_of('l'))), HasSubstr("another key"));
    EXPECT_THAT(refusal(Snapshot::from_bytes(saved.to_bytes().value(), key_of('k'))), HasSubstr("not signed"));
}

TEST(SnapshotBytes, OfAWaitingInvocationGoOn) {
    const auto make_host = [] {
        ProtoSandbox host = SandboxBuilder().build().value();
        host.host_module("person").add_deferred<int()>("ask");
        return host;
    };
    auto runtime = make_host().load_runtime().value();
    ASSERT_TRUE(runtime.add_handler(
        "main", Script::from_content("import { ask } from 'person';"
                                     "export async function handler() { return 40 + await ask(); }")));
    auto sandbox = std::move(runtime).load().value();
    auto invocation = sandbox.begin_event("main", "null");
    ASSERT_TRUE(invocation) << invocation.error().message;
    const auto bytes = sandbox.snapshot()->to_bytes();
    ASSERT_TRUE(bytes);
    const auto loaded = Snapshot::from_bytes(*bytes);
    ASSERT_TRUE(loaded);
    auto other = LoadedSandbox::from_snapshot(*loaded, make_host());
    ASSERT_TRUE(other) << other.error().message;
    auto continued = other->continue_event();
    ASSERT_TRUE(continued) << continued.error().message;
    ASSERT_TRUE(continued->resume(continued->open_calls().front().id, "2"));
    EXPECT_EQ(continued->result()->result, "42");
}

TEST(SnapshotBytes, NeedASnapshot) {
    Snapshot saved = counter_at_one();
    const Snapshot taken = std::move(saved);
    EXPECT_EQ(saved.to_bytes().error().code, ErrorCode::consumed);
}

}  // namespace
}  // namespace curfew
