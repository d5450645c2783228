// Every built-in monitor through the public interface: it ends a call or a load where it should, and is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <semaphore>
#include <stop_token>
#include <thread>

#include <curfew/monitor.h>
#include <curfew/observer.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using ::testing::HasSubstr;

constexpr std::uint64_t kMiB = 1 << 20;

// For what would otherwise hang if the limit under test did not work.
const WallClockMonitor kPatience(60s);

// A sandbox with one handler, "main", that prints to the host.
LoadedSandbox load_printing(const char* source, const PrintFunction& print, std::uint64_t heap_size = 64 * kMiB) {
    auto proto = SandboxBuilder().with_heap_size(heap_size).with_print(print).build();
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source)));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

// --- Memory ---

struct Growth {
    const char* name;
    const char* statements;  // take more than 8 MiB
};

class GrowingHandlers : public ::testing::TestWithParam<Growth> {};

// Nothing that the handler does behind the growth happens: neither a message to the host nor computing for ever.
TEST_P(GrowingHandlers, AreEndedWhenTheyPassTheLimit) {
    std::string printed;
    auto loaded = load_printing(
        (std::string("function handler() { ") + GetParam().statements + "; print('went on'); for (;;); }").c_str(),
        [&](PrintLevel, std::string_view text) { printed += text; });
    const auto before = loaded.snapshot();
    const auto ended = loaded.handle_event("main", "null", std::tuple{MemoryMonitor(4 * kMiB), kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::cancelled) << ended.error().message;
    EXPECT_EQ(ended.error().terminated_by, "memory");
    EXPECT_THAT(ended.error().message, HasSubstr("4 MiB of heap"));
    EXPECT_EQ(printed, "");
    EXPECT_GT(ended.error().usage.peak_heap, 4 * kMiB);
    EXPECT_LE(ended.error().usage.peak_heap, 64 * kMiB);
    EXPECT_TRUE(loaded.poisoned());
    ASSERT_TRUE(loaded.restore(*before));
}

INSTANTIATE_TEST_SUITE_P(
    Limits, GrowingHandlers,
    ::testing::Values(  // Asking for a character makes one piece of a text that was only said how to make.
        Growth{"Repeat", "const text = 'x'.repeat(8 << 20); text.charCodeAt(1)"},
        Growth{"Fill", "const list = new Array(1 << 20).fill(0)"},
        Growth{"TypedArray", "const bytes = new Uint8Array(9 << 20)"},
        Growth{"Concatenation",
               "let text = 'x'; while (text.length < 9 << 20) text = (text + text + "
               "text).slice(0); text.charCodeAt(1)"},
        Growth{"Push", "const list = []; for (let i = 0; i < 1 << 20; ++i) list.push(i)"},
        Growth{"Objects", "let list = null; for (let i = 0; i < 1e6; ++i) list = { list, i }"},
        Growth{"Parse", "const value = JSON.parse('[' + '[],'.repeat(200000) + '0]')"},
        Growth{"Stringify", "const text = JSON.stringify(new Array(1000).fill('x'.repeat(9000)))"}),
    [](const auto& test) { return test.param.name; });

TEST(MemoryLimit, AnEventThatIsTooLargeIsEndedBeforeTheHandlerRuns) {
    std::string printed;
    auto loaded = load_printing("function handler(event) { print('ran'); return event; }",
                                [&](PrintLevel, std::string_view text) { printed += text; });
    const std::string event = '"' + std::string(8 * kMiB, 'x') + '"';
    const auto ended = loaded.handle_event("main", event, std::tuple{MemoryMonitor(4 * kMiB), kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
    EXPECT_EQ(printed, "");
}

TEST(MemoryLimit, LessThanTheHeapHoldsAlreadyEndsTheCallBeforeTheHandlerRuns) {
    std::string printed;
    auto loaded =
        load_printing("const kept = new Uint8Array(1 << 20).fill(1); function handler() { print('ran'); for (;;); }",
                      [&](PrintLevel, std::string_view text) { printed += text; });
    const auto ended = loaded.handle_event("main", "null", std::tuple{MemoryMonitor(kMiB), kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
    EXPECT_GT(ended.error().usage.peak_heap, kMiB);
    EXPECT_EQ(printed, "");
}

TEST(MemoryLimit, CountsOnlyWhatIsThereAtOneTime) {
    auto loaded = load_script(R"(
        function handler(rounds) {
            let length = 0;
            for (let i = 0; i < rounds; ++i) length += new Uint8Array(1 << 20).fill(1).length;
            return length;
        })");
    const auto done = loaded.handle_event("main", "64", MemoryMonitor(4 * kMiB));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, std::to_string(64 * kMiB));
    EXPECT_GT(done->usage.peak_heap, kMiB);
    EXPECT_LE(done->usage.peak_heap, 4 * kMiB);
}

// The engine by itself would let the heap grow by half of what is kept.
TEST(MemoryLimit, GarbageIsCollectedBeforeItEndsAHandler) {
    auto loaded = load_script(R"(
        const kept = new Uint8Array(1300000).fill(1);
        function handler(rounds) {
            for (let i = 0; i < rounds; ++i) {
                const cycle = { text: 'x'.repeat(1000) + i };
                cycle.self = cycle;
            }
            return null;
        })");
    const auto done = loaded.handle_event("main", "20000", MemoryMonitor(2'000'000));
    EXPECT_TRUE(done) << done.error().message;
}

TEST(MemoryLimit, TheCallBeforeIsNotHeldAgainstACall) {
    auto loaded = load_script("function handler(n) { return new Uint8Array(n).fill(1).length; }");
    const auto large = loaded.handle_event("main", "8000000");
    ASSERT_TRUE(large) << large.error().message;
    EXPECT_GT(large->usage.peak_heap, 8'000'000U);
    const auto small = loaded.handle_event("main", "8", MemoryMonitor(4 * kMiB));
    ASSERT_TRUE(small) << small.error().message;
    EXPECT_LT(small->usage.peak_heap, kMiB);
}

TEST(MemoryLimit, HoldsForTheTopLevelOfEveryScript) {
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("small", Script::from_content("function handler() { return 1; }")));
    ASSERT_TRUE(sandbox.add_handler(
        "large",
        Script::from_content("const kept = new Uint8Array(8 << 20).fill(1); for (;;); function handler() {}")));
    const auto ended = std::move(sandbox).load(std::tuple{MemoryMonitor(4 * kMiB), kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
    EXPECT_GT(ended.error().usage.peak_heap, 4 * kMiB);
    ASSERT_TRUE(sandbox.remove_handler("large"));
    EXPECT_TRUE(std::move(sandbox).load(MemoryMonitor(4 * kMiB)));
}

// A handler that tells the host when it has grown, and goes on when the host has heard of it.
constexpr const char* kGrowAndTell = R"(
    function handler(sizes) {
        const kept = [];
        for (const size of sizes) {
            kept.push(new Uint8Array(size).fill(1));
            print(String(size));
        }
        return kept.map((text) => text.length);
    })";

TEST(SoftMemoryLimit, WarnsOnceAndLetsGoOn) {
    std::counting_semaphore<> warned(0);
    std::string message;
    const SoftMonitor soft(MemoryMonitor(2 * kMiB), [&](const monitor::Warning& warning) {
        message = warning.message;
        warned.release();
    });
    int unwarned = 0;
    auto loaded = load_printing(kGrowAndTell, [&](PrintLevel, std::string_view text) {
        if (text == "3000000" && !warned.try_acquire_for(60s)) ++unwarned;
    });
    for (int call = 0; call < 3; ++call) {
        const auto done = loaded.handle_event("main", "[3000000,4000000,5000000]", std::tuple{soft, kPatience});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->result, "[3000000,4000000,5000000]");
        EXPECT_EQ(unwarned, 0);
        EXPECT_FALSE(warned.try_acquire()) << "a second warning in one call";
        EXPECT_THAT(message, HasSubstr("2 MiB of heap"));
    }
}

TEST(SoftMemoryLimit, GivesNoticeBeforeTheHardOne) {
    std::counting_semaphore<> warned(0);
    const SoftMonitor soft(MemoryMonitor(2 * kMiB), [&](const monitor::Warning&) { warned.release(); });
    std::string printed;
    bool noticed = false;
    auto loaded = load_printing(kGrowAndTell, [&](PrintLevel, std::string_view text) {
        printed += text;
        noticed = warned.try_acquire_for(60s);
    });
    const auto ended = loaded.handle_event("main", "[3000000,8000000]", std::tuple{soft, MemoryMonitor(8 * kMiB)});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
    EXPECT_EQ(printed, "3000000");
    EXPECT_TRUE(noticed);
}

// Reports come in the middle of receiving and sending; what is being passed must not suffer.
TEST(SoftMemoryLimit, ReportsDoNotDisturbWhatIsBeingPassed) {
    const auto ignore = [](const monitor::Warning&) {};
    std::vector<AnyMonitor> notices;
    for (std::uint64_t limit = 64 << 10; limit < 32 * kMiB; limit += limit / 4) {
        notices.emplace_back(SoftMonitor(MemoryMonitor(limit), ignore));
    }
    auto loaded =
        load_script("function handler(event) { return [event, event.slice(1), event.length]; }", "pass.js", 64 * kMiB);
    std::string text(3 * kMiB + 17, 'x');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
    const auto done = loaded.handle_event("main", '"' + text + '"', notices);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->result == "[\"" + text + "\",\"" + text.substr(1) + "\"," + std::to_string(text.size()) + "]");
}

// --- Output ---

TEST(OutputLimit, EndsACallAtThePieceThatExceedsIt) {
    std::uint64_t printed = 0;
    auto loaded = load_printing("function handler() { for (;;) print('x'.repeat(100)); }",
                                [&](PrintLevel, std::string_view text) { printed += text.size(); });
    const auto ended = loaded.handle_event("main", "null", std::tuple{OutputMonitor(1000), kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::cancelled);
    EXPECT_EQ(ended.error().terminated_by, "output");
    EXPECT_EQ(ended.error().usage.bytes_printed, 1100U) << "the piece that was one too many";
    EXPECT_EQ(printed, 1000U) << "which is not passed on";
    EXPECT_GT(ended.error().usage.peak_heap, 0U);
    EXPECT_TRUE(loaded.poisoned());
}

// Limits count what is passed on: a text without a byte must not pass for nothing, nor one that grows on its way.
TEST(OutputLimit, CannotBePassedByEmptyTexts) {
    constexpr std::uint64_t kLimit = 1000;
    for (const char* print : {"console.log('')", "console.error()"}) {
        const std::string source = std::string("function handler() { for (;;) ") + print + "; }";
        int texts = 0;
        std::uint64_t printed = 0;
        const auto count = [&](PrintLevel, std::string_view text) {
            ++texts;
            printed += text.size();
        };
        auto by_monitor = load_printing(source.c_str(), count);
        const auto ended = by_monitor.handle_event("main", "null", std::tuple{OutputMonitor(kLimit), kPatience});
        ASSERT_FALSE(ended) << print;
        EXPECT_EQ(ended.error().terminated_by, "output") << print;
        EXPECT_LE(printed, kLimit) << print;
        EXPECT_LE(texts, static_cast<int>(kLimit / SandboxBuilder::kLeastBytesPrinted)) << print;

        auto proto = SandboxBuilder().with_output_limit(kLimit).build();
        auto sandbox = std::move(*proto).load_runtime();
        ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(source)));
        auto by_sandbox = std::move(*sandbox).load();
        const auto ended_too = by_sandbox->handle_event("main", "null", kPatience);
        ASSERT_FALSE(ended_too) << print;
        EXPECT_EQ(ended_too.error().terminated_by, "output") << print;
    }
}

TEST(OutputLimit, CountsWhatIsPassedOn) {
    std::uint64_t printed = 0;
    auto loaded = load_printing(R"(
        function handler(event) {
            if (event === "lines") for (let i = 0; i < 100; ++i) console.log("a line of 18 bytes");
            if (event === "text") for (let i = 0; i < 100; ++i) print("a text of 18 bytes");
            if (event === "short") for (let i = 0; i < 100; ++i) console.log("7 bytes");
            if (event === "surrogate") print("\ud800".repeat(100000));
            return null;
        })",
                                [&](PrintLevel, std::string_view text) { printed += text.size(); });
    for (const auto& [event, counted] : {std::pair{R"("lines")", 1900U}, std::pair{R"("text")", 1800U},
                                         std::pair{R"("short")", 100 * 16U}, std::pair{R"("surrogate")", 0U}}) {
        printed = 0;
        const auto done = loaded.handle_event("main", event);
        ASSERT_TRUE(done) << done.error().message;
        if (std::string_view(event) == R"("short")") {
            EXPECT_EQ(printed, 800U);
        } else {
            EXPECT_EQ(done->usage.bytes_printed, printed) << event;
        }
        if (counted != 0) {
            EXPECT_EQ(done->usage.bytes_printed, counted) << event;
        }
    }
}

TEST(OutputLimit, DoesNotReceiveALongTextThatIsOverIt) {
    auto proto = SandboxBuilder().with_output_limit(1000).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() { print('x'.repeat(5e6)); }")));
    auto loaded = std::move(*sandbox).load();
    const auto ended = loaded->handle_event("main", "null");
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "output");
    EXPECT_LE(ended.error().usage.bytes_printed, 100'000U);
}

TEST(OutputLimit, CountsTheResult) {
    auto loaded = load_script("function handler(n) { return 'x'.repeat(n - 2); }");
    const auto before = loaded.snapshot();
    const auto done = loaded.handle_event("main", "1000", OutputMonitor(1000));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->usage.bytes_out, 1000U);
    const auto ended = loaded.handle_event("main", "1001", OutputMonitor(1000));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "output");
    ASSERT_TRUE(loaded.restore(*before));
    // A large one is ended on the way.
    const auto large = loaded.handle_event("main", "4000000", OutputMonitor(1000));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().terminated_by, "output");
    EXPECT_LE(large.error().usage.bytes_out, 100'000U);
}

TEST(OutputLimit, TheSandboxesOwnHoldsUnderAnyMonitorsAndForLoading) {
    std::uint64_t printed = 0;
    const auto build = [&] {
        return *std::move(*SandboxBuilder()
                               .with_output_limit(10'000)
                               .with_print([&](PrintLevel, std::string_view text) { printed += text.size(); })
                               .build())
                    .load_runtime();
    };
    Sandbox sandbox = build();
    ASSERT_TRUE(
        sandbox.add_handler("main", Script::from_content("function handler() { for (;;) print('x'.repeat(1000)); }")));
    auto loaded = std::move(sandbox).load();
    const auto ended = loaded->handle_event("main", "null", OutputMonitor(1'000'000));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::cancelled);
    EXPECT_EQ(ended.error().terminated_by, "output");
    EXPECT_THAT(ended.error().message,
                HasSubstr("\"main\" was ended by the sandbox's limit on printing (10000 bytes)"));
    EXPECT_EQ(printed, 10'000U);

    printed = 0;
    Sandbox loading = build();
    ASSERT_TRUE(loading.add_handler("main", Script::from_content("for (;;) print('x'.repeat(1000));")));
    const auto not_loaded = std::move(loading).load();
    ASSERT_FALSE(not_loaded);
    EXPECT_EQ(not_loaded.error().terminated_by, "output");
    EXPECT_EQ(printed, 10'000U);
    loading.clear_handlers();
    ASSERT_TRUE(loading.add_handler("main", Script::from_content("function handler() { return 1; }")));
    EXPECT_TRUE(std::move(loading).load());
}

TEST(OutputLimit, TheSandboxesOwnIsObservedLikeAMonitor) {
    struct Recorder final : Observer {
        void terminated(const monitor::Termination& termination) noexcept override {
            ++count;
            monitor = termination.monitor;
            handler = termination.handler;
            limit = termination.limit;
        }
        int count = 0;
        std::string monitor, handler, limit;
    };
    const auto recorder = std::make_shared<Recorder>();
    auto proto = SandboxBuilder().with_output_limit(10).with_observer(recorder).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(
        sandbox->add_handler("chatty", Script::from_content("function handler() { for (;;) print('12345'); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_FALSE(loaded->handle_event("chatty", "null"));
    EXPECT_EQ(recorder->count, 1);
    EXPECT_EQ(recorder->monitor, "output");
    EXPECT_EQ(recorder->handler, "chatty");
    EXPECT_EQ(recorder->limit, "10 bytes");
}

// --- Deadline, stop token, quota ---

TEST(DeadlineLimit, EndsACallAtItsTime) {
    auto loaded = load_script("function handler() { for (;;); }");
    const auto deadline = std::chrono::steady_clock::now() + 50ms;
    const auto ended = loaded.handle_event("main", "null", DeadlineMonitor(deadline));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "deadline");
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

TEST(DeadlineLimit, OneThatHasPassedKeepsTheHandlerFromRunning) {
    std::string printed;
    auto loaded = load_printing("function handler() { print('ran'); return 1; }",
                                [&](PrintLevel, std::string_view text) { printed += text; });
    const auto ended = loaded.handle_event("main", "null", DeadlineMonitor(std::chrono::system_clock::now() - 1s));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "deadline");
    EXPECT_THAT(ended.error().message, HasSubstr("was not run"));
    EXPECT_EQ(printed, "");
}

TEST(StopTokenLimit, EndsACallWhenAStopIsRequested) {
    std::stop_source source;
    std::binary_semaphore running(0);
    auto loaded = load_printing("function handler() { print('running'); for (;;); }",
                                [&](PrintLevel, std::string_view) { running.release(); });
    std::jthread stopper([&] {
        running.acquire();
        source.request_stop();
    });
    const auto ended = loaded.handle_event("main", "null", std::tuple{StopTokenMonitor(source.get_token()), kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "stop-token");
}

TEST(QuotaLimit, EndsWhoUsesItUpAndKeepsTheNextFromRunning) {
    std::string printed;
    auto loaded = load_printing("function handler(endless) { print('ran '); while (endless); return 1; }",
                                [&](PrintLevel, std::string_view text) { printed += text; });
    const auto before = loaded.snapshot();
    const QuotaMonitor quota(30ms, 1h);
    ASSERT_TRUE(loaded.handle_event("main", "0", quota));
    const auto ended = loaded.handle_event("main", "1", std::tuple{quota, kPatience});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "quota");
    ASSERT_TRUE(loaded.restore(*before));
    const auto next = loaded.handle_event("main", "0", quota);
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().terminated_by, "quota");
    EXPECT_EQ(printed, "ran ran ");
}

// --- Over before the start ---

// What was not run is told apart from what was cut short, and costs nobody his state.
template <typename Monitor>
void keeps_from_running(const Monitor& over) {
    auto loaded = load_script("let n = 0; function handler() { return ++n; }");
    ASSERT_EQ(loaded.handle_event("main", "0")->result, "1");
    for (int i = 0; i < 3; ++i) {
        const auto refused = loaded.handle_event("main", "0", over);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::not_run);
        EXPECT_EQ(refused.error().terminated_by, over.name());
        EXPECT_FALSE(refused.error().ran);
        EXPECT_FALSE(loaded.poisoned());
    }
    const auto next = loaded.handle_event("main", "0", WallClockMonitor(1min));
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->result, "2");

    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content("function handler() { return 1; }")));
    const auto not_loaded = std::move(sandbox).load(over);
    ASSERT_FALSE(not_loaded);
    EXPECT_FALSE(not_loaded.error().ran);
    EXPECT_TRUE(std::move(sandbox).load());
}

TEST(OverBeforeTheStart, Deadline) { keeps_from_running(DeadlineMonitor(std::chrono::steady_clock::now() - 1s)); }

TEST(OverBeforeTheStart, StopToken) {
    std::stop_source source;
    source.request_stop();
    keeps_from_running(StopTokenMonitor(source.get_token()));
}

TEST(OverBeforeTheStart, Quota) {
    const QuotaMonitor quota(1ms, 1h);
    for (bool ran = true; ran;) {  // what one leaves of it is little, but perhaps enough to begin
        auto endless = load_script("function handler() { for (;;); }");
        const auto ended = endless.handle_event("main", "0", std::tuple{quota, kPatience});
        ASSERT_FALSE(ended);
        ASSERT_EQ(ended.error().terminated_by, "quota");
        ran = ended.error().ran;
        EXPECT_EQ(endless.poisoned(), ran);
    }
    keeps_from_running(quota);
}

TEST(OverBeforeTheStart, IsSaidOfEveryError) {
    auto loaded = load_script("function handler(event) { throw new Error('no'); }");
    EXPECT_TRUE(loaded.handle_event("main", "0").error().ran);
    EXPECT_FALSE(loaded.handle_event("main", "{").error().ran) << "no JSON";
    EXPECT_FALSE(loaded.handle_event("other", "0").error().ran);
}

// --- Together ---

struct Tight {
    const char* name;
    const char* monitor;
    const char* statements;  // which only this limit ends
    std::function<AnyMonitor(std::stop_token)> make;
};

class OneOfMany : public ::testing::TestWithParam<Tight> {
  protected:
    OneOfMany()
        : proto_(*SandboxBuilder()
                      .with_print([this](PrintLevel, std::string_view text) {
                          if (text == "stop") stop_.request_stop();
                      })
                      .build()) {}

    Sandbox sandbox_with(const std::string& source) {
        Sandbox sandbox = *std::move(proto_).load_runtime();
        EXPECT_TRUE(sandbox.add_handler("main", Script::from_content(source)));
        return sandbox;
    }

    // All eight monitors with limits that are far away, the tight one in the place of its namesake.
    std::vector<AnyMonitor> monitors() const {
        std::vector<AnyMonitor> all{WallClockMonitor(60s),
                                    CpuTimeMonitor(60s),
                                    MemoryMonitor(64 * kMiB),
                                    HostCallMonitor(1'000'000),
                                    OutputMonitor(64 * kMiB),
                                    DeadlineMonitor(std::chrono::steady_clock::now() + 60s),
                                    StopTokenMonitor(std::stop_token()),
                                    QuotaMonitor(60s, 120s)};
        const auto place = std::ranges::find(all, std::string(GetParam().monitor), &AnyMonitor::name);
        EXPECT_NE(place, all.end());
        *place = GetParam().make(stop_.get_token());
        return all;
    }

    static void expect_named(const Error& error) {
        EXPECT_EQ(error.code, ErrorCode::cancelled) << error.message;
        EXPECT_EQ(error.terminated_by, GetParam().monitor);
        EXPECT_THAT(error.message, HasSubstr(std::string("monitor \"") + GetParam().monitor + '"'));
        EXPECT_GT(error.usage.wall_time, 0ns);
        EXPECT_GT(error.usage.peak_heap, 0U);
    }

    std::stop_source stop_;
    ProtoSandbox proto_;
};

TEST_P(OneOfMany, IsNamedWhenItEndsACall) {
    auto sandbox = sandbox_with(std::string("function handler() { ") + GetParam().statements + " }");
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto ended = loaded->handle_event("main", "null", monitors());
    ASSERT_FALSE(ended);
    expect_named(ended.error());
}

TEST_P(OneOfMany, IsNamedWhenItEndsALoad) {
    auto sandbox = sandbox_with(std::string(GetParam().statements) + "\nfunction handler() {}");
    const auto ended = std::move(sandbox).load(monitors());
    ASSERT_FALSE(ended);
    expect_named(ended.error());
    sandbox.clear_handlers();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content("function handler() { return 1; }")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handle_event("main", "null")->result, "1");
}

using Stop = std::stop_token;
INSTANTIATE_TEST_SUITE_P(
    Limits, OneOfMany,
    ::testing::Values(Tight{"WallClock", "wall-clock", "for (;;);", [](Stop) { return WallClockMonitor(300ms); }},
                      Tight{"CpuTime", "cpu-time", "for (;;);", [](Stop) { return CpuTimeMonitor(50ms); }},
                      Tight{"Memory", "memory", "const kept = new Uint8Array(4 << 20).fill(1); for (;;);",
                            [](Stop) { return MemoryMonitor(2 * kMiB); }},
                      Tight{"Output", "output", "for (;;) print('x'.repeat(1000));",
                            [](Stop) { return OutputMonitor(100'000); }},
                      Tight{"Deadline", "deadline", "for (;;);",
                            [](Stop) { return DeadlineMonitor(std::chrono::steady_clock::now() + 50ms); }},
                      Tight{"StopToken", "stop-token", "print('stop'); for (;;);",
                            [](Stop token) { return StopTokenMonitor(token); }},
                      Tight{"Quota", "quota", "for (;;);", [](Stop) { return QuotaMonitor(50ms, 1h); }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace curfew
