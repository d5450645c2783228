#include "engine/node/release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::engine {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

TEST(NodeRelease, IsTheOneThatIsWrittenDown) {
    EXPECT_TRUE(is_version(tested_release().version));
    EXPECT_THAT(tested_release().integrity, StartsWith("sha512-"));
    EXPECT_EQ(tested_release().integrity.size(), 7u + 88u);
    EXPECT_THAT(std::string(tested_release().program_sha256), MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(tested_release().program_sha256.size(), 64u);
}

TEST(NodeRelease, VersionsAreWrittenAsNpmWritesThem) {
    for (const char* const good : {"24.21.0", "0.0.1", "26.0.0-rc.1", "1.2.3+build"})
        EXPECT_TRUE(is_version(good)) << good;
    for (const char* const bad : {"", "24", "24.1", "v24.1.0", "latest", "1..2", "1.2.", "1.2.3.4", "../../1.2.3",
                                  "1.2.3/x", "1.2.3 --x", "--from", "1.2.x", "1.2.3\n"}) {
        EXPECT_FALSE(is_version(bad)) << bad;
    }
    EXPECT_FALSE(is_version("1.2.3-" + std::string(100, 'a')));
}

TEST(NodeRelease, VersionsGoByTheirNumbers) {
    EXPECT_TRUE(is_older("9.0.0", "10.0.0"));
    EXPECT_TRUE(is_older("24.9.0", "24.21.0"));
    EXPECT_FALSE(is_older("24.21.0", "24.21.0"));
    EXPECT_FALSE(is_older("26.0.0-rc.1", "24.21.0"));
}

}  // namespace
}  // namespace curfew::engine
