// Snapshot files that are signed: who is let in with which key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <curfew/sandbox.h>

#include "base/checksum.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

namespace fs = std::filesystem;
using sandbox::testing::load_script;
using ::testing::HasSubstr;

constexpr std::size_t kHeader = 104, kDescriptionLength = 12, kMemoryChecksum = 24, kDigest = 32, kSignature = 64,
                      kChecksum = 96;

SigningKey key_of(std::string_view text) { return SigningKey::from_bytes(std::as_bytes(std::span(text))).value(); }

const std::string kOwn(32, 'k');

class SignedFile : public ::testing::Test {
  protected:
    SignedFile() {
        std::string name = ::testing::TempDir() + "curfew_signed_XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "a.snap";
    }
    ~SignedFile() override { fs::remove_all(folder_); }

    void save(const SigningKey* key) const {
        LoadedSandbox sandbox = load_script("let n = 0; function handler() { return ++n; }");
        const auto saved = sandbox.snapshot();
        ASSERT_TRUE(saved);
        ASSERT_TRUE(key != nullptr ? saved->save(path_, *key) : saved->save(path_));
    }
    std::string content() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    void put(std::string_view bytes) const { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes; }

    // The message with which the file is refused; empty if it is loaded.
    std::string refusal(const SigningKey& key) const {
        const auto loaded = Snapshot::load(path_, key);
        if (loaded) return "";
        EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
        return loaded.error().message;
    }

    fs::path folder_;
    fs::path path_;
};

// Makes all checksums right again, as who means to deceive would.
void reseal(std::string& bytes) {
    std::uint32_t description = 0;
    std::memcpy(&description, &bytes[kDescriptionLength], sizeof description);
    const auto all = std::as_bytes(std::span(bytes));
    base::Checksum of_memory;
    of_memory.add(all.subspan(kHeader + description));
    std::uint64_t sum = of_memory.value();
    std::memcpy(&bytes[kMemoryChecksum], &sum, sizeof sum);
    base::Checksum of_header;
    of_header.add(all.first(kChecksum));
    of_header.add(all.subspan(kHeader, description));
    sum = of_header.value();
    std::memcpy(&bytes[kChecksum], &sum, sizeof sum);
}

TEST_F(SignedFile, IsLoadedWithItsKeyAndWithoutOne) {
    const SigningKey key = key_of(kOwn);
    save(&key);
    const auto loaded = Snapshot::load(path_, key);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(LoadedSandbox::from_snapshot(*loaded)->handle_event("main", "0")->result, "1");
    EXPECT_TRUE(Snapshot::load(path_)) << "who gives no key asks for no signature";
}

TEST_F(SignedFile, IsRefusedWithAnotherKey) {
    const SigningKey key = key_of(kOwn);
    save(&key);
    EXPECT_THAT(refusal(key_of(std::string(31, 'k'))), HasSubstr("signed with another key"));
    EXPECT_THAT(refusal(key_of(std::string(32, 'K'))), HasSubstr("signed with another key"));
}

TEST_F(SignedFile, IsAskedForWhereAKeyIsGiven) {
    save(nullptr);
    EXPECT_THAT(refusal(key_of(kOwn)), HasSubstr("it is not signed"));
    EXPECT_TRUE(Snapshot::load(path_));
}

TEST_F(SignedFile, IsRefusedWhateverIsAltered) {
    const SigningKey key = key_of(kOwn);
    save(&key);
    const std::string good = content();
    std::uint32_t described = 0;
    std::memcpy(&described, &good[kDescriptionLength], sizeof described);
    const std::size_t memory = kHeader + described;
    for (const std::size_t at : {kDigest, kDigest + 31, kSignature, kSignature + 31, kHeader, memory - 1, memory,
                                 memory + (good.size() - memory) / 2, good.size() - 1}) {
        std::string bad = good;
        bad[at] ^= 1;
        if (at >= memory && bad[at] == '\0') bad[at] = 2;
        reseal(bad);
        put(bad);
        EXPECT_NE(refusal(key), "") << at;
    }
    // A signature of other memory: the description is the same.
    std::string bad = good;
    bad[memory] ^= 1;
    reseal(bad);
    put(bad);
    EXPECT_THAT(refusal(key), HasSubstr("with another key, or altered"));
}

TEST_F(SignedFile, KeysAreLongEnoughAndReadFromFiles) {
    const auto refused = [](std::size_t size) {
        const std::string bytes(size, 'x');
        const auto key = SigningKey::from_bytes(std::as_bytes(std::span(bytes)));
        return key ? "" : key.error().message;
    };
    EXPECT_THAT(refused(0), HasSubstr("has 0 bytes, and may have 16 to 4096"));
    EXPECT_NE(refused(15), "");
    EXPECT_EQ(refused(16), "");
    EXPECT_EQ(refused(4096), "");
    EXPECT_NE(refused(4097), "");

    const fs::path file = folder_ / "key";
    EXPECT_THAT(SigningKey::from_file(file).error().message, HasSubstr("No such file"));
    EXPECT_THAT(SigningKey::from_file(folder_).error().message, HasSubstr("directory"));
    std::ofstream(file) << "short";
    EXPECT_THAT(SigningKey::from_file(file).error().message, HasSubstr("has 5 bytes"));
    std::ofstream(file) << std::string(5000, 'x');
    EXPECT_FALSE(SigningKey::from_file(file));
    std::ofstream(file) << kOwn;
    const auto read = SigningKey::from_file(file);
    ASSERT_TRUE(read) << read.error().message;
    save(&*read);
    EXPECT_EQ(refusal(key_of(kOwn)), "");
}

}  // namespace
}  // namespace curfew
