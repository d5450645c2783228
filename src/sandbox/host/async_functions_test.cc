// Asynchronous host functions, from JavaScript and back, through the public interface.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/host_module.h>
#include <curfew/monitor.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

ProtoSandbox make_proto(const SandboxBuilder& builder = SandboxBuilder()) {
    auto proto = builder.build();
    EXPECT_TRUE(proto) << proto.error().message;
    return std::move(*proto);
}

LoadedSandbox load(ProtoSandbox proto, const std::string& source) {
    auto sandbox = std::move(proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source, "test.js")));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << loaded.error().stack;
    return std::move(*loaded);
}

// A handler with the host module `m`, whose result is `expression`.
std::string handler_of(const std::string& expression) {
    return "import * as m from 'm'; export async function handler(event) { return " + expression + "; }";
}

std::string call(LoadedSandbox& loaded, std::string_view event = "null") {
    const auto done = loaded.handle_event("main", event);
    return done ? done->result : "failed: " + done.error().message;
}

// Threads that are waited for at the end.
class Threads {
  public:
    ~Threads() {
        for (std::thread& thread : threads_) thread.join();
    }
    template <typename F>
    void start(F work) {
        const std::lock_guard lock(mutex_);
        threads_.emplace_back(std::move(work));
    }

  private:
    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

TEST(AsyncFunctions, AnswerLaterFromAnotherThread) {
    Threads threads;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("twice", [&](int number, Reply<int> reply) {
        threads.start([number, reply = std::move(reply)]() mutable { reply.send(2 * number); });
    });
    LoadedSandbox loaded =
        load(std::move(proto), handler_of("[await m.twice(21), m.twice(1) instanceof Promise, m.twice.name]"));
    EXPECT_EQ(call(loaded), "[42,true,\"twice\"]");
    EXPECT_EQ(call(loaded), "[42,true,\"twice\"]");
}

TEST(AsyncFunctions, AnswerAtOnce) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m")
        .add_async("text", [](std::string text, Reply<std::string> reply) { reply.send(text + "!"); })
        .add_async("nothing", [](Reply<void> reply) { reply.send(); })
        .add_async("bytes", [](Reply<std::vector<std::byte>> reply) {
            reply.send(std::vector<std::byte>{std::byte{1}, std::byte{2}});
        });
    LoadedSandbox loaded = load(
        std::move(proto), handler_of("[await m.text('a'), typeof await m.nothing(), Array.from(await m.bytes())]"));
    EXPECT_EQ(call(loaded), "[\"a!\",\"undefined\",[1,2]]");
}

TEST(AsyncFunctions, RunSideBySide) {
    Threads threads;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("sleep", [&](Reply<void> reply) {
        threads.start([reply = std::move(reply)]() mutable {
            std::this_thread::sleep_for(100ms);
            reply.send();
        });
    });
    LoadedSandbox loaded =
        load(std::move(proto), handler_of("(await Promise.all([m.sleep(), m.sleep(), m.sleep()])).length"));
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(call(loaded), "3");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 200ms);
}

}  // namespace
}  // namespace curfew
