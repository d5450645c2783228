// Snapshots in files: what comes back, and what is refused, and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <curfew/host_module.h>
#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "base/checksum.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sandbox::testing::load_script;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kHeader = 104, kFormat = 8, kDescriptionLength = 12, kChecksum = 96;

class SnapshotFile : public ::testing::Test {
  protected:
    SnapshotFile() {
        std::string name = ::testing::TempDir() + "curfew_snapshot_XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "a.snap";
    }
    ~SnapshotFile() override { fs::remove_all(folder_); }

    std::string content() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    void put(std::string_view bytes) const { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes; }

    // Saves a counter that stands at one.
    void save_counter() const {
        LoadedSandbox sandbox = load_script("let n = 0; function handler() { return ++n; }");
        ASSERT_TRUE(sandbox.handle_event("main", "0"));
        const auto saved = sandbox.snapshot();
        ASSERT_TRUE(saved);
        const auto done = saved->save(path_);
        ASSERT_TRUE(done) << done.error().message;
    }

    std::string refusal() const {
        const auto loaded = Snapshot::load(path_);
        EXPECT_FALSE(loaded);
        if (loaded) return "";
        EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(loaded.error().message, HasSubstr(path_.string()));
        return loaded.error().message;
    }

    fs::path folder_;
    fs::path path_;
};

std::string call(LoadedSandbox& sandbox) {
    const auto done = sandbox.handle_event("main", "0");
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

template <typename T>
T number_at(const std::string& bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

template <typename T>
void put_number(std::string& bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

// Makes the header's checksum right again, as who means to deceive would.
void reseal(std::string& bytes) {
    const std::size_t description = number_at<std::uint32_t>(bytes, kDescriptionLength);
    base::Checksum sum;
    const auto all = std::as_bytes(std::span(bytes));
    sum.add(all.first(kChecksum));
    sum.add(all.subspan(kHeader, description));
    put_number(bytes, kChecksum, sum.value());
}

TEST_F(SnapshotFile, BringsBackTheSavedState) {
    save_counter();
    const auto loaded = Snapshot::load(path_);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_THAT(loaded->handlers(), ElementsAre("main"));
    for (int i = 0; i < 3; ++i) {
        auto sandbox = LoadedSandbox::from_snapshot(*loaded);
        ASSERT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_THAT(sandbox->handlers(), ElementsAre("main"));
        EXPECT_EQ(call(*sandbox), "2");
        EXPECT_EQ(call(*sandbox), "3");
        ASSERT_TRUE(sandbox->restore(*loaded));
        EXPECT_EQ(call(*sandbox), "2");
    }
}

TEST_F(SnapshotFile, IsAsGoodAsTheSnapshotInMemory) {
    LoadedSandbox sandbox = load_script("let n = 0; function handler() { return ++n; }");
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved && saved->save(path_));
    const auto loaded = Snapshot::load(path_);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(call(sandbox), "1");
    ASSERT_TRUE(sandbox.restore(*loaded));
    EXPECT_EQ(call(sandbox), "1");
    ASSERT_TRUE(sandbox.restore(*saved));
    EXPECT_EQ(call(sandbox), "1");
    EXPECT_EQ(loaded->size(), saved->size());
}

TEST_F(SnapshotFile, IsTheSameIfSavedAgain) {
    save_counter();
    const std::string before = content();
    const auto loaded = Snapshot::load(path_);
    ASSERT_TRUE(loaded && loaded->save(path_));
    EXPECT_TRUE(content() == before);
}

TEST_F(SnapshotFile, OfSandboxesThatCameOfFiles) {
    save_counter();
    for (int i = 2; i < 6; ++i) {
        const auto loaded = Snapshot::load(path_);
        ASSERT_TRUE(loaded) << loaded.error().message;
        auto sandbox = LoadedSandbox::from_snapshot(*loaded);
        ASSERT_TRUE(sandbox);
        EXPECT_EQ(call(*sandbox), std::to_string(i));
        const auto saved = sandbox->snapshot();
        ASSERT_TRUE(saved) << saved.error().message;
        const auto kept = saved->save(path_);
        ASSERT_TRUE(kept) << kept.error().message;
    }
}

TEST_F(SnapshotFile, KeepsSettingsAndTakesTheHostsPrintFunction) {
    std::string printed;
    const auto host = SandboxBuilder().with_print([&](PrintLevel, std::string_view text) { printed += text; }).build();
    ASSERT_TRUE(host);
    LoadedSandbox sandbox =
        load_script("function handler(n) { console.log('hello'); new Uint8Array(n); return 1; }", "test.js", 4 << 20);
    ASSERT_TRUE(sandbox.snapshot()->save(path_));
    auto other = LoadedSandbox::from_snapshot(*Snapshot::load(path_), *host);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_TRUE(other->handle_event("main", "1000"));
    EXPECT_EQ(printed, "hello\n");
    EXPECT_FALSE(other->handle_event("main", "8000000"));  // more than the saved sandbox's heap
}

TEST_F(SnapshotFile, NamesHostFunctionsThatAreMissingOrOthers) {
    const auto make_host = [](auto add) {
        auto host = SandboxBuilder().build();
        add(*host);
        return std::move(*host);
    };
    const auto with_add = [](ProtoSandbox& host) {
        host.host_module("math").add("add", [](int a, int b) { return a + b; });
    };
    auto proto = make_host(with_add);
    auto sandbox = std::move(proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler(
        "main",
        Script::from_content("import * as math from 'math'; export function handler(n) { return math.add(n, 2); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto in_memory = loaded->snapshot();
    ASSERT_TRUE(in_memory && in_memory->save(path_));
    const auto saved = Snapshot::load(path_);
    ASSERT_TRUE(saved) << saved.error().message;

    EXPECT_THAT(LoadedSandbox::from_snapshot(*saved).error().message, HasSubstr("pass from_snapshot a ProtoSandbox"));
    const auto without = make_host([](ProtoSandbox&) {});
    const auto other = make_host(
        [](ProtoSandbox& host) { host.host_module("math").add("add", [](std::string text) { return text; }); });
    for (const Snapshot& snapshot : {*saved, *in_memory}) {
        for (const ProtoSandbox* host : {&without, &other}) {
            const auto refused = LoadedSandbox::from_snapshot(snapshot, *host);
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
            EXPECT_THAT(refused.error().message, HasSubstr("math"));
        }
        auto again = LoadedSandbox::from_snapshot(snapshot, make_host(with_add));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->handle_event("main", "40")->result, "42");
        ASSERT_TRUE(again->restore(*in_memory));
        ASSERT_TRUE(again->restore(*saved));
    }
    // A sandbox that lacks them cannot be brought there either, and stays what it is.
    LoadedSandbox plain = load_script("function handler() { return 1; }");
    EXPECT_THAT(plain.restore(*saved).error().message, HasSubstr("math"));
    EXPECT_EQ(call(plain), "1");
}

TEST_F(SnapshotFile, IsReadByManyThreadsAtOnce) {
    save_counter();
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) {
                const auto loaded = Snapshot::load(path_);
                ASSERT_TRUE(loaded) << loaded.error().message;
                auto sandbox = LoadedSandbox::from_snapshot(*loaded);
                ASSERT_TRUE(sandbox);
                ASSERT_EQ(call(*sandbox), "2");
                ASSERT_TRUE(loaded->save(folder_ / "shared.snap"));
            }
        });
    }
    threads.clear();
    const auto last = Snapshot::load(folder_ / "shared.snap");
    EXPECT_TRUE(last) << last.error().message;
}

// --- Saving ---

TEST_F(SnapshotFile, IsItsOwnersOnlyAndLeavesNothingElse) {
    const mode_t before = ::umask(0);
    save_counter();
    ::umask(before);
    EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(SnapshotFile, ReplacesAFileOrLeavesItAlone) {
    put("something else");
    save_counter();
    EXPECT_TRUE(Snapshot::load(path_));
    const auto saved = Snapshot::load(path_);
    const auto done = saved->save(folder_ / "missing" / "a.snap");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(done.error().message, AllOf(HasSubstr("missing/a.snap"), HasSubstr("No such file")));
    EXPECT_THAT(saved->save(folder_).error().message, HasSubstr("it is a folder"));
    EXPECT_THAT(saved->save("").error().message, HasSubstr("names no file"));
    EXPECT_THAT(saved->save("/dev/null").error().message, HasSubstr("no regular file"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(SnapshotFile, NeedsASnapshot) {
    LoadedSandbox sandbox = load_script("function handler() { return 1; }");
    auto saved = sandbox.snapshot();
    const Snapshot moved = std::move(*saved);
    EXPECT_EQ(saved->save(path_).error().code, ErrorCode::consumed);
    EXPECT_TRUE(saved->handlers().empty());
}

// --- Refusing ---

TEST_F(SnapshotFile, RefusesWhatIsNoFile) {
    EXPECT_THAT(refusal(), HasSubstr("there is no such file"));
    put("");
    EXPECT_THAT(refusal(), HasSubstr("it is empty"));
    fs::remove(path_);
    fs::create_directory(path_);
    EXPECT_THAT(refusal(), HasSubstr("it is a folder"));
    fs::remove(path_);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_THAT(refusal(), HasSubstr("it is no regular file"));
}

TEST_F(SnapshotFile, RefusesForeignFiles) {
    for (const std::string& foreign : {std::string("x"), std::string(39, '\0'), std::string(100'000, 'a'),
                                       std::string("\x7f"
                                                   "ELF and so on, for more than the forty bytes of a header")}) {
        put(foreign);
        EXPECT_THAT(refusal(), HasSubstr("not a snapshot of Curfew"));
    }
}

TEST_F(SnapshotFile, RefusesOtherFormatsAndBuilds) {
    save_counter();
    const std::string good = content();
    std::string bad = good;
    put_number(bad, kFormat, std::uint32_t{6});
    put(bad);
    EXPECT_THAT(refusal(), HasSubstr("has format 6, of a newer version of Curfew; this one reads format 5"));
    put_number(bad, kFormat, std::uint32_t{4});
    put(bad);
    EXPECT_THAT(refusal(), HasSubstr("has format 4, of an older version of Curfew; this one reads format 5"));
    put_number(bad, kFormat, std::uint32_t{0});
    put(bad);
    EXPECT_THAT(refusal(), HasSubstr("altered"));
    // The version comes first, then the engine, then its image's build id, then the back end's name and
    // checksum.
    const std::size_t engine = kHeader + 8 + number_at<std::uint64_t>(good, kHeader);
    const std::size_t build_id = engine + 8 + number_at<std::uint64_t>(good, engine);
    const std::size_t back_end = build_id + 8 + number_at<std::uint64_t>(good, build_id);
    const std::size_t back_end_checksum = back_end + 8 + number_at<std::uint64_t>(good, back_end);
    for (const std::size_t at : {build_id + 8, back_end_checksum}) {
        bad = good;
        bad[at] ^= 1;
        reseal(bad);
        put(bad);
        EXPECT_THAT(refusal(), HasSubstr("saved by another build of Curfew (version "));
    }
    bad = good;
    std::string name(name_of(*default_engine()));
    ASSERT_EQ(bad.substr(engine + 8, name.size()), name);
    bad[engine + 8] = name[0] = 'k';
    reseal(bad);
    put(bad);
    EXPECT_THAT(refusal(), HasSubstr("the engine \"" + name + "\", which this build of Curfew does not have"));
    bad = good;
    ASSERT_EQ(bad.substr(back_end + 8, 7), "process");
    bad[back_end + 8] = 'b';
    reseal(bad);
    put(bad);
    EXPECT_THAT(refusal(), HasSubstr("cells of the kind \"brocess\", and this build of Curfew makes cells of the kind "
                                     "\"process\""));
}

TEST_F(SnapshotFile, RefusesFilesOfAWrongLength) {
    save_counter();
    const std::string good = content();
    for (const std::size_t length :
         {std::size_t{1}, kHeader - 1, kHeader, kHeader + 1, good.size() / 2, good.size() - 1}) {
        put(good.substr(0, length));
        EXPECT_THAT(refusal(), HasSubstr("cut short")) << length;
    }
    put(good + "x");
    EXPECT_THAT(refusal(), HasSubstr("too large"));
    fs::resize_file(path_, std::uintmax_t{1} << 40);  // with a hole
    EXPECT_THAT(refusal(), HasSubstr("too large"));
    for (const std::size_t at : {kDescriptionLength, kDescriptionLength + 4}) {
        std::string bad = good;
        bad[at + 3] = '\xff';
        bad[at + 7] = '\xff';
        put(bad);
        EXPECT_THAT(refusal(), HasSubstr("claims more than any snapshot has")) << at;
    }
}

TEST_F(SnapshotFile, RefusesFilesWithAnyByteAltered) {
    save_counter();
    std::string bytes = content();
    const std::size_t described = kHeader + number_at<std::uint32_t>(bytes, kDescriptionLength);
    put(bytes);
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    const auto write = [&](std::size_t at, char byte) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
        file.flush();
    };
    // Every byte of header and description, and one of every 257 of the memory.
    for (std::size_t at = 0; at < bytes.size(); at += at < described ? 1 : 257) {
        for (const int bit : {0, 7}) {
            if (at >= described && bit == 0) continue;
            write(at, static_cast<char>(bytes[at] ^ (1 << bit)));
            ASSERT_FALSE(Snapshot::load(path_)) << at;
        }
        write(at, bytes[at]);
    }
    EXPECT_TRUE(Snapshot::load(path_));
}

// With a checksum that is right, a file can say anything. What is loaded all the same makes a cell that harms nobody.
TEST_F(SnapshotFile, SurvivesAnyDescription) {
    save_counter();
    const std::string good = content();
    const std::size_t length = number_at<std::uint32_t>(good, kDescriptionLength);
    unsigned loaded = 0;
    for (std::size_t at = kHeader; at + 8 <= kHeader + length; at += 3) {
        for (const std::uint64_t value :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4096}, std::uint64_t{0x20100000},
              std::uint64_t{1} << 40, ~std::uint64_t{0}, ~std::uint64_t{4095}}) {
            std::string bad = good;
            put_number(bad, at, value);
            if (bad == good) continue;
            reseal(bad);
            put(bad);
            const auto snapshot = Snapshot::load(path_);
            if (!snapshot) continue;
            ++loaded;
            auto sandbox = LoadedSandbox::from_snapshot(*snapshot);
            if (sandbox) (void)sandbox->handle_event("main", "0", WallClockMonitor(20ms));
        }
    }
    EXPECT_GT(loaded, 0U);  // the output limit may be anything, for one
    std::string shorter = good;
    shorter.erase(kHeader + length - 8, 8);
    put_number(shorter, kDescriptionLength, static_cast<std::uint32_t>(length - 8));
    reseal(shorter);
    put(shorter);
    EXPECT_THAT(refusal(), HasSubstr("makes no sense"));
}

}  // namespace
}  // namespace curfew
