// Asynchronous host functions, from JavaScript and back, through the public interface.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <chrono>
#include <coroutine>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/async.h>
#include <curfew/host_module.h>
#include <curfew/monitor.h>
#include <curfew/observer.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
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

// Calls "main", and gives the message that a rejected promise brought.
std::string rejection(ProtoSandbox proto, const std::string& expression) {
    LoadedSandbox loaded = load(std::move(proto), handler_of("await " + expression +
                                                             ".then(() => 'no error', (e) => "
                                                             "`${e instanceof Error} ${e.message}`)"));
    return call(loaded);
}

TEST(AsyncFunctions, GiveErrorsToTheGuest) {
    const auto with = [](auto function) {
        ProtoSandbox proto = make_proto();
        proto.host_module("m").add_async("f", std::move(function));
        return proto;
    };
    EXPECT_EQ(rejection(with([](Reply<int> reply) { reply.fail("not today"); }), "m.f()"), R"("true not today")");
    EXPECT_EQ(
        rejection(with([](Reply<int> reply) { reply.send(Result<int>(std::unexpect, Error{.message = "no result"})); }),
                  "m.f()"),
        R"("true no result")");
    EXPECT_EQ(rejection(with([](Reply<int>) {}), "m.f()"), R"("true the host dropped the call without an answer")");
    EXPECT_EQ(rejection(with([](Reply<int>) { throw std::runtime_error("thrown"); }), "m.f()"), R"("true thrown")");
    EXPECT_EQ(rejection(with([](int, Reply<int> reply) { reply.send(1); }), "m.f('a')"),
              R"("true m.f: argument 1 should be an integer, but is a string")");
    EXPECT_EQ(rejection(with([](int, Reply<int> reply) { reply.send(1); }), "m.f()"),
              R"("true m.f takes 1 argument, but was called with 0")");
    EXPECT_EQ(rejection(with([](Reply<int> reply) { reply.send(1); }), "m.f(1)"),
              R"("true m.f takes 0 arguments, but was called with 1")");
    EXPECT_THAT(rejection(with([](Reply<std::string> reply) { reply.send("\xff"); }), "m.f()"), HasSubstr("UTF-8"));
}

TEST(AsyncFunctions, RejectForArgumentsThatCannotBePassed) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("f", [](int, Reply<int> reply) { reply.send(1); });
    EXPECT_THAT(rejection(std::move(proto), "m.f(Symbol())"),
                HasSubstr("a symbol, which cannot be passed to the host"));
}

TEST(AsyncFunctions, AnswerOnce) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("f", [](Reply<int> reply) {
        EXPECT_TRUE(reply.send(1));
        EXPECT_TRUE(reply.over());
        EXPECT_FALSE(reply.stop_token().stop_possible());
        EXPECT_THROW(reply.send(2), std::logic_error);
        EXPECT_THROW(reply.fail("no"), std::logic_error);
    });
    LoadedSandbox loaded = load(std::move(proto), handler_of("await m.f()"));
    EXPECT_EQ(call(loaded), "1");
}

TEST(AsyncFunctions, WorkWhileScriptsAreLoaded) {
    Threads threads;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async(
        "f", [&](Reply<int> reply) { threads.start([reply = std::move(reply)]() mutable { reply.send(7); }); });
    LoadedSandbox loaded = load(
        std::move(proto), "import {f} from 'm'; const seven = await f(); export function handler() { return seven; }");
    EXPECT_EQ(call(loaded), "7");
}

TEST(AsyncFunctions, LetTimersGoOn) {
    Threads threads;
    std::promise<void> timer_ran;
    ProtoSandbox proto = make_proto();
    proto.host_module("m")
        .add_async("after_timer",
                   [&](Reply<int> reply) {
                       threads.start([&, reply = std::move(reply)]() mutable {
                           timer_ran.get_future().wait();
                           reply.send(1);
                       });
                   })
        .add("timer_ran", [&] { timer_ran.set_value(); });
    LoadedSandbox loaded = load(std::move(proto),
                                "import * as m from 'm'; export async function handler() {"
                                "setTimeout(m.timer_ran, 5); return await m.after_timer(); }");
    EXPECT_EQ(call(loaded), "1");
}

TEST(AsyncFunctions, AreNotKeptWaitingByTimersThatAreAlwaysDue) {
    Threads threads;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async(
        "f", [&](Reply<int> reply) { threads.start([reply = std::move(reply)]() mutable { reply.send(1); }); });
    LoadedSandbox loaded = load(std::move(proto),
                                "import * as m from 'm'; export async function handler() {"
                                "const again = () => setTimeout(again, 0); again(); return await m.f(); }");
    EXPECT_EQ(call(loaded), "1");
}

TEST(AsyncFunctions, AreBoundedInNumber) {
    std::vector<Reply<int>> open;
    ProtoSandbox proto = make_proto(SandboxBuilder().with_open_host_calls(2));
    proto.host_module("m")
        .add_async("f", [&](Reply<int> reply) { open.push_back(std::move(reply)); })
        .add("answer", [&] {
            for (Reply<int>& reply : open) reply.send(1);
            open.clear();
        });
    LoadedSandbox loaded = load(std::move(proto),
                                "import * as m from 'm'; export async function handler() {"
                                "const two = [m.f(), m.f()];"
                                "const third = await m.f().catch((e) => e.message); m.answer();"
                                "await Promise.all(two); const more = m.f(); m.answer();"
                                "return [third, await more]; }");
    EXPECT_THAT(call(loaded), AllOf(HasSubstr("there are 2 calls of host functions open already"), HasSubstr(",1]")));
}

TEST(AsyncFunctions, AreBoundedInArguments) {
    ProtoSandbox proto = make_proto(SandboxBuilder().with_host_argument_limit(1000));
    proto.host_module("m").add_async("f", [](std::string, Reply<int> reply) { reply.send(1); });
    EXPECT_THAT(rejection(std::move(proto), "m.f('a'.repeat(1000))"), HasSubstr("with_host_argument_limit"));
}

TEST(AsyncFunctions, AreBoundedInAnswersThatWait) {
    const std::string large(40 << 20, 'a');
    ProtoSandbox proto = make_proto();
    std::vector<Reply<std::string>> open;
    proto.host_module("m")
        .add_async("f", [&](Reply<std::string> reply) { open.push_back(std::move(reply)); })
        .add("answer", [&] {
            for (auto& reply : open) reply.send(large);
            open.clear();
        });
    LoadedSandbox loaded = load(std::move(proto),
                                "import * as m from 'm'; export async function handler() {"
                                "const both = [m.f(), m.f()]; m.answer();"
                                "return (await Promise.allSettled(both)).map((r) => r.reason.message); }");
    EXPECT_THAT(call(loaded), AllOf(HasSubstr("no room for what"), HasSubstr("has no room beside those")));
}

TEST(AsyncFunctions, CountForMonitorsAndUsage) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("f", [](std::string, Reply<int> reply) { reply.send(1); });
    LoadedSandbox loaded = load(std::move(proto),
                                "import * as m from 'm'; export async function handler(text) {"
                                "await m.f(text); await m.f(text); return 0; }");
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    const auto done = loaded.handle_event("main", "\"abc\"", HostCallMonitor(2));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->usage.host_calls, 2U);
    const auto calls = loaded.handle_event("main", "\"abc\"", HostCallMonitor(1));
    ASSERT_FALSE(calls);
    EXPECT_EQ(calls.error().terminated_by, "host-calls");
    ASSERT_TRUE(loaded.restore(*saved));
    const auto output = loaded.handle_event("main", '"' + std::string(2000, 'a') + '"', OutputMonitor(3000));
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().terminated_by, "output");
}

TEST(AsyncFunctions, AreOverWithTheirInvocation) {
    std::optional<Reply<int>> kept;
    std::promise<void> told;
    std::optional<std::stop_callback<std::function<void()>>> callback;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("f", [&](Reply<int> reply) {
        if (!callback) callback.emplace(reply.stop_token(), [&] { told.set_value(); });
        kept.emplace(std::move(reply));
    });
    std::optional<LoadedSandbox> loaded(load(std::move(proto), handler_of("[m.f(), 1][1]")));
    EXPECT_EQ(call(*loaded), "1");
    EXPECT_TRUE(kept->over());
    told.get_future().wait();
    EXPECT_FALSE(kept->send(1));
    EXPECT_EQ(call(*loaded), "1") << "a late answer is nobody's";
    loaded.reset();
    EXPECT_TRUE(kept->over());
    EXPECT_FALSE(kept->send(1));
}

TEST(AsyncFunctions, AreOverWhenALimitIsReached) {
    std::optional<Reply<int>> kept;
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_async("f", [&](Reply<int> reply) { kept.emplace(std::move(reply)); });
    LoadedSandbox loaded = load(std::move(proto), handler_of("await m.f()"));
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    const auto done = loaded.handle_event("main", "null", WallClockMonitor(20ms));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    EXPECT_LT(done.error().usage.cpu_time, 20ms) << "it waits without using the CPU";
    EXPECT_TRUE(kept->over());
    EXPECT_TRUE(loaded.poisoned());
    ASSERT_TRUE(loaded.restore(*saved));
    EXPECT_FALSE(kept->send(1));
    kept.reset();
}

TEST(AsyncFunctions, ThatNobodyAnswersFailWhereNobodyCan) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_deferred<bool(std::string)>("approve");
    EXPECT_THAT(rejection(std::move(proto), "m.approve('x')"), HasSubstr("is answered by whoever runs the invocation"));
}

TEST(AsyncFunctions, TakeAnyArgumentsAtRunTime) {
    ProtoSandbox proto = make_proto();
    proto.host_module("m").add_dynamic_async(
        "f", [](const CallContext&, std::span<const HostArgument> arguments, Reply<HostValue> reply) {
            reply.send(HostValue::json(std::to_string(arguments.size()) + (arguments[1].is_bytes ? "1" : "0")));
        });
    LoadedSandbox loaded = load(std::move(proto), handler_of("await m.f(1, new Uint8Array(1), 'a')"));
    EXPECT_EQ(call(loaded), "31");
}

TEST(AsyncFunctions, MayBeCoroutines) {
    Threads threads;
    struct Elsewhere {  // goes on on another thread
        Threads& threads;
        bool await_ready() const { return false; }
        void await_suspend(std::coroutine_handle<> frame) const {
            threads.start([frame] { frame.resume(); });
        }
        void await_resume() const {}
    };
    ProtoSandbox proto = make_proto();
    const std::string captured = "!";
    proto.host_module("m")
        .add_async("text",
                   [&threads, captured](CallContext context, std::string text) -> Async<std::string> {
                       co_await Elsewhere{threads};
                       co_return text + std::string(context.handler()) + captured;
                   })
        .add_async("nothing", []() -> Async<void> { co_return; })
        .add_async("fails", []() -> Async<int> { co_return std::unexpected(Error{.message = "no"}); })
        .add_async("throws", [&threads]() -> Async<int> {
            co_await Elsewhere{threads};
            throw std::runtime_error("thrown");
        });
    LoadedSandbox loaded = load(std::move(proto), handler_of("[await m.text('a'), typeof await m.nothing(),"
                                                             "await m.fails().catch((e) => e.message),"
                                                             "await m.throws().catch((e) => e.message)]"));
    EXPECT_EQ(call(loaded), R"(["amain!","undefined","no","thrown"])");
}

TEST(CallContexts, CarryWhatTheCallerGave) {
    std::string printed;
    struct Listener final : Observer {
        std::string heard;
        void note(const std::any* context, const char* what) {
            if (context != nullptr && context->has_value()) heard += what + *std::any_cast<std::string>(context);
        }
        void invocation_begun(const observed::InvocationBegun& event) noexcept override { note(event.context, "b"); }
        void host_call_ended(const observed::HostCallEnded& event) noexcept override { note(event.context, "h"); }
        void printed(const observed::Printed& event) noexcept override { note(event.context, "p"); }
        void invocation_ended(const observed::InvocationEnded& event) noexcept override { note(event.context, "e"); }
    };
    const auto listener = std::make_shared<Listener>();
    ProtoSandbox proto = make_proto(SandboxBuilder().with_observer(listener).with_print(
        [&](const CallContext& context, PrintLevel, std::string_view text) {
            if (context.context().has_value())
                printed += std::any_cast<std::string>(context.context()) + std::string(text);
        }));
    std::optional<CallContext> kept;
    proto.host_module("m")
        .add("f", [](const CallContext& context) { return std::any_cast<std::string>(context.context()); })
        .add_async("g", [&](const CallContext& context, Reply<std::string> reply) {
            kept = context;
            reply.send(std::any_cast<std::string>(context.context()));
        });
    LoadedSandbox loaded = load(std::move(proto),
                                "import * as m from 'm'; export async function handler() {"
                                "console.log('x'); return [m.f(), await m.g()]; }");
    const auto done = loaded.handle_event("main", "null", std::tuple{}, {.context = std::string("one")});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, R"(["one","one"])");
    EXPECT_EQ(printed, "onex\n");
    EXPECT_EQ(listener->heard,
              "bone"
              "pone"
              "hone"
              "hone"
              "eone");
    EXPECT_TRUE(kept->cancelled()) << "it is over";
    EXPECT_EQ(kept->handler(), "main");
    EXPECT_EQ(std::any_cast<std::string>(kept->context()), "one");
    EXPECT_EQ(kept->usage().host_calls, 2U);
}

}  // namespace
}  // namespace curfew
