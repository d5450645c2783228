#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/machine.h>

#include "base/cpus.h"
#include "cell/cgroup.h"
#include "cell/descriptor.h"
#include "cell/process/layers.h"
#include "cell/process/requirements.h"
#include "cell/process/x86_64/processor.h"

namespace curfew {

namespace {

using cell::Descriptor;
using Item = MachineReport::Item;

Item look_at_kvm() {
    const Descriptor device(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (device) return {"kvm", true, false, "/dev/kvm can be opened; process cells do not use it"};
    return {"kvm", false, false, std::generic_category().message(errno) + " at /dev/kvm; process cells do not need it"};
}

// While this lives, the calling thread has no time-stamp counter, as a cell with coarse time; and gets no signal, whose
// handler might want one. Nor may it ask for the time, since that reads the counter.
class WithoutTimeStamps {
  public:
    WithoutTimeStamps() noexcept {
        sigset_t all{};
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &signals_);
        ::prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
    }
    WithoutTimeStamps(const WithoutTimeStamps&) = delete;
    WithoutTimeStamps& operator=(const WithoutTimeStamps&) = delete;
    ~WithoutTimeStamps() {
        ::prctl(PR_SET_TSC, PR_TSC_ENABLE);
        ::pthread_sigmask(SIG_SETMASK, &signals_, nullptr);
    }

  private:
    sigset_t signals_{};
};

enum class TimeStamps : bool { of_both, of_one };

// Microseconds of one round trip between two threads on these CPUs, the median of several runs. Throws std::system_error
// if a thread cannot be started.
double measure_round_trip(int first_cpu, int second_cpu, bool spin, TimeStamps time_stamps = TimeStamps::of_both) {
    constexpr std::uint32_t kRounds = 40;
    constexpr std::uint32_t kRuns = 5;
    constexpr std::uint32_t kNoPartner = UINT32_MAX;
    std::atomic<std::uint32_t> turn = 0;  // even: the first thread's
    const auto give_and_wait = [&](std::uint32_t now) {
        turn.store(now, std::memory_order_seq_cst);
        if (!spin) ::syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
        while (turn.load(std::memory_order_acquire) == now) {
            if (spin) {
                cell::relax_processor();
            } else {
                ::syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, nullptr, nullptr, 0);
            }
        }
    };
    std::vector<double> runs;
    runs.reserve(kRuns);
    // On threads of their own, so that the caller's CPUs stay as they are.
    std::jthread second([&] {
        const base::BoundTo bound(second_cpu);
        std::optional<WithoutTimeStamps> without;
        if (time_stamps == TimeStamps::of_one) without.emplace();
        for (std::uint32_t i = 0; i < kRuns * kRounds; ++i) {
            for (;;) {
                const std::uint32_t now = turn.load(std::memory_order_acquire);
                if (now == 2 * i + 1) break;
                if (now == kNoPartner) return;
                if (spin) {
                    cell::relax_processor();
                } else {
                    ::syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 2 * i, nullptr, nullptr, 0);
                }
            }
            turn.store(2 * i + 2, std::memory_order_seq_cst);
            if (!spin) ::syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
        }
    });
    const auto measure = [&] {
        const base::BoundTo bound(first_cpu);
        for (std::uint32_t run = 0; run < kRuns; ++run) {
            const auto start = std::chrono::steady_clock::now();
            for (std::uint32_t i = 0; i < kRounds; ++i) give_and_wait(2 * (run * kRounds + i) + 1);
            const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
            runs.push_back(taken.count() / kRounds);
        }
    };
    try {
        std::jthread(measure).join();
    } catch (...) {
        // The second thread would wait for ever, and so would its end.
        turn.store(kNoPartner, std::memory_order_seq_cst);
        ::syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
        throw;
    }
    second.join();
    std::ranges::nth_element(runs, runs.begin() + kRuns / 2);
    return runs[kRuns / 2];
}

// What a round trip costs more without the counter on one side, beside one that took `with`. By turns, so that whatever else the
// machine does hits both; of each the shortest.
double measure_coarse_time(int cpu, double with) {
    constexpr int kTurns = 2;
    double without = std::numeric_limits<double>::max();
    for (int i = 0; i < kTurns; ++i) {
        without = std::min(without, measure_round_trip(cpu, cpu, false, TimeStamps::of_one));
        with = std::min(with, measure_round_trip(cpu, cpu, false));
    }
    constexpr double kError = 0.1;  // of `with`
    return without - with > kError * with ? without - with : 0;
}

// Fills in the round trips, and says whether threads can be started for them.
Item measure_round_trips(const std::vector<int>& cpus, MachineReport& report) {
    try {
        if (!cpus.empty()) {
            report.same_cpu_wake_us = measure_round_trip(cpus[0], cpus[0], false);
            report.coarse_time_us = measure_coarse_time(cpus[0], report.same_cpu_wake_us);
        }
        if (cpus.size() > 1) {
            report.other_cpu_wake_us = measure_round_trip(cpus[0], cpus[1], false);
            report.spin_us = measure_round_trip(cpus[0], cpus[1], true);
        }
    } catch (const std::system_error& error) {
        return {"threads", false, true,
                error.code().message() +
                    "; limits cannot be kept without: raise those of processes (ulimit -u, a cgroup's pids.max) and of "
                    "memory (ulimit -v), or let the container's seccomp profile allow clone3"};
    }
    return {"threads", true, true, "threads can be started"};
}

}  // namespace

bool MachineReport::usable() const noexcept {
    return std::ranges::none_of(items, [](const Item& item) { return item.required && !item.available; });
}

MachineReport inspect_machine() {
    MachineReport report;
    utsname names{};
    if (::uname(&names) == 0) report.kernel = names.release;
    const std::vector<int> cpus = base::allowed_cpus();
    report.cpus = static_cast<unsigned>(cpus.size());
    report.items.push_back(measure_round_trips(cpus, report));
    for (cell::Requirement& found : cell::process_requirements()) {
        report.items.push_back({std::move(found.name), found.met, true, std::move(found.detail)});
    }
    for (cell::Requirement& layer : cell::process_layers()) {
        report.items.push_back({std::move(layer.name), layer.met, false, std::move(layer.detail)});
    }
    cell::CgroupOffer cgroups = cell::look_at_cgroups();
    report.items.push_back({"cgroup", cgroups.complete, false, std::move(cgroups.detail)});
    report.items.push_back(look_at_kvm());
    return report;
}

}  // namespace curfew
