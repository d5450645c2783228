#include "engine/store/tool.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"
#include "engine/testing/places.h"

namespace curfew::engine {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

base::Descriptor file_with(std::string_view content) {
    base::Descriptor file(::memfd_create("tool-test", MFD_CLOEXEC));
    EXPECT_EQ(::write(file.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
    return file;
}

Error failure_of(const ToolRequest& request) {
    const auto answer = ask_tool(request);
    return answer ? Error{.message = "it said " + *answer} : answer.error();
}

TEST(Tool, AnswersWithWhatItPrints) {
    EXPECT_EQ(ask_tool({.command = {"echo", "a b", "c"}}), "a b c");
    const TestFolder place;
    EXPECT_EQ(ask_tool({.command = {"sh", "-c", "pwd; echo x >&2"}, .folder = place.path()}), place.path());
}

TEST(Tool, ReadsAFileFromItsBeginning) {
    const auto file = file_with("content\n");
    EXPECT_EQ(ask_tool({.command = {"cat"}, .input = file.get()}), "content");
    EXPECT_EQ(ask_tool({.command = {"cat"}, .input = file.get()}), "content") << "wherever it was read before";
    EXPECT_EQ(ask_tool({.command = {"cat"}}), "") << "there is no input";
}

TEST(Tool, ThatIsMissingIsNamedWithItsPackage) {
    const TestVariable path("PATH", "/usr/bin:/bin");
    const Error error = failure_of({.command = {"curfew-no-such-tool"}, .package = "some-package"});
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_EQ(error.message,
              "the program curfew-no-such-tool is needed and is not there; Debian's package some-package has it");
}

TEST(Tool, ThatFailsIsQuoted) {
    const Error error = failure_of({.command = {"sh", "-c", "echo why\x1b not >&2; exit 7"}});
    EXPECT_EQ(error.code, ErrorCode::internal);
    EXPECT_THAT(error.message, AllOf(HasSubstr("failed with status 7. It said:\nwhy\\u001b not")));
    EXPECT_THAT(failure_of({.command = {"sh", "-c", "kill -TERM $$"}}).message, HasSubstr("was ended by signal 15"));
}

TEST(Tool, ThatTakesTooLongIsEnded) {
    const auto start = std::chrono::steady_clock::now();
    const Error error = failure_of({.command = {"sleep", "600"}, .time_limit = 50ms});
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_THAT(error.message, HasSubstr("did not come to an end in time"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1min);
}

TEST(Tool, IsEndedWhenItsOutputIsNotTaken) {
    const auto nothing = [](std::span<const std::byte>) -> Result<void> {
        return base::fail(ErrorCode::invalid_argument, "too much");
    };
    const auto ran = run_tool({.command = {"yes"}}, nothing);
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().message, "too much");
    EXPECT_THAT(failure_of({.command = {"yes"}}).message, HasSubstr("said more than can be an answer"));
}

TEST(Tool, HasTheUsualSignals) {
    sigset_t all, before;
    ::sigfillset(&all);
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &all, &before), 0);
    const auto answer = ask_tool({.command = {"sh", "-c", "kill -TERM $$; echo still there"}});
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("was ended by signal 15"));
}

TEST(Sha2, IsThatOfTheFile) {
    const auto file = file_with("abc");
    EXPECT_EQ(sha2_of(file.get(), 256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha2_of(file.get(), 512),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Sha2, IsNoneWhereTheToolSaysSomethingElse) {
    const TestFolder place;
    write_program(place / "sha256sum", "echo maybe\n");
    const TestVariable path("PATH", place.path());
    const auto hash = sha2_of(file_with("abc").get(), 256);
    ASSERT_FALSE(hash);
    EXPECT_THAT(hash.error().message, HasSubstr("gave no hash, but \"maybe\""));
}

}  // namespace
}  // namespace curfew::engine
