// Monitors of counters: host calls, output, memory.
#include <gtest/gtest.h>

#include <string>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

TEST(HostCalls, OneOverTheLimitIsDecidedBeforeItRuns) {
    UsageMeter meter;
    Interruptible work;
    int host_function_ran = 0;
    const auto done = supervise(HostCallMonitor(3), {.meter = &meter}, work.interrupt(), [&](const Invocation& call) {
        for (int i = 0; i < 10; ++i) {
            const HostCallScope scope(meter);
            if (call.cancelled()) return;
            ++host_function_ran;
        }
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "host-calls");
    EXPECT_EQ(host_function_ran, 3);
    EXPECT_EQ(done.error().usage.host_calls, 4u);
    EXPECT_EQ(work.interrupts(), 1);
    EXPECT_NE(done.error().message.find("limit: 3 host calls"), std::string::npos) << done.error().message;
}

TEST(HostCalls, ExactlyTheLimitIsAllowed) {
    UsageMeter meter;
    Usage usage;
    const auto done = supervise(HostCallMonitor(3), {.meter = &meter, .usage = &usage}, kNoInterrupt, [&] {
        for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
    });
    EXPECT_TRUE(done);
    EXPECT_EQ(usage.host_calls, 3u);
}

TEST(Output, CountsPrintedAndPassedOut) {
    UsageMeter meter;
    Interruptible work;
    Usage usage;
    const auto done = supervise(OutputMonitor(100), {.meter = &meter, .usage = &usage}, work.interrupt(),
                                [&](const Invocation& call) {
                                    meter.add_bytes_in(5000);  // does not count
                                    meter.add_bytes_printed(60);
                                    EXPECT_FALSE(call.cancelled());
                                    meter.add_bytes_out(40);
                                    EXPECT_FALSE(call.cancelled());
                                    meter.add_bytes_out(1);
                                    EXPECT_TRUE(call.cancelled());
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "output");
    EXPECT_EQ(usage.bytes_in, 5000u);
    EXPECT_EQ(usage.bytes_printed, 60u);
    EXPECT_EQ(usage.bytes_out, 41u);
}

TEST(Memory, CountsWhatIsAllocatedNow) {
    UsageMeter meter;
    Interruptible work;
    Usage usage;
    const auto done = supervise(MemoryMonitor(1 << 20), {.meter = &meter, .usage = &usage}, work.interrupt(),
                                [&](const Invocation& call) {
                                    EXPECT_EQ(meter.next_threshold(Counter::heap), 1u << 20);
                                    for (int i = 0; i < 10; ++i) {
                                        meter.set_heap(1 << 20);
                                        meter.set_heap(1000);
                                    }
                                    EXPECT_FALSE(call.cancelled());
                                    meter.set_heap((1 << 20) + 1);
                                    EXPECT_TRUE(call.cancelled());
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "memory");
    EXPECT_EQ(usage.peak_heap, (1u << 20) + 1);
    EXPECT_NE(done.error().message.find("limit: 1 MiB of heap"), std::string::npos) << done.error().message;
    EXPECT_EQ(meter.next_threshold(Counter::heap), UsageMeter::kNoThreshold);
}

TEST(Counters, LowestOfManyThresholdsIsKept) {
    UsageMeter meter;
    Interruptible work;
    const auto done = supervise(std::tuple{HostCallMonitor(9), SoftMonitor(HostCallMonitor(2)), HostCallMonitor(5)},
                                {.meter = &meter}, work.interrupt(), [&](const Invocation& call) {
                                    EXPECT_EQ(meter.next_threshold(Counter::host_calls), 2u);
                                    for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
                                    EXPECT_EQ(meter.next_threshold(Counter::host_calls), 5u);
                                    EXPECT_FALSE(call.cancelled());
                                    for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
                                    EXPECT_TRUE(call.cancelled());
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "host-calls");
    EXPECT_EQ(meter.next_threshold(Counter::host_calls), UsageMeter::kNoThreshold);
    meter.reset();
    EXPECT_EQ(meter.snapshot(), Usage{});
}

TEST(Counters, AllStartAtZeroWithoutAThreshold) {
    const UsageMeter meter;
    for (unsigned i = 0; i < kCounters; ++i) {
        EXPECT_EQ(meter.value(static_cast<Counter>(i)), 0u);
        EXPECT_EQ(meter.next_threshold(static_cast<Counter>(i)), UsageMeter::kNoThreshold);
    }
}

TEST(Counters, ExceededBeforeTheStart) {
    UsageMeter meter;
    meter.add_bytes_printed(10);
    bool ran = false;
    const auto done = supervise(OutputMonitor(9), {.meter = &meter}, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "output");
    EXPECT_FALSE(ran);
}

// A custom monitor that waits for a counter goes on on the runtime, not on the thread that counts.
TEST(Counters, CustomMonitorsMayWaitForThem) {
    UsageMeter meter;
    Interruptible work;
    std::string where;
    const FunctionMonitor chatty("chatty", [&where](const Invocation& call) -> Result<MonitorTask> {
        return [](const Invocation& c, std::string& w) -> MonitorTask {
            co_await c.usage().exceeds(Counter::bytes_printed, 3);
            w = thread_name();
        }(call, where);
    });
    const auto done = supervise(chatty, {.meter = &meter}, work.interrupt(), [&] {
        meter.add_bytes_printed(4);
        work.wait();
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "chatty");
    EXPECT_EQ(where, "curfew-monitor");
}

}  // namespace
}  // namespace curfew::test
