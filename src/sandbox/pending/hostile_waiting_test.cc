// Snapshot files of waiting invocations that mean harm: any description, and answers to what the guest does not know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <random>

#include "base/checksum.h"
#include "sandbox/config.h"
#include "sandbox/pending/test_support.h"
#include "sandbox/snapshot/snapshot_file.h"

namespace curfew {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sandbox::SavedState;
using sandbox::WaitingState;
using sandbox::testing::begin;
using sandbox::testing::kDeletes;
using sandbox::testing::load;
using sandbox::testing::make_host;
using ::testing::HasSubstr;

class HostileWaiting : public ::testing::Test {
  protected:
    HostileWaiting() {
        std::string name = ::testing::TempDir() + "curfew_hostile_XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "a.snap";
    }
    ~HostileWaiting() override { fs::remove_all(folder_); }

    // Saves an invocation that waits, after `forge` has changed what the file is to say of it.
    void save(const std::function<void(WaitingState&)>& forge) const {
        LoadedSandbox sandbox = load(kDeletes);
        PendingInvocation invocation = begin(sandbox, R"(["ada"])");
        const auto saved = sandbox.snapshot();
        ASSERT_TRUE(saved);
        SavedState forged = *saved->state();
        WaitingState waiting = *forged.waiting;
        forge(waiting);
        forged.waiting = std::make_shared<const WaitingState>(std::move(waiting));
        sandbox::FileSink sink(path_);
        ASSERT_TRUE(sandbox::save_state(forged, sink, nullptr));
    }

    std::string refusal() const {
        const auto loaded = Snapshot::load(path_);
        return loaded ? "" : loaded.error().message;
    }

    fs::path folder_;
    fs::path path_;
};

TEST_F(HostileWaiting, SaysWhatNoInvocationCouldBe) {
    const std::vector<std::function<void(WaitingState&)>> impossible{
        [](WaitingState& waiting) { waiting.handler = "other"; },
        [](WaitingState& waiting) { waiting.usage.waiting_time = waiting.usage.wall_time + 1s; },
        [](WaitingState& waiting) { waiting.waited = std::chrono::microseconds(std::uint64_t{1} << 32); },
        [](WaitingState& waiting) { waiting.due = std::chrono::microseconds(-1); },
        [](WaitingState& waiting) { waiting.calls.push_back(waiting.calls.front()); },
        [](WaitingState& waiting) { waiting.calls.front().number = 0; },
        [](WaitingState& waiting) { waiting.calls.front().module = ""; },
        [](WaitingState& waiting) { waiting.calls.front().function = std::string("a\0b", 3); },
        [](WaitingState& waiting) { waiting.calls.front().flags = 1 << 16; }};
    for (std::size_t i = 0; i < impossible.size(); ++i) {
        save(impossible[i]);
        EXPECT_THAT(refusal(), HasSubstr("what it was in the middle of makes no sense")) << i;
    }
    save([](WaitingState&) {});
    EXPECT_EQ(refusal(), "");
}

// The guest knows nothing of the calls: it gives up, or waits for nothing, and nobody else is harmed.
TEST_F(HostileWaiting, HasCallsThatTheGuestDoesNotKnow) {
    save([](WaitingState& waiting) {
        waiting.calls.front().number = 77;
        waiting.calls.front().arguments = "\xff\xff\xff\xff\xff\xff\xff\xff nonsense";
        waiting.usage.wall_time = waiting.usage.waiting_time = std::chrono::nanoseconds::max();
        waiting.usage.bytes_out = waiting.usage.bytes_printed = std::numeric_limits<std::uint64_t>::max();
    });
    const auto snapshot = Snapshot::load(path_);
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    EXPECT_EQ(snapshot->waiting()->open_calls.front().id, 77u);
    auto sandbox = LoadedSandbox::from_snapshot(*snapshot, make_host(SandboxBuilder().without_default_wall_limit()));
    ASSERT_TRUE(sandbox);
    {
        auto used_up = sandbox->continue_event(OutputMonitor(1));
        EXPECT_TRUE(!used_up || !used_up->result());
    }
    ASSERT_TRUE(sandbox->restore(*snapshot));
    auto invocation = sandbox->continue_event();
    ASSERT_TRUE(invocation) << invocation.error().message;
    ASSERT_FALSE(invocation->done());
    EXPECT_TRUE(invocation->resume(77, "true"));
    ASSERT_TRUE(invocation->done());
    EXPECT_FALSE(invocation->result());
    EXPECT_TRUE(sandbox->restore(*snapshot));
}

constexpr std::size_t kHeader = 104, kDescriptionLength = 12, kChecksum = 96;

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Whatever a description says with a right checksum, it is refused or goes on in a cell that harms nobody.
TEST_F(HostileWaiting, SurvivesAnyDescription) {
    save([](WaitingState&) {});
    const std::string good = content_of(path_);
    std::uint32_t length = 0;
    std::memcpy(&length, &good[kDescriptionLength], sizeof length);
    std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
    unsigned loaded = 0;
    // What waits stands at the end.
    const std::size_t first = kHeader + length - std::min<std::size_t>(length, 400);
    for (int i = 0; i < 400; ++i) {
        std::string bad = good;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            const std::size_t at = first + random() % (kHeader + length - first);
            constexpr std::array<unsigned char, 6> kBytes{0, 1, 0x7f, 0x80, 0xfe, 0xff};
            bad[at] = static_cast<char>(random() % 2 == 0 ? kBytes[random() % kBytes.size()] : random());
        }
        const auto all = std::as_bytes(std::span(bad));
        base::Checksum sum;
        sum.add(all.first(kChecksum));
        sum.add(all.subspan(kHeader, length));
        const std::uint64_t value = sum.value();
        std::memcpy(&bad[kChecksum], &value, sizeof value);
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
        const auto snapshot = Snapshot::load(path_);
        if (!snapshot) continue;
        ++loaded;
        const auto waiting = snapshot->waiting();
        if (loaded % 4 != 0) continue;
        auto sandbox = LoadedSandbox::from_snapshot(*snapshot, make_host());
        if (!sandbox) continue;
        auto invocation = sandbox->continue_event(WallClockMonitor(1h));
        if (invocation && waiting && !waiting->open_calls.empty()) {
            static_cast<void>(invocation->resume(waiting->open_calls.front().id, "true"));
        }
    }
    EXPECT_GT(loaded, 0u);
}

}  // namespace
}  // namespace curfew
