#include "cli/stop_signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <latch>

namespace curfew::cli {
namespace {

TEST(StopSignals, HasReceivedNothingWithoutASignal) {
    StopSignals signals;
    EXPECT_EQ(signals.received(), std::nullopt);
}

TEST(StopSignals, StopsWhatRunsWhenTheSignalComes) {
    StopSignals signals;
    std::atomic<int> stops = 0;
    signals.on_signal([&] {
        ++stops;
        stops.notify_all();
    });
    kill(getpid(), SIGTERM);
    stops.wait(0);
    EXPECT_EQ(signals.received(), SIGTERM);
}

TEST(StopSignals, StopsWhatStartsAfterTheSignal) {
    StopSignals signals;
    kill(getpid(), SIGINT);
    EXPECT_EQ(signals.received(), SIGINT);
    std::atomic<int> stops = 0;
    signals.on_signal([&] { ++stops; });
    EXPECT_GE(stops.load(), 1);
    signals.finish();
}

TEST(StopSignals, StopsAgainUntilItIsFinished) {
    StopSignals signals;
    std::atomic<int> stops = 0;
    signals.on_signal([&] {
        ++stops;
        stops.notify_all();
    });
    kill(getpid(), SIGINT);
    for (int seen = 0; seen < 3; seen = stops.load()) stops.wait(seen);
    signals.finish();
    const int at_the_end = stops.load();
    EXPECT_GE(at_the_end, 3);
    EXPECT_EQ(signals.received(), SIGINT);
}

TEST(StopSignals, SecondSignalEndsTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            StopSignals signals;
            kill(getpid(), SIGINT);
            while (!signals.received()) {
            }
            kill(getpid(), SIGINT);
            std::latch never(1);
            never.wait();
        },
        testing::ExitedWithCode(130), "");
}

TEST(StopSignals, GivesTheSignalsBackAtItsEnd) {
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    {
        StopSignals signals;
    }
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (const int signal : {SIGINT, SIGTERM}) EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal));
}

}  // namespace
}  // namespace curfew::cli
