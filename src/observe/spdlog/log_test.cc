// The log: what is written, where to, and that nobody can forge it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <new>

#include <curfew/curfew.h>
#include <curfew/spdlog.h>

#include "observe/spdlog/log_line.h"
#include "observe/spdlog/log_observer.h"
#include "observe/spdlog/testing/captured_log.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using observe::field;
using observe::to_log_line;
using observe::testing::CapturedLog;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

auto entry(spdlog::level::level_enum level, const ::testing::Matcher<std::string>& text) {
    return AllOf(Field(&CapturedLog::Entry::level, level), Field(&CapturedLog::Entry::text, text));
}

class Log : public ::testing::Test {
  protected:
    ~Log() override {
        stop_logging();
        spdlog::drop("curfew");
    }
    void capture(spdlog::level::level_enum level) { set_logger(CapturedLog::logger(log_, "mine", level)); }

    std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
};

TEST_F(Log, WarnsOfTerminationsWithTheErrorsMessage) {
    capture(spdlog::level::warn);
    auto loaded = load_script("function handler() { for (;;); }");
    const auto ended = loaded.handle_event("main", "1", WallClockMonitor(30ms));
    ASSERT_FALSE(ended);
    EXPECT_THAT(
        log_->take(),
        ElementsAre(entry(spdlog::level::warn,
                          AllOf(StartsWith(ended.error().message + " monitor=wall-clock handler=main limit=\"30 ms of "
                                                                   "wall-clock time\" used=\""),
                                EndsWith("\"")))));
}

TEST_F(Log, WarnsForSoftMonitors) {
    capture(spdlog::level::warn);
    const SoftMonitor notice(DeadlineMonitor(std::chrono::steady_clock::now() - 1s));
    EXPECT_TRUE(supervise(notice, {.handler = "greet"}, [] {}, [] {}));
    EXPECT_THAT(log_->take(),
                ElementsAre(entry(spdlog::level::warn, AllOf(HasSubstr("\"greet\" has exceeded the soft"),
                                                             HasSubstr(" monitor=deadline handler=greet limit=")))));
}

TEST_F(Log, FollowsASandboxThroughItsLife) {
    capture(spdlog::level::debug);
    {
        auto loaded = load_script("function handler(n) { return n; }");
        const auto saved = loaded.snapshot();
        ASSERT_TRUE(loaded.restore(*saved));
        ASSERT_TRUE(std::move(loaded).unload());
        ASSERT_TRUE(LoadedSandbox::from_snapshot(*saved));
    }
    const auto entries = log_->take();
    ASSERT_EQ(entries.size(), 7U);
    const std::string first = entries[0].text.substr(0, entries[0].text.find(" was"));
    const std::string second = entries[5].text.substr(0, entries[5].text.find(" was"));
    EXPECT_NE(first, second);
    constexpr auto kDebug = spdlog::level::debug;
    EXPECT_THAT(
        entries,
        ElementsAre(entry(kDebug, first + " was started on the engine quickjs."),
                    entry(kDebug, first + " was loaded with handler \"main\"."),
                    entry(kDebug, first + " was restored."), entry(kDebug, first + " was unloaded."),
                    entry(kDebug, first + " was destroyed."),
                    entry(kDebug, second + " was started on the engine quickjs from a snapshot with handler \"main\"."),
                    entry(kDebug, second + " was destroyed.")));
}

TEST_F(Log, WarnsWhenTheSandboxsOwnLimitOnPrintingEndsAnInvocation) {
    auto proto = SandboxBuilder().with_output_limit(1000).with_print([](PrintLevel, std::string_view) {}).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() { for (;;) print('x'); }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    capture(spdlog::level::warn);
    const auto ended = loaded->handle_event("main", "1");
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "output");
    EXPECT_THAT(
        log_->take(),
        ElementsAre(entry(spdlog::level::warn,
                          StartsWith(ended.error().message + " monitor=output handler=main limit=\"1000 bytes\""))));
}

// A guest cannot bring this about but by taking over its cell's native code.
TEST_F(Log, SaysWhyAnInvocationWasGivenUp) {
    const auto logger = CapturedLog::logger(log_, "mine", spdlog::level::debug);
    observe::LogObserver observer(logger);
    const auto failed = [&](const Error& error) {
        observer.invocation_ended({.sandbox = 7,
                                   .handler = "main",
                                   .collects_garbage = true,
                                   .outcome = observed::InvocationOutcome::failed,
                                   .error = &error,
                                   .usage = error.usage});
    };
    failed({.code = ErrorCode::handler_error, .message = "that was the handler's affair"});
    EXPECT_THAT(log_->take(), IsEmpty());
    failed({.code = ErrorCode::guest_abort, .message = "the cell died\n"});
    EXPECT_THAT(log_->take(),
                ElementsAre(entry(spdlog::level::debug, "Sandbox 7 gave up an invocation: the cell died\\n.")));
}

TEST_F(Log, WarnsOfGuestsThatWereTakenOver) {
    const auto logger = CapturedLog::logger(log_, "mine", spdlog::level::warn);
    observe::LogObserver observer(logger);
    observer.alarmed({.sandbox = 7,
                      .handler = "main",
                      .kind = observed::AlarmKind::broken_protocol,
                      .text = "the guest broke\nthe call protocol"});
    EXPECT_THAT(log_->take(),
                ElementsAre(entry(spdlog::level::warn,
                                  "Somebody may run native code in the cell of sandbox 7: the guest broke\\nthe call "
                                  "protocol. alarm=broken_protocol handler=main sandbox=7")));
}

TEST_F(Log, SaysHowAnEngineWasMadeReady) {
    const auto logger = CapturedLog::logger(log_, "mine", spdlog::level::info);
    observe::LogObserver observer(logger);
    observer.engine_ready(
        {.engine = Engine::quickjs, .jitless = false, .was_made = false, .time = 3ms, .image = "/c/i", .warning = ""});
    EXPECT_THAT(log_->take(), IsEmpty()) << "nothing new";
    observer.engine_ready(
        {.engine = Engine::quickjs, .jitless = false, .was_made = true, .time = 812ms, .image = "/c/i", .warning = ""});
    EXPECT_THAT(log_->take(), ElementsAre(entry(spdlog::level::info,
                                                "Engine quickjs was made ready in 812 ms. "
                                                "engine=quickjs image=\"/c/i\"")));
    observer.engine_ready(
        {.engine = Engine::quickjs, .jitless = false, .was_made = true, .time = 1s, .image = "", .warning = "no room"});
    EXPECT_THAT(log_->take(), ElementsAre(entry(spdlog::level::warn,
                                                "Engine quickjs was made ready in 1 s: no room. "
                                                "engine=quickjs image=\"\"")));
}

TEST_F(Log, TakesWhatAGuestPrintsIfNobodyElseDoes) {
    capture(spdlog::level::debug);
    auto loaded = load_script(R"(
        console.info('top level');
        function handler() {
            console.log('log'); console.info('info'); console.warn('warn'); console.error('error'); console.debug('debug');
            print('print');
            return 0;
        })");
    log_->take();
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    const std::string who = "Handler \"main\" printed: ";
    EXPECT_THAT(log_->take(),
                ElementsAre(entry(spdlog::level::info, who + "log"), entry(spdlog::level::info, who + "info"),
                            entry(spdlog::level::warn, who + "warn"), entry(spdlog::level::err, who + "error"),
                            entry(spdlog::level::debug, who + "debug"), entry(spdlog::level::info, who + "print")));
}

TEST_F(Log, LeavesPrintedTextToThePrintFunction) {
    capture(spdlog::level::info);
    std::string printed;
    auto proto = SandboxBuilder().with_print([&](PrintLevel, std::string_view text) { printed += text; }).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(
        sandbox->add_handler("main", Script::from_content("function handler() { console.error('mine'); return 0; }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded->handle_event("main", "1"));
    EXPECT_EQ(printed, "mine\n");
    EXPECT_THAT(log_->take(), IsEmpty());
}

TEST_F(Log, GuestsCannotForgeEntries) {
    capture(spdlog::level::info);
    auto loaded = load_script(R"(
        function handler() { console.log('a\n[2026-01-01] [curfew] [critical] forged\r\x1b[2J\u0085\u2028\u202e\0b {}'); return 0; })");
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(log_->take(), ElementsAre(entry(spdlog::level::info,
                                                "Handler \"main\" printed: a\\n[2026-01-01] [curfew] [critical] "
                                                "forged\\u000d\\u001b[2J\\u0085\\u2028\\u202e\\u0000b {}")));
}

TEST_F(Log, HandlersNamesCannotForgeEntriesEither) {
    capture(spdlog::level::info);
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("a\nb", Script::from_content("function handler() { print('x'); return 0; }")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded->handle_event("a\nb", "1"));
    EXPECT_THAT(log_->take(), ElementsAre(entry(spdlog::level::info, "Handler \"a\\nb\" printed: x")));
}

TEST_F(Log, LinesAreUtf8AndBounded) {
    EXPECT_EQ(to_log_line("Grüße, 世界 😀"), "Grüße, 世界 😀");
    EXPECT_EQ(to_log_line("a\tb\x7f\xff"), "a\\tb\\u007f\uFFFD");
    EXPECT_EQ(to_log_line(""), "");
    const std::string line = to_log_line(std::string(1 << 20, 'x'));
    EXPECT_THAT(line, AllOf(StartsWith("xxx"), EndsWith("x ... (1040384 more bytes)")));
    EXPECT_EQ(line.size(), 8192 + std::string(" ... (1040384 more bytes)").size());
    // Cut between characters.
    EXPECT_THAT(to_log_line(std::string(8191, 'x') + "😀"), EndsWith("x ... (4 more bytes)"));
}

TEST_F(Log, FieldsAreOneWordOrAJsonString) {
    EXPECT_EQ(field("monitor", "cpu-time"), " monitor=cpu-time");
    EXPECT_EQ(field("handler", ""), " handler=\"\"");
    EXPECT_EQ(field("limit", "50 ms"), " limit=\"50 ms\"");
    EXPECT_EQ(field("handler", "a\"b\\c\n"), " handler=\"a\\\"b\\\\c\\n\"");
    EXPECT_EQ(field("handler", "x\" monitor=forged"), " handler=\"x\\\" monitor=forged\"");
    EXPECT_EQ(field("handler", "\xff\x1b"), " handler=\"\uFFFD\\u001b\"");
    EXPECT_EQ(field("handler", std::string(2000, 'x')), " handler=\"" + std::string(1024, 'x') + "\"");
}

TEST_F(Log, TheOutputLimitBoundsWhatAGuestLogs) {
    capture(spdlog::level::info);
    auto proto = SandboxBuilder().with_output_limit(10'000).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(
        sandbox->add_handler("main", Script::from_content("function handler() { for (;;) print('x'.repeat(1000)); }")));
    auto loaded = std::move(*sandbox).load();
    EXPECT_FALSE(loaded->handle_event("main", "1"));
    const auto entries = log_->take();
    ASSERT_EQ(entries.size(), 11U);  // ten that were printed, and how it ended
    EXPECT_THAT(entries[9], entry(spdlog::level::info, HasSubstr("printed: xxx")));
    EXPECT_THAT(entries[10], entry(spdlog::level::warn, HasSubstr("limit on printing")));
}

TEST_F(Log, UsesALoggerNamedCurfewWheneverItIsMade) {
    set_logger();
    auto loaded = load_script("function handler() { print('x'); return 0; }");
    ASSERT_TRUE(loaded.handle_event("main", "1"));  // there is none yet
    spdlog::register_logger(CapturedLog::logger(log_, "curfew", spdlog::level::info));
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(log_->take(), ElementsAre(entry(spdlog::level::info, "Handler \"main\" printed: x")));

    auto chosen = std::make_shared<CapturedLog>();
    set_logger(CapturedLog::logger(chosen, "mine", spdlog::level::info));  // goes before
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_EQ(chosen->take().size(), 1U);
    EXPECT_THAT(log_->take(), IsEmpty());

    set_logger(nullptr);
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_EQ(log_->take().size(), 1U);
    spdlog::drop("curfew");
    EXPECT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(log_->take(), IsEmpty());
}

TEST_F(Log, RespectsTheLoggersLevel) {
    capture(spdlog::level::err);
    auto loaded = load_script("function handler() { console.warn('w'); console.error('e'); return 0; }");
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    EXPECT_THAT(log_->take(), ElementsAre(entry(spdlog::level::err, EndsWith("e"))));
}

TEST_F(Log, EndsWhenItIsStopped) {
    capture(spdlog::level::warn);
    const auto end = [] { EXPECT_FALSE(supervise(DeadlineMonitor(std::chrono::steady_clock::now()), [] {}, [] {})); };
    end();
    EXPECT_EQ(log_->take().size(), 1U);
    stop_logging();
    end();
    EXPECT_THAT(log_->take(), IsEmpty());
}

TEST_F(Log, DoesNotKeepALoggerThatWasReplaced) {
    capture(spdlog::level::warn);
    auto loaded = load_script("function handler() { return 1; }");
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    const std::weak_ptr<CapturedLog> watched = log_;
    log_.reset();
    set_logger();
    EXPECT_TRUE(watched.expired());  // though the sandbox has not told anything since
}

// A monitor that is due at a given time, under a name of its own.
class Due {
  public:
    Due(std::chrono::steady_clock::time_point time, std::string_view name) : inner_(time), name_(name) {}
    Result<MonitorTask> get_monitor(const Invocation& call) const { return inner_.get_monitor(call); }
    std::string_view name() const noexcept { return name_; }

  private:
    DeadlineMonitor inner_;
    std::string_view name_;
};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kRaces = 1'000;
#else
constexpr int kRaces = 10'000;
#endif

// As in the metrics, which are told by the same event.
TEST_F(Log, TheOneWinnerIsNamedInErrorAndLogAlike) {
    struct Counter final : Observer {
        void terminated(const monitor::Termination& event) noexcept override { ++won[std::string(event.monitor)]; }
        std::map<std::string, int> won;
    };
    capture(spdlog::level::warn);
    const auto counter = std::make_shared<Counter>();
    const auto listening = add_observer(counter);
    std::map<std::string, int> won;
    for (int round = 0; round < kRaces; ++round) {
        const auto due = std::chrono::steady_clock::now() + 20us;
        const bool a_first = round % 2 == 0;  // of two in one instant, the one that started first tends to win
        std::atomic<bool> stop{false};
        const auto ended = supervise(
            std::tuple{Due(due, a_first ? "a" : "b"), Due(due, a_first ? "b" : "a")},
            [&] {
                stop = true;
                stop.notify_all();
            },
            [&] { stop.wait(false); });
        ASSERT_FALSE(ended);
        const std::string& winner = ended.error().terminated_by;
        ++won[winner];
        ASSERT_THAT(log_->take(), ElementsAre(entry(spdlog::level::warn, HasSubstr("monitor \"" + winner + "\""))));
    }
    EXPECT_THAT(won, ::testing::SizeIs(2));
    EXPECT_EQ(counter->won, won);
}

// A sandbox that outlives spdlog's own static objects, because it was there before them.
struct KeptToTheEnd {
    alignas(LoadedSandbox) char space[sizeof(LoadedSandbox)];
    bool filled = false;
    ~KeptToTheEnd() {
        if (!filled) return;
        auto& sandbox = *reinterpret_cast<LoadedSandbox*>(space);
        const bool works = sandbox.handle_event("main", "1").has_value();
        sandbox.~LoadedSandbox();
        std::fputs(works ? "worked to the end\n" : "failed at the end\n", stderr);
    }
} kept_to_the_end;

TEST(LogDeathTest, StaticSandboxesEndWithoutHarm) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            set_logger(CapturedLog::logger(std::make_shared<CapturedLog>(), "mine"));
            new (kept_to_the_end.space)
                LoadedSandbox(load_script("function handler() { console.log('late'); return 0; }"));
            kept_to_the_end.filled = true;
            std::exit(0);
        },
        ::testing::ExitedWithCode(0), "worked to the end");
}

}  // namespace
}  // namespace curfew
