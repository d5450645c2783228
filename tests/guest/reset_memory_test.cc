// A cell that was used and reset has the memory of a new one, byte by byte, as the kernel shows it from outside.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "cell/testing/processes.h"
#include "guest/guest_session.h"

namespace curfew::guest::testing {
namespace {

using cell::testing::MappingLine;
using namespace std::chrono_literals;

using Pages = std::map<std::uint64_t, std::string>;  // by address; those of zeros are left out

// Of the guest's own memory; mailbox and trampoline lie below.
std::vector<MappingLine> writable_mappings_of(pid_t pid) {
    std::vector<MappingLine> found;
    for (MappingLine& line : cell::testing::mappings_of(pid)) {
        const bool is_back_ends = line.start >= wire::kBackEndBase && line.start < wire::kImageBase;
        if (line.permissions.starts_with("rw") && line.permissions.ends_with("p") && !is_back_ends) {
            found.push_back(std::move(line));
        }
    }
    return found;
}

// The process of the only cell. One that stands ready to become a cell has no guest's memory.
pid_t only_cell() {
    for (const pid_t pid : cell::testing::processes_of_cells()) {
        if (writable_mappings_of(pid).size() >= 3) return pid;
    }
    return 0;
}

Pages memory_of(pid_t pid) {
    const cell::Descriptor memory(::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(memory);
    Pages pages;
    std::string chunk(1 << 20, '\0');
    const std::string zeros(wire::kPageSize, '\0');
    for (const MappingLine& line : writable_mappings_of(pid)) {
        for (std::uint64_t at = line.start; at < line.end; at += chunk.size()) {
            const std::uint64_t length = std::min<std::uint64_t>(chunk.size(), line.end - at);
            EXPECT_EQ(::pread(memory.get(), chunk.data(), length, static_cast<off_t>(at)),
                      static_cast<ssize_t>(length));
            for (std::uint64_t page = 0; page < length; page += wire::kPageSize) {
                if (std::memcmp(&chunk[page], zeros.data(), zeros.size()) == 0) continue;
                pages.emplace(at + page, chunk.substr(page, wire::kPageSize));
            }
        }
    }
    return pages;
}

// What is different, as addresses: a failure that shows pages would be of no use.
std::vector<std::uint64_t> differences(const Pages& expected, const Pages& found) {
    std::vector<std::uint64_t> different;
    for (const auto& [address, content] : expected) {
        const auto same = found.find(address);
        if (same == found.end() || same->second != content) different.push_back(address);
    }
    for (const auto& [address, content] : found) {
        if (!expected.contains(address)) different.push_back(address);
    }
    return different;
}

constexpr const char* kScript = R"(
let kept = [];
function handler(event) {
    switch (event) {
        case 'small': return [event.length];
        case 'large': kept.push(new Uint8Array(2000000).fill(7)); return kept.length;
        case 'objects': for (let i = 0; i < 20000; ++i) kept.push({ i, text: 'x' + i }); return kept.length;
        case 'throws': globalThis.leak = 'left'; Array.prototype.push = null; throw new Error('x'.repeat(100));
        case 'deep': return (function f(n) { return n === 0 ? 0 : 1 + f(n - 1); })(2000);
        case 'waits': return new Promise((done) => setTimeout(() => done(Math.random() < 2), 1));
        case 'loops': for (let i = 0;; ++i) { globalThis['leak' + i % 1000] = [i]; }
    }
})";

class ResetMemory : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        GuestSession session;
        ASSERT_EQ(session.boot().kind, wire::MessageKind::ready);
        ASSERT_TRUE(session.load("main", kScript).done());
        const auto saved = session.cell().snapshot();
        ASSERT_TRUE(saved) << saved.error().message;
        state_ = *saved;
    }
    static void TearDownTestSuite() { state_.reset(); }

    void SetUp() override {
        ASSERT_NE(state_, nullptr);
        if (expected_.empty()) expected_ = memory_of_new_cell();
        ASSERT_GT(expected_.size(), 20U);
    }

    // A small reset waits for the next turn; a snapshot has it done, and changes nothing itself.
    static Pages memory_behind(GuestSession& session) {
        EXPECT_TRUE(session.cell().snapshot());
        return memory_of(only_cell());
    }

    static Pages memory_of_new_cell() {
        GuestSession session(state_);
        EXPECT_TRUE(session.cell().reset());
        return memory_behind(session);
    }

    static inline std::shared_ptr<const cell::MemoryImage> state_;
    static inline Pages expected_;
};

TEST_F(ResetMemory, OfTwoNewCellsIsTheSame) { EXPECT_EQ(differences(expected_, memory_of_new_cell()).size(), 0U); }

TEST_F(ResetMemory, DiffersBeforeTheReset) {
    GuestSession session(state_);
    ASSERT_TRUE(session.call("main", R"("small")", wire::kReseed).done());
    EXPECT_NE(differences(expected_, memory_behind(session)).size(), 0U);
}

TEST_F(ResetMemory, IsThatOfANewCellAfterEveryKindOfCall) {
    GuestSession session(state_);
    for (const char* const event : {"small", "large", "throws", "objects", "deep", "waits", "small"}) {
        SCOPED_TRACE(event);
        session.set_seed(static_cast<std::uint8_t>(event[0]));
        session.call("main", '"' + std::string(event) + '"', wire::kReseed);
        ASSERT_FALSE(session.cell().death()) << session.cell().death().text;
        ASSERT_TRUE(session.cell().reset());
        EXPECT_EQ(differences(expected_, memory_behind(session)), std::vector<std::uint64_t>());
    }
}

TEST_F(ResetMemory, IsThatOfANewCellAfterManyCalls) {
    GuestSession session(state_);
    for (int i = 0; i < 200; ++i) {
        session.call("main", R"("small")", i % 3 == 0 ? wire::kReseed | wire::kCollectGarbage : wire::kReseed);
        ASSERT_TRUE(session.cell().reset());
    }
    EXPECT_EQ(differences(expected_, memory_behind(session)), std::vector<std::uint64_t>());
}

TEST_F(ResetMemory, IsThatOfANewCellAfterAnInterrupt) {
    GuestSession session(state_);
    for (int i = 0; i < 5; ++i) {
        {
            const std::jthread interrupts([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(1 + 3 * i));
                session.cell().interrupt();
            });
            session.call("main", R"("loops")", wire::kReseed);
        }
        ASSERT_TRUE(session.cell().reset()) << session.cell().death().text;
        EXPECT_EQ(differences(expected_, memory_behind(session)), std::vector<std::uint64_t>());
    }
}

}  // namespace
}  // namespace curfew::guest::testing
