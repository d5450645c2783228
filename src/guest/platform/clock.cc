// C's clocks, on the hypercall. The guest's time zone is UTC.
#include "guest/platform/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

using curfew::guest::kNanosecondsPerSecond;

extern "C" {

int clock_gettime(clockid_t clock, struct timespec* time) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        errno = EINVAL;
        return -1;
    }
    const uint64_t now = clock == CLOCK_REALTIME ? curfew::guest::realtime_now() : curfew::guest::monotonic_now();
    time->tv_sec = static_cast<time_t>(now / kNanosecondsPerSecond);
    time->tv_nsec = static_cast<long>(now % kNanosecondsPerSecond);
    return 0;
}

int gettimeofday(struct timeval* time, void*) {
    const uint64_t now = curfew::guest::realtime_now();
    time->tv_sec = static_cast<time_t>(now / kNanosecondsPerSecond);
    time->tv_usec = static_cast<suseconds_t>(now % kNanosecondsPerSecond / 1000);
    return 0;
}

// The engine asks only for the distance to UTC, which is zero: the other fields stay zero.
struct tm* localtime_r(const time_t*, struct tm* result) {
    memset(result, 0, sizeof(*result));
    result->tm_zone = "UTC";
    return result;
}
}
