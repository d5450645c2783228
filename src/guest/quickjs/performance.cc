#include "guest/quickjs/performance.h"

#include "guest/platform/clock.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

uint64_t origin;     // the monotonic clock's time that counts as zero
uint64_t last_read;  // nanoseconds since then
double time_origin;  // milliseconds since 1970; zero: not asked for since the clock was restarted

// What scripts are told goes by steps, so that one reading does not tell a page fault or a cache miss. A power of two to the
// millisecond, so that differences of readings are exact.
constexpr uint64_t kStepsPerMillisecond = 8;
constexpr uint64_t kStep = kNanosecondsPerMillisecond / kStepsPerMillisecond;

double in_milliseconds(uint64_t nanoseconds) {
    const auto steps = nanoseconds / kStep;
    return static_cast<double>(steps) / static_cast<double>(kStepsPerMillisecond);
}

uint64_t read_clock() {
    last_read = monotonic_now() - origin;
    return last_read;
}

JSValue now(JSContext* context, JSValueConst, int, JSValueConst*) {
    return JS_NewFloat64(context, in_milliseconds(read_clock()));
}

JSValue get_time_origin(JSContext* context, JSValueConst) {
    if (time_origin == 0) time_origin = in_milliseconds(realtime_now() - read_clock());
    return JS_NewFloat64(context, time_origin);
}

const JSCFunctionListEntry kMembers[] = {
    JS_CFUNC_DEF("now", 0, now),
    JS_CGETSET_DEF2("timeOrigin", get_time_origin, nullptr, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Performance", JS_PROP_CONFIGURABLE),
};

}  // namespace

void restart_performance_clock() {
    origin = monotonic_now() - last_read;
    time_origin = 0;
}

bool install_performance(JSContext* context, JSValueConst global) {
    Value performance(context, JS_NewObject(context));
    return !performance.failed() &&
           JS_SetPropertyFunctionList(context, performance.get(), kMembers, sizeof(kMembers) / sizeof(kMembers[0])) >=
               0 &&
           JS_DefinePropertyValueStr(context, global, "performance", performance.release(),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

}  // namespace curfew::guest
