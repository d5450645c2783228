#include "guest/quickjs/waits.h"

#include "guest/platform/clock.h"
#include "guest/quickjs/globals.h"
#include "guest/quickjs/performance.h"

namespace curfew::guest {

namespace {

constexpr uint64_t kNanosecondsPerMicrosecond = 1000;
constexpr uint32_t kLongestWait = wire::kNoTimer - 1;

}  // namespace

void take_seed() {
    if ((mailbox().message.flags & wire::kReseed) == 0) return;
    random_state.seed(mailbox().seed);
    restart_performance_clock();
}

// A guest that goes on in another cell finds the time to be what it was when it was saved.
void wait_for_host(uint32_t flags, uint32_t microseconds) {
    const uint64_t begun = monotonic_now();
    stage_empty(wire::MessageKind::wait, flags, microseconds);
    exchange();
    accept_request();
    const wire::Message& message = mailbox().message;
    if ((message.flags & wire::kReseed) == 0) return;
    random_state.seed(mailbox().seed);
    const bool says = received_kind() == wire::MessageKind::proceed;
    set_monotonic_clock(begun + (says ? message.value * kNanosecondsPerMicrosecond : 0));
}

uint32_t microseconds_until(uint64_t time, uint64_t now) {
    if (time <= now) return 0;
    const uint64_t wait = (time - now + kNanosecondsPerMicrosecond - 1) / kNanosecondsPerMicrosecond;
    return wait < kLongestWait ? static_cast<uint32_t>(wait) : kLongestWait;
}

}  // namespace curfew::guest
