// Node.js without V8's compiler: what it keeps to, and who may go on with what was saved of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include <curfew/curfew.h>

#include "cell/testing/processes.h"

namespace curfew {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

SandboxBuilder builder(bool jitless) { return SandboxBuilder().with_engine(Engine::node).with_jitless(jitless); }

LoadedSandbox load(const SandboxBuilder& from, std::string source) {
    auto proto = from.build();
    EXPECT_TRUE(proto) << proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(std::move(source))));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << loaded.error().stack;
    return std::move(*loaded);
}

std::string call(LoadedSandbox& sandbox, std::string_view event = "0") {
    const auto done = sandbox.handle_event("main", event);
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

// Of all cells of this process.
std::vector<std::string> writable_and_executable() {
    std::vector<std::string> found;
    for (const pid_t pid : cell::testing::processes_of_cells()) {
        for (const auto& mapping : cell::testing::mappings_of(pid)) {
            if (mapping.permissions.starts_with("rwx") || mapping.permissions.starts_with("-wx")) {
                found.push_back(mapping.permissions + " " + mapping.name);
            }
        }
    }
    return found;
}

constexpr const char* kComputes = R"(
    const { createHash } = require('crypto');
    function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    let calls = 0;
    function handler(event) {
        return [++calls, fib(20), /^(a+)b$/.exec('aaab')[1], JSON.parse('[1]'), createHash('md5').update('').digest('hex')];
    })";
constexpr const char* kComputed = R"(,6765,"aaa",[1],"d41d8cd98f00b204e9800998ecf8427e"])";

TEST(Jitless, HasNoMemoryThatIsWritableAndExecutable) {
    LoadedSandbox sandbox = load(builder(true), kComputes);
    EXPECT_THAT(writable_and_executable(), IsEmpty());
    const auto start = sandbox.snapshot();
    ASSERT_TRUE(start);
    for (int i = 0; i < 30; ++i) ASSERT_EQ(call(sandbox), "[" + std::to_string(i + 1) + kComputed);
    EXPECT_THAT(writable_and_executable(), IsEmpty());
    ASSERT_TRUE(sandbox.restore(*start));
    EXPECT_EQ(call(sandbox), "[1" + std::string(kComputed));
    EXPECT_THAT(writable_and_executable(), IsEmpty());
    auto other = LoadedSandbox::from_snapshot(*start);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(call(*other), "[1" + std::string(kComputed));
    EXPECT_THAT(writable_and_executable(), IsEmpty());
}

// So that the test above can fail.
TEST(Jitless, IsNotWhatNodeDoesByItself) {
    LoadedSandbox sandbox = load(builder(false), kComputes);
    EXPECT_EQ(call(sandbox), "[1" + std::string(kComputed));
    EXPECT_FALSE(writable_and_executable().empty());
}

TEST(Jitless, SaysOfWebAssemblyThatThereIsNone) {
    LoadedSandbox sandbox = load(builder(true), R"(
        async function handler() {
            const said = [];
            const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
            for (const use of [() => new WebAssembly.Module(bytes), () => WebAssembly.instantiate(bytes),
                               () => new WebAssembly.Memory({ initial: 1 })]) {
                try { await use(); } catch (error) { said.push(error.code + ': ' + error.message); }
            }
            return [WebAssembly.validate(bytes), said];
        })");
    const auto said = [](const std::string& what) {
        return "\"ERR_NOT_IN_SANDBOX: WebAssembly." + what +
               " needs V8's compiler, which this sandbox does without (--jitless)\"";
    };
    EXPECT_EQ(call(sandbox), "[false,[" + said("Module") + "," + said("instantiate") + "," + said("Memory") + "]]");
}

TEST(Jitless, HoldsForWhatIsMadeOfASnapshot) {
    LoadedSandbox with = load(builder(false), kComputes);
    LoadedSandbox without = load(builder(true), kComputes);
    const auto of_with = with.snapshot();
    const auto of_without = without.snapshot();
    ASSERT_TRUE(of_with && of_without);
    EXPECT_FALSE(of_with->jitless());
    EXPECT_TRUE(of_without->jitless());

    const auto back = without.restore(*of_with);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(back.error().message, HasSubstr("a compiler, which this one does without"));
    EXPECT_THAT(with.restore(*of_without).error().message, HasSubstr("no compiler, which this one has"));
    EXPECT_EQ(call(without), "[1" + std::string(kComputed));

    const auto strict_host = builder(true).build();
    const auto host = builder(false).build();
    ASSERT_TRUE(strict_host && host);
    const auto refused = LoadedSandbox::from_snapshot(*of_with, *strict_host);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr("its host allows none"));
    auto stays = LoadedSandbox::from_snapshot(*of_without, *host);
    ASSERT_TRUE(stays) << stays.error().message;
    EXPECT_EQ(call(*stays), "[1" + std::string(kComputed));
}

TEST(Jitless, IsInASnapshotsFile) {
    LoadedSandbox sandbox = load(builder(true), kComputes);
    const std::string path = ::testing::TempDir() + "/jitless-" + std::to_string(::getpid()) + ".snapshot";
    {
        const auto saved = sandbox.snapshot();
        ASSERT_TRUE(saved);
        ASSERT_TRUE(saved->save(path));
    }
    const auto read = Snapshot::load(path);
    ::unlink(path.c_str());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->jitless());
    const auto host = builder(true).build();
    ASSERT_TRUE(host);
    auto other = LoadedSandbox::from_snapshot(*read, *host);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(call(*other), "[1" + std::string(kComputed));
    EXPECT_THAT(writable_and_executable(), IsEmpty());
}

TEST(Jitless, IsNothingNewForAnEngineWithoutCompiler) {
    const SandboxBuilder small = SandboxBuilder().with_engine(Engine::quickjs);
    LoadedSandbox sandbox = load(SandboxBuilder(small).with_jitless(), "function handler() { return 1; }");
    const auto saved = sandbox.snapshot();
    ASSERT_TRUE(saved);
    EXPECT_FALSE(saved->jitless());
    LoadedSandbox other = load(small, "function handler() { return 2; }");
    EXPECT_TRUE(other.restore(*saved));
    EXPECT_EQ(call(other), "1");
}

// Who hears of it.
TEST(Jitless, IsToldToObservers) {
    struct Recorder final : Observer {
        std::vector<std::pair<Engine, bool>> made;
        void sandbox_made(const observed::SandboxMade& event) noexcept override {
            made.emplace_back(event.engine, event.jitless);
        }
    };
    const auto recorder = std::make_shared<Recorder>();
    const LoadedSandbox first = load(builder(true).with_observer(recorder), "function handler() {}");
    const LoadedSandbox second = load(builder(false).with_observer(recorder), "function handler() {}");
    using Made = std::pair<Engine, bool>;
    EXPECT_THAT(recorder->made, ::testing::ElementsAre(Made{Engine::node, true}, Made{Engine::node, true},
                                                       Made{Engine::node, false}, Made{Engine::node, false}));
}

}  // namespace
}  // namespace curfew
