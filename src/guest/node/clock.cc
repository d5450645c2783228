#include "guest/node/clock.h"

#include <asm/unistd.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>

#include "guest/node/randomness.h"
#include "guest/node/system.h"
#include "guest/platform/exchange.h"
#include "guest/platform/hypercall.h"

namespace curfew::guest {

namespace {

constexpr uint64_t kPerSecond = 1'000'000'000;
constexpr uint64_t kPerMicrosecond = 1'000;
constexpr uint64_t kLongestWait = wire::kNoTimer - 1;  // microseconds
// What programs are told goes by steps, as scripts' performance.now() does, so that no reading of a clock tells a page fault or a cache
// miss. An eighth of a millisecond.
constexpr uint64_t kStep = 125'000;

uint64_t last_read;  // of the monotonic clock
uint64_t shift;      // from the cell's clock to ours
uint64_t began = 0;  // the process, by the kernel's clock
bool reseed_is_due;  // of what the engine has drawn ahead

uint64_t kernel_clock(clockid_t clock) {
    timespec time{};
    kernel_call(__NR_clock_gettime, clock, word(&time));
    return nanoseconds_of(time);
}

timespec timespec_of(uint64_t nanoseconds) {
    return {.tv_sec = static_cast<time_t>(nanoseconds / kPerSecond),
            .tv_nsec = static_cast<long>(nanoseconds % kPerSecond)};
}

}  // namespace

uint64_t nanoseconds_of(const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * kPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

uint64_t monotonic_time() {
    if (!in_cell()) {
        const uint64_t now = kernel_clock(CLOCK_MONOTONIC);
        if (began == 0) began = now - kPerSecond;
        return now - began;
    }
    return last_read = hypercall(CURFEW_HYPERCALL_MONOTONIC) + shift;
}

uint64_t realtime() { return in_cell() ? hypercall(CURFEW_HYPERCALL_REALTIME) : kernel_clock(CLOCK_REALTIME); }

void freeze_clock() { last_read = monotonic_time(); }

void restart_clock(uint64_t passed) { shift = last_read + passed - hypercall(CURFEW_HYPERCALL_MONOTONIC); }

long read_clock(clockid_t clock, timespec* time) {
    const bool real = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    *time = timespec_of(real ? realtime() : monotonic_time() / kStep * kStep);
    return 0;
}

void sleep_until(uint64_t monotonic) {
    for (uint64_t now = 0; (now = monotonic_time()) < monotonic;) {
        if (!in_cell()) {
            const timespec time = timespec_of(monotonic - now);
            kernel_call(__NR_nanosleep, word(&time), 0);
            continue;
        }
        wait_for_host(0, microseconds_until(monotonic, now));
    }
}

void wait_for_host(uint32_t flags, uint32_t microseconds) {
    stage_empty(wire::MessageKind::wait, flags, microseconds);
    exchange();
    accept_request();
    if ((mailbox().message.flags & wire::kReseed) == 0) return;
    const wire::Message& message = mailbox().message;
    restart_clock(received_kind() == wire::MessageKind::proceed ? message.value * kPerMicrosecond : 0);
    reseed_is_due = true;
    reseed();
}

bool take_reseed() { return std::exchange(reseed_is_due, false); }

uint32_t microseconds_until(uint64_t time, uint64_t now) {
    if (time <= now) return 0;
    const uint64_t wait = (time - now + kPerMicrosecond - 1) / kPerMicrosecond;
    return static_cast<uint32_t>(wait < kLongestWait ? wait : kLongestWait);
}

}  // namespace curfew::guest

using namespace curfew::guest;

CURFEW_INTERPOSED int clock_gettime(clockid_t clock, timespec* time) noexcept {
    return static_cast<int>(read_clock(clock, time));
}

CURFEW_INTERPOSED int gettimeofday(timeval* time, void*) noexcept {
    const uint64_t now = realtime();
    time->tv_sec = static_cast<time_t>(now / kPerSecond);
    time->tv_usec = static_cast<suseconds_t>(now % kPerSecond / kPerMicrosecond);
    return 0;
}

CURFEW_INTERPOSED time_t time(time_t* time) noexcept {
    const auto now = static_cast<time_t>(realtime() / kPerSecond);
    if (time) *time = now;
    return now;
}

CURFEW_INTERPOSED int usleep(useconds_t microseconds) {
    sleep_until(monotonic_time() + microseconds * kPerMicrosecond);
    return 0;
}
