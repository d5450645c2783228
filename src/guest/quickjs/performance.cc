#include "guest/quickjs/performance.h"

#include "guest/platform/clock.h"
#include "guest/quickjs/native_class.h"

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

JSClassID performance_class;

bool is_performance(JSContext* context, JSValueConst self) {
    if (JS_GetClassID(self) == performance_class) return true;
    JS_ThrowTypeError(context, "this is no Performance");
    return false;
}

JSValue now(JSContext* context, JSValueConst self, int, JSValueConst*) {
    return is_performance(context, self) ? JS_NewFloat64(context, in_milliseconds(read_clock())) : JS_EXCEPTION;
}

JSValue get_time_origin(JSContext* context, JSValueConst self) {
    if (!is_performance(context, self)) return JS_EXCEPTION;
    if (time_origin == 0) time_origin = in_milliseconds(realtime_now() - read_clock());
    return JS_NewFloat64(context, time_origin);
}

JSValue to_json(JSContext* context, JSValueConst self, int, JSValueConst*) {
    const Value origin_time(context, get_time_origin(context, self));
    Value json(context, origin_time.failed() ? JS_EXCEPTION : JS_NewObject(context));
    if (json.failed() || JS_DefinePropertyValueStr(context, json.get(), "timeOrigin",
                                                   JS_DupValue(context, origin_time.get()), JS_PROP_C_W_E) < 0) {
        return JS_EXCEPTION;
    }
    return json.release();
}

JSValue construct(JSContext* context, JSValueConst, int, JSValueConst*) {
    return JS_ThrowTypeError(context, "there is one Performance: the global performance");
}

const JSCFunctionListEntry kMembers[] = {
    JS_CGETSET_DEF2("timeOrigin", get_time_origin, nullptr, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE),
    JS_CFUNC_DEF2("now", 0, now, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("toJSON", 0, to_json, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Performance", JS_PROP_CONFIGURABLE),
};

}  // namespace

double performance_now() { return in_milliseconds(read_clock()); }

void restart_performance_clock() {
    origin = monotonic_now() - last_read;
    time_origin = 0;
}

bool install_performance(JSContext* context, JSValueConst global) {
    Value constructor(context, make_class(context, performance_class,
                                          {.name = "Performance",
                                           .finalizer = nullptr,
                                           .constructor = construct,
                                           .parameters = 0,
                                           .members = kMembers,
                                           .member_count = sizeof(kMembers) / sizeof(kMembers[0])}));
    return !constructor.failed() &&
           JS_DefinePropertyValueStr(context, global, "Performance", constructor.release(),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0 &&
           JS_DefinePropertyValueStr(context, global, "performance", JS_NewObjectClass(context, performance_class),
                                     JS_PROP_C_W_E) >= 0;
}

}  // namespace curfew::guest
