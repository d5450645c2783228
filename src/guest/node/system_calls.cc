#include "guest/node/system_calls.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest/node/clock.h"
#include "guest/node/events.h"
#include "guest/node/exhaustion.h"
#include "guest/node/memory_account.h"
#include "guest/node/output_streams.h"
#include "guest/node/pages.h"
#include "guest/node/pool_threads.h"
#include "guest/node/randomness.h"
#include "guest/node/refused_calls.h"
#include "guest/node/system.h"

namespace curfew::guest {

namespace {

constexpr long kNobody = 65534;  // the user's and group's number
constexpr uint64_t kPerSecond = 1'000'000'000;
constexpr long kSetUserSignal = 33;  // libc's own, to its other threads

struct Call {
    long number;
    long a, b, c, d, e, f;

    template <typename T>
    static T* at(long address) {
        return reinterpret_cast<T*>(address);
    }
};

long read_from(int descriptor, void* out, size_t size) {
    if (is_event_source(descriptor)) return read_events(descriptor, out, size);
    return descriptor == 0 ? 0 : -EBADF;
}

long write_to(int descriptor, const void* from, size_t size) {
    if (is_event_source(descriptor)) return write_events(descriptor, from, size);
    if (descriptor != 1 && descriptor != 2) return -EBADF;
    write_output(descriptor, static_cast<const char*>(from), size);
    return static_cast<long>(size);
}

long write_pieces(int descriptor, const iovec* pieces, int count) {
    long sum = 0;
    for (int i = 0; i < count; ++i) {
        const long written = write_to(descriptor, pieces[i].iov_base, pieces[i].iov_len);
        if (written < 0) return sum > 0 ? sum : written;
        sum += written;
    }
    return sum;
}

long sleep_for(const timespec& time) {
    sleep_until(monotonic_time() + nanoseconds_of(time));
    return 0;
}

long sleep_on_clock(int clock, bool absolute, const timespec& time) {
    if (!absolute) return sleep_for(time);
    const uint64_t now = clock == CLOCK_REALTIME ? realtime() : monotonic_time();
    const uint64_t end = nanoseconds_of(time);
    if (end > now) sleep_until(monotonic_time() + (end - now));
    return 0;
}

long tell_time_of_day(timeval* time) {
    const uint64_t now = realtime();
    time->tv_sec = static_cast<time_t>(now / kPerSecond);
    time->tv_usec = static_cast<suseconds_t>(now % kPerSecond / 1000);
    return 0;
}

// A lock that is taken is one that a coroutine may hold.
long wait_for_lock(const Call& call) {
    const auto operation = static_cast<int>(call.b) & FUTEX_CMD_MASK;
    if (operation == FUTEX_WAKE || operation == FUTEX_WAKE_BITSET) return 0;
    if (operation != FUTEX_WAIT && operation != FUTEX_WAIT_BITSET) return -ENOSYS;
    if (*Call::at<const uint32_t>(call.a) != static_cast<uint32_t>(call.c)) return -EAGAIN;
    if (run_pool_threads()) return 0;
    const auto* const time = Call::at<const timespec>(call.d);
    if (!time) give_up("the engine waits for a lock that nobody will ever release");
    const bool realtime_clock = (call.b & FUTEX_CLOCK_REALTIME) != 0;
    sleep_on_clock(realtime_clock ? CLOCK_REALTIME : CLOCK_MONOTONIC, operation == FUTEX_WAIT_BITSET, *time);
    return -ETIMEDOUT;
}

[[noreturn]] void engine_has_given_up(const char* how, long number) {
    if (take_allocation_failure()) end_for_lack_of_memory();
    const char* const said = complaints();
    give_up("Node.js %s %ld%s%s", how, number, *said != '\0' ? ": " : "", said);
}

long send_signal(long signal) {
    if (signal == kSetUserSignal) return -EPERM;
    engine_has_given_up("stopped itself by signal", signal);
}

long name_system(utsname* name) {
    *name = {};
    strcpy(name->sysname, "Linux");
    strcpy(name->nodename, "cell");
    strcpy(name->release, "6.0.0");
    strcpy(name->version, "#1");
    strcpy(name->machine, "x86_64");
    return 0;
}

long only_processor(void* set, size_t size) {
    memset(set, 0, size);
    *static_cast<char*>(set) = 1;
    return static_cast<long>(size < sizeof(long) ? size : sizeof(long));
}

template <typename T>
long zeroed(long address) {
    *Call::at<T>(address) = T{};
    return 0;
}

long current_folder(char* path, size_t size) {
    constexpr char kRoot[] = "/";
    if (size < sizeof(kRoot)) return -ERANGE;
    memcpy(path, kRoot, sizeof(kRoot));
    return sizeof(kRoot);
}

// Time, waiting and randomness.
bool answer_clock_call(const Call& call, long& result) {
    switch (call.number) {
        case __NR_clock_gettime:
            result = read_clock(static_cast<clockid_t>(call.a), Call::at<timespec>(call.b));
            return true;
        case __NR_clock_getres:
            if (call.b != 0) *Call::at<timespec>(call.b) = {.tv_sec = 0, .tv_nsec = 1};
            result = 0;
            return true;
        case __NR_gettimeofday: result = tell_time_of_day(Call::at<timeval>(call.a)); return true;
        case __NR_time:
            result = static_cast<long>(realtime() / kPerSecond);
            if (call.a != 0) *Call::at<long>(call.a) = result;
            return true;
        case __NR_nanosleep: result = sleep_for(*Call::at<const timespec>(call.a)); return true;
        case __NR_clock_nanosleep:
            result = sleep_on_clock(static_cast<int>(call.a), (call.b & TIMER_ABSTIME) != 0,
                                    *Call::at<const timespec>(call.c));
            return true;
        case __NR_futex: result = wait_for_lock(call); return true;
        case __NR_getrandom:
            fill_with_randomness(Call::at<void>(call.a), static_cast<size_t>(call.b));
            result = call.b;
            return true;
        default: return false;
    }
}

// Descriptors that exist.
bool answer_descriptor_call(const Call& call, long& result) {
    const auto descriptor = static_cast<int>(call.a);
    switch (call.number) {
        case __NR_read:
            result = read_from(descriptor, Call::at<void>(call.b), static_cast<size_t>(call.c));
            return true;
        case __NR_write:
            result = write_to(descriptor, Call::at<const void>(call.b), static_cast<size_t>(call.c));
            return true;
        case __NR_writev:
            result = write_pieces(descriptor, Call::at<const iovec>(call.b), static_cast<int>(call.c));
            return true;
        case __NR_close: result = is_event_source(descriptor) ? close_events(descriptor) : -EBADF; return true;
        case __NR_eventfd2: result = make_eventfd(static_cast<unsigned>(call.a)); return true;
        case __NR_pipe2: result = make_pipe(Call::at<int>(call.a)); return true;
        case __NR_epoll_create1: result = make_epoll(); return true;
        case __NR_epoll_ctl:
            result = change_epoll(descriptor, static_cast<int>(call.b), static_cast<int>(call.c),
                                  Call::at<const epoll_event>(call.d));
            return true;
        case __NR_epoll_wait:
        case __NR_epoll_pwait:
            result = wait_for_events(descriptor, Call::at<epoll_event>(call.b), static_cast<int>(call.c),
                                     static_cast<int>(call.d));
            return true;
        case __NR_fcntl:
        case __NR_ioctl:
        case __NR_fstat:
        case __NR_lseek:
        case __NR_pread64:
        case __NR_pwrite64: result = -EBADF; return true;
        default: return false;
    }
}

bool answer_memory_call(const Call& call, long& result) {
    const auto where = static_cast<uintptr_t>(call.a);
    const auto length = static_cast<size_t>(call.b);
    switch (call.number) {
        case __NR_mmap:
            result = map_pages(where, length, static_cast<int>(call.c), static_cast<int>(call.d),
                               static_cast<int>(call.e), call.f);
            return true;
        case __NR_munmap: result = unmap_pages(where, length); return true;
        case __NR_mprotect: result = protect_pages(where, length, static_cast<int>(call.c)); return true;
        case __NR_madvise: result = advise_pages(where, length, static_cast<int>(call.c)); return true;
        case __NR_mremap: result = -ENOMEM; return true;
        case __NR_brk: result = 0; return true;
        default: return false;
    }
}

// What a process asks about itself and its machine.
bool answer_process_call(const Call& call, long& result) {
    switch (call.number) {
        case __NR_getpid:
        case __NR_gettid: result = process_number(); return true;
        case __NR_getppid: result = 0; return true;
        case __NR_getuid:
        case __NR_geteuid:
        case __NR_getgid:
        case __NR_getegid: result = kNobody; return true;
        case __NR_getrusage: result = zeroed<struct rusage>(call.b); return true;
        case __NR_sysinfo: result = zeroed<struct sysinfo>(call.a); return true;
        case __NR_uname: result = name_system(Call::at<utsname>(call.a)); return true;
        case __NR_getcwd: result = current_folder(Call::at<char>(call.a), static_cast<size_t>(call.b)); return true;
        case __NR_sched_getaffinity:
            result = only_processor(Call::at<void>(call.c), static_cast<size_t>(call.b));
            return true;
        case __NR_getcpu:
            if (call.a != 0) *Call::at<unsigned>(call.a) = 0;
            if (call.b != 0) *Call::at<unsigned>(call.b) = 0;
            result = 0;
            return true;
        case __NR_sched_yield:
        case __NR_rt_sigaction:
        case __NR_rt_sigprocmask:
        case __NR_sigaltstack:
        case __NR_prctl: result = 0; return true;
        case __NR_tgkill: result = send_signal(call.c); return true;
        case __NR_exit:
        case __NR_exit_group: engine_has_given_up("ended its process with status", call.a);
        default: return false;
    }
}

// There is nothing of the kind, and nobody may make it.
bool is_forbidden(long number) {
    switch (number) {
        case __NR_open:
        case __NR_openat:
        case __NR_stat:
        case __NR_lstat:
        case __NR_newfstatat:
        case __NR_statx:
        case __NR_access:
        case __NR_faccessat:
        case __NR_readlink:
        case __NR_readlinkat:
        case __NR_mkdir:
        case __NR_unlink:
        case __NR_socket:
        case __NR_socketpair:
        case __NR_kill:
        case __NR_tkill: return true;
        default: return false;
    }
}

long answer(const Call& call) {
    long result = 0;
    if (answer_clock_call(call, result) || answer_descriptor_call(call, result) || answer_memory_call(call, result) ||
        answer_process_call(call, result)) {
        return result;
    }
    return is_forbidden(call.number) ? -EPERM : -ENOSYS;
}

// What was there and is used up, or not yet there, was not refused.
bool is_refusal(long result) {
    return result == -EPERM || result == -ENOSYS || result == -EBADF || result == -ENODEV || result == -EACCES;
}

}  // namespace

long system_call(long number, long a, long b, long c, long d, long e, long f) {
    const Call call{number, a, b, c, d, e, f};
    if (in_cell()) {
        const long result = answer(call);
        if (is_refusal(result)) note_refused_call(number, result);
        return result;
    }
    if ((number == __NR_read || number == __NR_write || number == __NR_close) && is_event_source(static_cast<int>(a))) {
        long result = 0;
        answer_descriptor_call(call, result);
        return result;
    }
    return kernel_call(number, a, b, c, d, e, f);
}

}  // namespace curfew::guest

using namespace curfew::guest;

// Those of libc's functions that ask for what the engine asks for often, or by a name that has no system call of its own.
CURFEW_INTERPOSED long syscall(long number, ...) noexcept {
    va_list arguments;
    va_start(arguments, number);
    long a[6];
    for (long& argument : a) argument = va_arg(arguments, long);
    va_end(arguments);
    // Else libuv would put its changes to epoll through a ring.
    if (number == __NR_io_uring_setup || number == __NR_io_uring_enter) return with_errno(-ENOSYS);
    return with_errno(system_call(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

CURFEW_INTERPOSED int getrusage(__rusage_who_t who, struct rusage* usage) noexcept {
    return static_cast<int>(with_errno(system_call(__NR_getrusage, who, word(usage))));
}

CURFEW_INTERPOSED int sched_yield() noexcept { return static_cast<int>(with_errno(system_call(__NR_sched_yield))); }

// What the engine says when it gives up has been printed by then.
CURFEW_INTERPOSED void abort() noexcept {
    if (in_cell()) send_signal(SIGABRT);
    for (;;) kernel_call(__NR_exit_group, 134);
}

CURFEW_INTERPOSED ssize_t read(int descriptor, void* out, size_t size) {
    return with_errno(system_call(__NR_read, descriptor, word(out), static_cast<long>(size)));
}

CURFEW_INTERPOSED ssize_t write(int descriptor, const void* from, size_t size) {
    return with_errno(system_call(__NR_write, descriptor, word(from), static_cast<long>(size)));
}

CURFEW_INTERPOSED int close(int descriptor) {
    return static_cast<int>(with_errno(system_call(__NR_close, descriptor)));
}
