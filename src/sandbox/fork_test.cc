// A sandbox belongs to the process that made it: its forked child neither uses
// nor harms it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <curfew/host_module.h>
#include <curfew/sandbox.h>
#include <curfew/sandbox_pool.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;

constexpr const char* kCounter = "let n = 0; function handler() { return ++n; }";

// Whether the work, which says so, does in a child what it should.
template <typename Work>
bool holds_in_child(Work work) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        ::_exit(work() ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

template <typename T>
bool is_refused(const Result<T>& result) {
    return !result && result.error().code == ErrorCode::invalid_argument && result.error().message.contains("fork");
}

std::string next(LoadedSandbox& loaded) {
    const auto done = loaded.handle_event("main", "0");
    return done ? done->result : done.error().message;
}

TEST(Fork, LeavesALoadedSandboxToTheParent) {
    auto loaded = load_script(kCounter);
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(next(loaded), "1");
    EXPECT_TRUE(holds_in_child([&] { return is_refused(loaded.handle_event("main", "0")); }));
    EXPECT_EQ(next(loaded), "2");
    EXPECT_TRUE(holds_in_child([&] { return is_refused(loaded.snapshot()); }));
    EXPECT_TRUE(holds_in_child([&] { return is_refused(loaded.restore(*saved)); }));
    EXPECT_TRUE(holds_in_child([&] { return is_refused(std::move(loaded).unload()); }));
    EXPECT_EQ(next(loaded), "3");
}

TEST(Fork, LeavesASandboxToTheParent) {
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content(kCounter, "test.js")));
    EXPECT_TRUE(holds_in_child([&] { return is_refused(std::move(sandbox).load()); }));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(next(*loaded), "1");
}

TEST(Fork, LetsAChildDestroyItsCopy) {
    std::optional<LoadedSandbox> loaded(load_script(kCounter));
    EXPECT_EQ(next(*loaded), "1");
    EXPECT_TRUE(holds_in_child([&] {
        loaded.reset();
        return true;
    }));
    EXPECT_EQ(next(*loaded), "2");
}

TEST(Fork, LetsAChildMakeSandboxesOfItsOwn) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the thread sanitizer starts no threads in a child of a process that had several";
#endif
    auto loaded = load_script(kCounter);
    EXPECT_EQ(next(loaded), "1");
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_TRUE(holds_in_child([&] {
        auto own = LoadedSandbox::from_snapshot(*saved);
        return own && next(*own) == "2" && next(*own) == "3" && own->restore(*saved) && next(*own) == "2";
    }));
    EXPECT_EQ(next(loaded), "2");
}

// Whoever forks while another thread starts a runtime that no sandbox had yet: what that thread is in the middle of, or has
// locked, stays so in the child for ever.
TEST(Fork, WhileARuntimeStartsLeavesAChildThatCanStartOne) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers' own locks stay locked in a child of a process that had several threads";
#endif
    std::atomic<std::uint64_t> started = 0;
    const std::jthread starts_runtimes([&](const std::stop_token& stop) {
        for (std::uint64_t heap = 2 << 20; !stop.stop_requested(); heap += 4096) {
            start_sandbox(heap);
            ++started;
            started.notify_one();
        }
    });
    for (std::uint64_t round = 1; round <= 10; ++round) {
        for (std::uint64_t seen = started; seen < round; seen = started) started.wait(seen);
        EXPECT_TRUE(holds_in_child([&] {
            auto proto = SandboxBuilder().with_heap_size((64 << 20) + 4096 * round).build();
            return proto && std::move(*proto).load_runtime();
        }));
    }
}

TEST(Fork, LeavesAPoolToTheParent) {
    auto loaded = load_script(kCounter);
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    auto made = SandboxPool::create(*saved, {.size = 2, .made_at_start = 1, .restore = RestorePolicy::never});
    ASSERT_TRUE(made) << made.error().message;
    std::optional<SandboxPool> pool(std::move(*made));
    auto lease = pool->acquire();
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(next(**lease), "1");
    EXPECT_TRUE(holds_in_child([&] {
        const bool refused =
            is_refused(pool->handle_event("main", "0")) && is_refused((*lease)->handle_event("main", "0"));
        {
            const auto dropped = std::move(*lease);
        }
        pool.reset();
        return refused;
    }));
    EXPECT_EQ(next(**lease), "2");
    const auto other = pool->handle_event("main", "0");
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(other->result, "1");
}

// The thread that waits for the function exists in the parent only.
TEST(Fork, InAHostFunctionEndsAChildThatComesBack) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the thread sanitizer starts no threads in a child of a process that had several";
#endif
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto) << proto.error().message;
    pid_t child = -1;
    proto->host_module("m").add("fork", [&child] { return (child = ::fork()) == 0 ? "child" : "parent"; });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    ASSERT_TRUE(sandbox->add_handler(
        "main", Script::from_content("import {fork} from 'm'; function handler() { return fork(); }", "test.js")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    for (int i = 0; i < 3; ++i) {
        const auto done = loaded->handle_event("main", "null");
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->result, "\"parent\"");
    }
}

TEST(Fork, InAHostFunctionLeavesTheCallToTheParent) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the thread sanitizer starts no threads in a child of a process that had several";
#endif
    auto proto = SandboxBuilder().with_host_thread(HostThread::callers).build();
    ASSERT_TRUE(proto) << proto.error().message;
    pid_t child = -1;
    proto->host_module("m").add("fork", [&child] { return (child = ::fork()) == 0 ? "child" : "parent"; });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    ASSERT_TRUE(sandbox->add_handler(
        "main",
        Script::from_content("import {fork} from 'm'; function handler(e) { return [e, fork()]; }", "test.js")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    for (int i = 0; i < 3; ++i) {
        const auto done = loaded->handle_event("main", std::to_string(i));
        if (child == 0) ::_exit(is_refused(done) && is_refused(loaded->handle_event("main", "7")) ? 0 : 1);
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->result, "[" + std::to_string(i) + ",\"parent\"]");
    }
}

}  // namespace
}  // namespace curfew
