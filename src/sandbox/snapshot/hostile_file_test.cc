// Snapshot files that mean harm: everything about them is right, checksums included, but what they claim is nothing that a
// builder, a handler's name or a host would have allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "base/checksum.h"
#include "sandbox/config.h"
#include "sandbox/snapshot/snapshot_file.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

namespace fs = std::filesystem;
using sandbox::SavedState;
using sandbox::testing::load_script;
using ::testing::AllOf;
using ::testing::HasSubstr;

class HostileFile : public ::testing::Test {
  protected:
    HostileFile() {
        std::string name = ::testing::TempDir() + "curfew_hostile_XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "a.snap";
    }
    ~HostileFile() override { fs::remove_all(folder_); }

    // Saves a plain sandbox after `forge` has changed what the file is to say of it.
    void save(const std::function<void(SavedState&)>& forge) const {
        LoadedSandbox sandbox = load_script("function handler() { return 1; }");
        const auto saved = sandbox.snapshot();
        ASSERT_TRUE(saved);
        SavedState forged = *saved->state();
        forge(forged);
        sandbox::FileSink sink(path_);
        const auto done = sandbox::save_state(forged, sink, nullptr);
        ASSERT_TRUE(done) << done.error().message;
    }

    // The message with which the file is refused; empty if it is loaded.
    std::string refusal() const {
        const auto loaded = Snapshot::load(path_);
        if (loaded) return "";
        EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
        return loaded.error().message;
    }

    fs::path folder_;
    fs::path path_;
};

TEST_F(HostileFile, IsLoadedIfNothingIsForged) {
    save([](SavedState&) {});
    EXPECT_EQ(refusal(), "");
}

TEST_F(HostileFile, HasNamesThatNoHandlerMayHave) {
    for (const std::string& name :
         {std::string(), std::string(256, 'n'), std::string("a\0b", 3), std::string("\xff")}) {
        save([&](SavedState& state) { state.handlers.push_back(name); });
        EXPECT_THAT(refusal(), HasSubstr("makes no sense")) << name;
    }
    save([](SavedState& state) { state.handlers.push_back(state.handlers.front()); });
    EXPECT_THAT(refusal(), HasSubstr("makes no sense")) << "a name twice";
    save([](SavedState& state) { state.handlers.push_back(std::string(255, 'n')); });
    EXPECT_EQ(refusal(), "");
}

TEST_F(HostileFile, HasMoreHandlersThanASandboxHas) {
    const auto with = [](std::size_t count) {
        return [count](SavedState& state) {
            state.handlers.clear();
            for (std::size_t i = 0; i < count; ++i) state.handlers.push_back("h" + std::to_string(i));
        };
    };
    save(with(Sandbox::kMaxHandlers));
    EXPECT_EQ(refusal(), "");
    save(with(Sandbox::kMaxHandlers + 1));
    EXPECT_THAT(refusal(), HasSubstr("makes no sense"));
}

TEST_F(HostileFile, HasFoldersThatNoScriptMayHave) {
    std::string deep;
    for (int i = 0; i < 40'000; ++i) deep += "/a";
    for (const std::string& folder : {std::string(""), std::string("relative/x"), std::string("/app/../../.."),
                                      std::string("/app/"), std::string("/a//b"), std::string("/./a"),
                                      std::string("/a\\b"), std::string("/a\0b", 4), std::string("/\xff"), deep}) {
        save([&](SavedState& state) { state.script_folders = {{"test.js", folder}}; });
        EXPECT_THAT(refusal(), HasSubstr("makes no sense")) << folder.substr(0, 40);
    }
    for (const std::string& script : {std::string(4097, 's'), std::string("a\0b", 3), std::string("\xff")}) {
        save([&](SavedState& state) { state.script_folders = {{script, "/app"}}; });
        EXPECT_THAT(refusal(), HasSubstr("makes no sense")) << script.substr(0, 40);
    }
    save([](SavedState& state) { state.script_folders = {{"test.js", "/app"}}; });
    EXPECT_EQ(refusal(), "");
}

TEST_F(HostileFile, HasHostFunctionsThatNoModuleMayHave) {
    const std::string endless(256, 'n');
    for (const auto& [module, function] :
         {std::pair<std::string, std::string>{"", "f"}, {endless, "f"}, {"m", endless}}) {
        save([&](SavedState& state) {
            state.environment.reset();
            state.host_functions = {{module, function, "()"}};
        });
        EXPECT_THAT(refusal(), HasSubstr("makes no sense"));
    }
}

// The message names a few of them, however many the file claims to need.
TEST_F(HostileFile, NeedsVeryManyHostFunctions) {
    save([](SavedState& state) {
        state.environment.reset();
        for (int i = 0; i < 100'000; ++i) state.host_functions.push_back({"m", "f" + std::to_string(i), "()"});
    });
    const auto loaded = Snapshot::load(path_);
    ASSERT_TRUE(loaded) << loaded.error().message;
    auto host = SandboxBuilder().build();
    const auto refused = LoadedSandbox::from_snapshot(*loaded, *host);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("m.f0() is missing"), HasSubstr("and 99992 more")));
    EXPECT_LT(refused.error().message.size(), 2000U);
}

TEST_F(HostileFile, HasSizesThatNoBuilderTakes) {
    for (const auto& forge : std::initializer_list<std::function<void(SavedState&)>>{
             [](SavedState& state) { state.settings.stack_size = 64 << 10; },
             [](SavedState& state) { state.settings.stack_size = 61 << 20; },
             [](SavedState& state) { state.settings.heap_size = (64ULL << 30) + 4096; },
             [](SavedState& state) { state.settings.heap_size += 1; }}) {
        save(forge);
        EXPECT_THAT(refusal(), HasSubstr("settings make no sense"));
    }
}

TEST_F(HostileFile, TakesNoMoreMemoryThanItsHostAllows) {
    save([](SavedState& state) {
        state.settings.heap_size = 500 << 20;
        state.settings.stack_size = 8 << 20;
    });
    const auto loaded = Snapshot::load(path_);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->heap_size(), 500U << 20);
    EXPECT_EQ(loaded->stack_size(), 8U << 20);
    const auto refused_by = [&](SandboxBuilder builder) {
        const auto refused = LoadedSandbox::from_snapshot(*loaded, *builder.build());
        EXPECT_FALSE(refused);
        return refused ? "" : refused.error().message;
    };
    EXPECT_THAT(refused_by(SandboxBuilder().with_heap_size(1 << 20)),
                AllOf(HasSubstr("a heap of 524288000 bytes"), HasSubstr("its host allows 1048576"),
                      HasSubstr("with_heap_size(524288000)")));
    EXPECT_THAT(refused_by(SandboxBuilder().with_heap_size(500 << 20)), HasSubstr("with_stack_size(8388608)"));
    // Without a host, a file gets what a builder gives by default.
    EXPECT_THAT(LoadedSandbox::from_snapshot(*loaded).error().message, HasSubstr("with_heap_size(524288000)"));

    const auto host = SandboxBuilder().with_heap_size(500 << 20).with_stack_size(8 << 20).build();
    auto allowed = LoadedSandbox::from_snapshot(*loaded, *host);
    ASSERT_TRUE(allowed) << allowed.error().message;
    EXPECT_EQ(allowed->handle_event("main", "0")->result, "1");
}

TEST_F(HostileFile, PrintsNoMoreThanItsHostAllows) {
    LoadedSandbox talker = load_script("function handler() { for (let i = 0; i < 1000; ++i) print('0123456789'); }");
    SavedState forged = *talker.snapshot()->state();
    forged.settings.output_limit = ~0ULL;
    sandbox::FileSink sink(path_);
    ASSERT_TRUE(sandbox::save_state(forged, sink, nullptr));
    const auto host = SandboxBuilder().with_output_limit(1000).build();
    auto sandbox = LoadedSandbox::from_snapshot(*Snapshot::load(path_), *host);
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    const auto done = sandbox->handle_event("main", "0");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "output");
}

TEST_F(HostileFile, ChoosesNoMemoryForNewCells) {
    const auto hot = [](cell::HotPages::Ranges ranges) {
        return [ranges](SavedState& state) { state.memory->hot.learn(ranges); };
    };
    // The heap that is saved has to be as long as what is said to be hot.
    const auto large = [] {
        return load_script("const kept = new Uint8Array(2 << 20).fill(1); function handler() { return 1; }").snapshot();
    };
    const auto memory = large();
    ASSERT_TRUE(memory);
    const std::vector<cell::Piece> saved_memory = cell::saved_pieces(*memory->state()->memory);
    const std::uint64_t heap = std::ranges::max_element(saved_memory, {}, &cell::Piece::length)->address;
    const auto heap_page = [heap](std::uint64_t page, std::uint64_t pages) {
        return cell::HotPages::Range{heap + page * wire::kPageSize, pages * wire::kPageSize};
    };
    cell::HotPages::Ranges many;
    for (std::uint64_t i = 0; i < cell::HotPages::kMaxRanges; ++i) many.push_back(heap_page(2 * i, 1));
    const auto save_hot = [&](const cell::HotPages::Ranges& ranges) {
        const auto saved = large();
        hot(ranges)(const_cast<SavedState&>(*saved->state()));
        ASSERT_TRUE(saved->save(path_));
    };
    save_hot(many);
    EXPECT_EQ(refusal(), "");
    many.push_back(heap_page(100, 1));
    save_hot(many);
    EXPECT_THAT(refusal(), HasSubstr("makes no sense")) << "too many ranges";
    save_hot({heap_page(0, 128)});
    EXPECT_EQ(refusal(), "");
    save_hot({heap_page(0, 128), heap_page(200, 1)});
    EXPECT_THAT(refusal(), HasSubstr("makes no sense")) << "too many pages";
}

// A file of a few blocks on the disk can claim 64 GiB that are all zero. Nothing that was saved has such pages.
TEST_F(HostileFile, ClaimsMemoryThatItDoesNotHave) {
    save([](SavedState&) {});
    std::ifstream in(path_, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    std::uint32_t described = 0;
    std::memcpy(&described, bytes.data() + 12, sizeof described);
    constexpr std::size_t kHeader = 104;
    const std::size_t memory = kHeader + described;
    ASSERT_GT(bytes.size(), memory + 2 * wire::kPageSize);
    std::memset(bytes.data() + memory + wire::kPageSize, 0, wire::kPageSize);
    const auto all = std::as_bytes(std::span(bytes));
    base::Checksum of_memory;
    of_memory.add(all.subspan(memory));
    const std::uint64_t memory_sum = of_memory.value();
    std::memcpy(bytes.data() + 24, &memory_sum, sizeof memory_sum);
    base::Checksum of_header;
    of_header.add(all.first(96));
    of_header.add(all.subspan(kHeader, described));
    const std::uint64_t header_sum = of_header.value();
    std::memcpy(bytes.data() + 96, &header_sum, sizeof header_sum);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    EXPECT_THAT(refusal(), HasSubstr("claims to hold memory that it does not"));
}

}  // namespace
}  // namespace curfew
