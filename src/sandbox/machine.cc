#include <cpuid.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <thread>
#include <vector>

#include <curfew/machine.h>

#include "cell/descriptor.h"

namespace curfew {

namespace {

using cell::Descriptor;
using Item = MachineReport::Item;

std::string reason(int error) { return std::generic_category().message(error); }

Item look_at_memfd() {
    const Descriptor file(::memfd_create("curfew-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) {
        return {"memfd", false, true,
                reason(errno) + "; use Linux 5.9 or later, and let the container's seccomp profile allow memfd_create"};
    }
    int policy = 0;
    std::ifstream("/proc/sys/vm/memfd_noexec") >> policy;
    if (policy == 2) {
        return {"memfd", false, true, "memory files cannot be executed; set sysctl vm.memfd_noexec to 0 or 1"};
    }
    return {"memfd", true, true, "memory files can be made, sealed and executed"};
}

Item look_at_seccomp() {
    const unsigned action = SECCOMP_RET_TRAP;
    if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0) {
        return {"seccomp", true, true, "system call filters can be installed"};
    }
    return {"seccomp", false, true,
            reason(errno) + "; use a kernel with CONFIG_SECCOMP_FILTER, and let the container allow seccomp"};
}

Item look_at_pidfd() {
    const Descriptor self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0U)));
    if (self) return {"pidfd", true, true, "processes can be watched and signalled by descriptor"};
    return {"pidfd", false, true, reason(errno) + "; use Linux 5.9 or later"};
}

Item look_at_processor() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned kOsxsave = 1U << 27;
    if (__get_cpuid(1, &a, &b, &c, &d) != 0 && (c & kOsxsave) != 0) {
        return {"xsave", true, true, "all registers can be reset"};
    }
    return {"xsave", false, true, "the processor or hypervisor does not offer XSAVE, with which registers are reset"};
}

Item look_at_kvm() {
    const Descriptor device(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (device) return {"kvm", true, false, "/dev/kvm can be opened; process cells do not use it"};
    return {"kvm", false, false, reason(errno) + " at /dev/kvm; process cells do not need it"};
}

std::vector<int> allowed_cpus() {
    cpu_set_t set;
    std::vector<int> cpus;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
    }
    return cpus;
}

void bind_to(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

// Microseconds of one round trip between two threads on these CPUs, the median of several runs.
double measure_round_trip(int first_cpu, int second_cpu, bool spin) {
    constexpr unsigned kRounds = 40;
    constexpr int kRuns = 5;
    std::atomic<std::uint32_t> turn = 0;  // even: the first thread's
    const auto give_and_wait = [&](std::uint32_t now) {
        turn.store(now, std::memory_order_seq_cst);
        if (!spin) ::syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
        while (turn.load(std::memory_order_acquire) == now) {
            if (spin) {
                __builtin_ia32_pause();
            } else {
                ::syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, nullptr, nullptr, 0);
            }
        }
    };
    std::vector<double> runs;
    // On threads of their own, so that the caller's CPUs stay as they are.
    std::jthread second([&] {
        bind_to(second_cpu);
        for (std::uint32_t i = 0; i < kRuns * kRounds; ++i) {
            while (turn.load(std::memory_order_acquire) != 2 * i + 1) {
                if (spin) {
                    __builtin_ia32_pause();
                } else {
                    ::syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 2 * i, nullptr, nullptr, 0);
                }
            }
            turn.store(2 * i + 2, std::memory_order_seq_cst);
            if (!spin) ::syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
        }
    });
    std::jthread first([&] {
        bind_to(first_cpu);
        for (int run = 0; run < kRuns; ++run) {
            const auto start = std::chrono::steady_clock::now();
            for (unsigned i = 0; i < kRounds; ++i) give_and_wait(2 * (static_cast<unsigned>(run) * kRounds + i) + 1);
            const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
            runs.push_back(taken.count() / kRounds);
        }
    });
    first.join();
    second.join();
    std::ranges::nth_element(runs, runs.begin() + kRuns / 2);
    return runs[kRuns / 2];
}

}  // namespace

bool MachineReport::usable() const noexcept {
    return std::ranges::none_of(items, [](const Item& item) { return item.required && !item.available; });
}

MachineReport inspect_machine() {
    MachineReport report;
    utsname names{};
    if (::uname(&names) == 0) report.kernel = names.release;
    const std::vector<int> cpus = allowed_cpus();
    report.cpus = static_cast<unsigned>(cpus.size());
    if (!cpus.empty()) report.same_cpu_wake_us = measure_round_trip(cpus[0], cpus[0], false);
    if (cpus.size() > 1) {
        report.other_cpu_wake_us = measure_round_trip(cpus[0], cpus[1], false);
        report.spin_us = measure_round_trip(cpus[0], cpus[1], true);
    }
    report.items = {look_at_seccomp(), look_at_memfd(), look_at_pidfd(), look_at_processor(), look_at_kvm()};
    return report;
}

}  // namespace curfew
