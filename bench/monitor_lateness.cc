// How late monitors end an invocation, beside how late the machine's own timers are, in the same run.
//
//     monitor_lateness            idle machine, then with a busy thread for every CPU; about two minutes
//     monitor_lateness --quick    fewer rounds
//
// The work spins and looks at a flag that the interrupt sets. Lateness is what passes from the limit until
// supervise has returned; for CPU time, what the work used above its limit. The kill latency, from the
// interrupt to the return, is part of it and also shown alone. clock_nanosleep sleeps as long as the limit in
// turn with it.
//
// Last, what the runtime does while 1,000 invocations are armed and idle.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <curfew/monitor.h>

namespace {

using namespace std::chrono_literals;
using namespace curfew;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

class Samples {
  public:
    void add(nanoseconds sample) { samples_.push_back(sample); }
    double ms(double part) {
        std::ranges::sort(samples_);
        const auto last = static_cast<double>(samples_.size() - 1);
        return std::chrono::duration<double, std::milli>(samples_[static_cast<std::size_t>(part * last + 0.5)]).count();
    }

  private:
    std::vector<nanoseconds> samples_;
};

struct Round {
    nanoseconds lateness;
    nanoseconds kill_latency;
};

template <typename Monitor>
Round terminate(nanoseconds limit) {
    std::atomic<steady_clock::rep> interrupted{0};
    Usage usage;
    const auto interrupt = monitor::prompt([&] { interrupted = steady_clock::now().time_since_epoch().count(); });
    const auto done = supervise(Monitor(limit), {.usage = &usage}, interrupt, [&] {
        while (interrupted.load(std::memory_order_relaxed) == 0) {
        }
    });
    const auto returned = steady_clock::now().time_since_epoch();
    if (done) std::abort();
    const nanoseconds used = std::same_as<Monitor, CpuTimeMonitor> ? usage.cpu_time : usage.wall_time;
    return {used - limit, returned - nanoseconds(interrupted)};
}

nanoseconds sleep_lateness(nanoseconds length) {
    const timespec time{length / 1s, (length % 1s).count()};
    const auto start = steady_clock::now();
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
    return steady_clock::now() - start - length;
}

template <typename Monitor>
void measure(const char* name, nanoseconds limit, int rounds) {
    Samples lateness, kill, sleep;
    for (int i = 0; i < rounds; ++i) {
        const Round round = terminate<Monitor>(limit);
        lateness.add(round.lateness);
        kill.add(round.kill_latency);
        sleep.add(sleep_lateness(limit));
    }
    std::printf("%-10s %6.0f %6d   %7.3f %7.3f   %7.3f %7.3f   %7.3f %7.3f   %+7.3f\n", name,
                std::chrono::duration<double, std::milli>(limit).count(), rounds, lateness.ms(0.5), lateness.ms(0.99),
                sleep.ms(0.5), sleep.ms(0.99), kill.ms(0.5), kill.ms(0.99),
                lateness.ms(0.99) - sleep.ms(0.99) - kill.ms(0.99));
    std::fflush(stdout);
}

void measure_all(int part) {
    std::printf(
        "monitor     limit rounds  lateness p50     p99  nanosleep p50   p99   kill p50     p99   p99 less "
        "both\n");
    for (const auto& [limit, rounds] : {std::pair{5ms, 1000}, std::pair{50ms, 200}, std::pair{500ms, 30}}) {
        measure<WallClockMonitor>("wall-clock", limit, std::max(rounds / part, 10));
        measure<CpuTimeMonitor>("cpu-time", limit, std::max(rounds / part, 10));
    }
}

void armed(int count, const std::function<void()>& inside) {
    if (count == 0) return inside();
    static_cast<void>(supervise(std::tuple{WallClockMonitor(5s), CpuTimeMonitor(5s)}, monitor::prompt([] {}),
                                [&] { armed(count - 1, inside); }));
}

void measure_idle() {
    armed(1000, [] {
        std::this_thread::sleep_for(100ms);
        const ProcessCpuClock clock(getpid());
        const auto before = monitor::runtime_stats();
        const auto cpu = *clock.now();
        std::this_thread::sleep_for(3s);
        const auto used = *clock.now() - cpu;
        const auto after = monitor::runtime_stats();
        std::printf(
            "1,000 invocations armed and idle for 3 s: %zu timers, %llu wake-ups, %.3f ms of CPU time in "
            "all\n",
            after.timers_armed,
            static_cast<unsigned long long>(after.timer_wake_ups + after.job_wake_ups - before.timer_wake_ups -
                                            before.job_wake_ups),
            std::chrono::duration<double, std::milli>(used).count());
    });
}

}  // namespace

int main(int count, char** arguments) {
    const int part = count > 1 && std::strcmp(arguments[1], "--quick") == 0 ? 10 : 1;
    std::printf("All times in ms. %u CPUs, nothing else busy:\n", std::thread::hardware_concurrency());
    measure_all(part);

    std::atomic<bool> stop{false};
    std::vector<std::jthread> busy;
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
        busy.emplace_back([&] {
            while (!stop.load(std::memory_order_relaxed)) {
            }
        });
    }
    std::printf("A busy thread for every CPU besides:\n");
    measure_all(part);
    stop = true;
    busy.clear();
    measure_idle();
}
