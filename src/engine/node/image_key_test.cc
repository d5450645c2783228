#include "engine/node/image_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string_view>
#include <thread>

namespace curfew::engine {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

std::string key_of(std::string_view library, const std::string& program, bool jitless = false) {
    return image_key(std::as_bytes(std::span(library)), program, jitless);
}

TEST(ImageKey, IsTheSameForTheSame) {
    const std::string key = key_of("library", "sha256 1");
    EXPECT_THAT(key, MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(key.size(), 32u);
    EXPECT_EQ(key_of("library", "sha256 1"), key);
}

TEST(ImageKey, DiffersForOtherLibrariesAndPrograms) {
    const std::string key = key_of("library", "sha256 1");
    EXPECT_NE(key_of("librarz", "sha256 1"), key);
    EXPECT_NE(key_of("library", "sha256 2"), key);
    EXPECT_NE(key_of("", "sha256 1"), key);
    EXPECT_NE(key_of("library", "sha256 1", true), key);
}

TEST(ImageKey, KnowsTheSystemsLibraries) {
    EXPECT_THAT(describe_system_libraries(), HasSubstr("libc.so.6 "));
    EXPECT_THAT(describe_system_libraries(), HasSubstr("ld-linux-x86-64.so.2 "));
}

// Which core runs this must not matter, since a process may be moved at any time.
TEST(ImageKey, KnowsTheProcessorWhicheverCoreItIs) {
    const std::string here = describe_processor();
    EXPECT_THAT(here, StartsWith("cpu "));
    const unsigned cpus = std::thread::hardware_concurrency();
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        std::thread([&] {
            if (::pthread_setaffinity_np(::pthread_self(), sizeof one, &one) != 0) return;  // not this process's
            EXPECT_EQ(describe_processor(), here) << "CPU " << cpu;
        }).join();
    }
}

}  // namespace
}  // namespace curfew::engine
