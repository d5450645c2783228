// Who asks for it hears of the system calls that a guest asked for and did not get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include <curfew/call_trace.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::tests_node;
using ::testing::IsEmpty;

class CallTraces : public ::testing::Test {
  protected:
    LoadedSandbox load(std::string source) {
        auto proto = SandboxBuilder()
                         .with_call_trace([this](const RefusedCall& call) {
                             heard_[std::string(call.name) + " " + std::string(call.error_name)] += call.count;
                         })
                         .build();
        EXPECT_TRUE(proto);
        auto sandbox = std::move(*proto).load_runtime();
        EXPECT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(std::move(source))));
        auto loaded = std::move(*sandbox).load();
        EXPECT_TRUE(loaded) << loaded.error().message << loaded.error().stack;
        return std::move(*loaded);
    }

    std::map<std::string, std::uint64_t> heard_;
};

constexpr const char* kOpens = R"(
    function handler(count) {
        const fs = require('fs');
        let refused = 0;
        for (let i = 0; i < count; ++i) {
            try { fs.openSync('/etc/passwd'); } catch { ++refused; }
        }
        return refused;
    })";

TEST_F(CallTraces, SayWhatWasRefusedAndHowOften) {
    if (!tests_node()) GTEST_SKIP() << "there are none to hear of";
    LoadedSandbox sandbox = load(kOpens);
    heard_.clear();
    const auto done = sandbox.handle_event("main", "3");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "3");
    EXPECT_EQ(heard_["open EPERM"] + heard_["openat EPERM"], 3U);

    // Each invocation tells its own; and what goes back forgets it.
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    for (int i = 0; i < 3; ++i) {
        heard_.clear();
        ASSERT_TRUE(sandbox.handle_event("main", "2"));
        EXPECT_EQ(heard_["open EPERM"] + heard_["openat EPERM"], 2U);
        ASSERT_TRUE(sandbox.restore(*saved));
    }
    heard_.clear();
    ASSERT_TRUE(sandbox.handle_event("main", "0"));
    EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(CallTraces, HearOfNothingOnAnEngineThatAsksForNothing) {
    if (tests_node()) GTEST_SKIP() << "there are some to hear of";
    LoadedSandbox sandbox = load("function handler(event) { return Date.now() > 0 && Math.random() < 2; }");
    ASSERT_TRUE(sandbox.handle_event("main", "0"));
    EXPECT_THAT(heard_, IsEmpty());
}

// A guest whose host does not ask says nothing: the calls' answers are the same.
TEST_F(CallTraces, AreNotMadeIfNobodyAsks) {
    if (!tests_node()) GTEST_SKIP() << "there are none to hear of";
    LoadedSandbox sandbox = sandbox::testing::load_script(kOpens);
    const auto done = sandbox.handle_event("main", "3");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "3");
}

}  // namespace
}  // namespace curfew
