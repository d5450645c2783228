#include "guest/quickjs/timers.h"

#include <string.h>

#include "guest/platform/clock.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/jobs.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/waits.h"

namespace curfew::guest {

namespace {

constexpr double kMaxDelay = 2147483647;  // milliseconds; what is longer counts as 1, as in Node.js
constexpr uint64_t kMinInterval = kNanosecondsPerMillisecond;

struct ScriptTimer {
    uint64_t id;
    uint64_t order;       // which is next: the turn's start and the delay; then by id
    uint64_t not_before;  // the monotonic clock's time at which it is due
    uint64_t interval;    // in nanoseconds; zero for one that runs once
    size_t place;         // in the queue
    bool running;         // then it is not in the queue
    bool immediate;       // then it is in the queue of those
    bool cleared;         // while it was running, or an immediate that was waiting
    JSValue function;
    int count;
    JSValue arguments[];
};

bool is_before(const ScriptTimer& one, const ScriptTimer& other) {
    return one.order != other.order ? one.order < other.order : one.id < other.id;
}

void release(JSContext* context, ScriptTimer* timer) {
    JS_FreeValue(context, timer->function);
    for (int i = 0; i < timer->count; ++i) JS_FreeValue(context, timer->arguments[i]);
    js_free(context, timer);
}

// An array on the engine's heap. Grows by reserve() only, so that what follows it cannot fail.
template <typename T>
class Array {
  public:
    // Room for so many more. False, with an exception, when memory runs out.
    bool reserve(JSContext* context, size_t more) {
        if (size_ + more <= capacity_) return true;
        const size_t wanted = capacity_ == 0 ? 8 : 2 * (size_ + more);
        auto* grown = static_cast<T*>(js_realloc(context, items_, wanted * sizeof(T)));
        if (!grown) return false;
        items_ = grown;
        capacity_ = wanted;
        return true;
    }
    void push(T item) { items_[size_++] = item; }
    void truncate(size_t size) { size_ = size; }
    void clear(JSContext* context) {
        if (items_) js_free(context, items_);
        items_ = nullptr;
        size_ = capacity_ = 0;
    }
    size_t size() const { return size_; }
    T& operator[](size_t index) { return items_[index]; }

  private:
    T* items_;
    size_t size_;
    size_t capacity_;
};

// The timers that wait, as a heap: the next is the first.
Array<ScriptTimer*> queue;

// The immediates that wait, first come first served. A batch is those that were there when it began.
Array<ScriptTimer*> immediates;
size_t next_immediate;
size_t batch_end;
bool timer_is_next;  // a batch has ended

// All timers by their ids, which grow. Cleared ones leave an entry without a timer, until half of the
// entries are such.
struct Entry {
    uint64_t id;
    ScriptTimer* timer;
};
Array<Entry> entries;
size_t empty_entries;

size_t running_intervals;  // which will go back into the queue
uint64_t last_id;          // never given twice, so that an old id means no new timer
uint64_t turn_start;       // zero: no timer was set in this turn

void put(size_t place, ScriptTimer* timer) {
    queue[place] = timer;
    timer->place = place;
}

// Moves a timer to where it belongs, given that the place is free.
void settle_in(size_t place, ScriptTimer* timer) {
    while (place > 0 && is_before(*timer, *queue[(place - 1) / 2])) {
        put(place, queue[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        size_t next = 2 * place + 1;
        if (next >= queue.size()) break;
        if (next + 1 < queue.size() && is_before(*queue[next + 1], *queue[next])) ++next;
        if (!is_before(*queue[next], *timer)) break;
        put(place, queue[next]);
        place = next;
    }
    put(place, timer);
}

void enqueue(ScriptTimer* timer) {
    queue.push(timer);
    settle_in(queue.size() - 1, timer);
}

void dequeue(const ScriptTimer& timer) {
    const size_t place = timer.place;
    ScriptTimer* const last = queue[queue.size() - 1];
    queue.truncate(queue.size() - 1);
    if (last != &timer) settle_in(place, last);
}

Entry* find(uint64_t id) {
    size_t from = 0;
    size_t to = entries.size();
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (entries[middle].id < id) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from < entries.size() && entries[from].id == id && entries[from].timer ? &entries[from] : nullptr;
}

void forget(Entry& entry) {
    entry.timer = nullptr;
    if (++empty_entries * 2 <= entries.size()) return;
    size_t kept = 0;
    for (size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].timer) entries[kept++] = entries[i];
    }
    entries.truncate(kept);
    empty_entries = 0;
}

// A delay in nanoseconds. False, with an exception, for what is no number.
bool delay_of(JSContext* context, JSValueConst value, uint64_t& delay) {
    double milliseconds = 0;
    if (JS_ToFloat64(context, &milliseconds, value) < 0) return false;
    if (!(milliseconds > 0)) milliseconds = 0;  // NaN as well
    if (milliseconds > kMaxDelay) milliseconds = 1;
    delay = static_cast<uint64_t>(milliseconds) * kNanosecondsPerMillisecond;
    return true;
}

ScriptTimer* make_timer(JSContext* context, int extra, JSValueConst function, JSValueConst* arguments) {
    if (!entries.reserve(context, 1)) return nullptr;
    auto* timer = static_cast<ScriptTimer*>(
        js_malloc(context, sizeof(ScriptTimer) + static_cast<size_t>(extra) * sizeof(JSValue)));
    if (!timer) return nullptr;
    *timer = {.id = ++last_id,
              .order = 0,
              .not_before = 0,
              .interval = 0,
              .place = 0,
              .running = false,
              .immediate = false,
              .cleared = false,
              .function = JS_DupValue(context, function),
              .count = extra};
    for (int i = 0; i < extra; ++i) timer->arguments[i] = JS_DupValue(context, arguments[i]);
    entries.push({timer->id, timer});
    return timer;
}

// Null, with an exception, for what is no function.
const char* refuse_no_function(JSContext* context, JSValueConst function, const char* who) {
    if (JS_IsFunction(context, function)) return who;
    JS_ThrowTypeError(context, "%s needs a function to call, not %s", who, kind_of(context, function));
    return nullptr;
}

JSValue set_timer(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int repeats) {
    const JSValueConst function = count > 0 ? arguments[0] : JS_UNDEFINED;
    if (!refuse_no_function(context, function, repeats ? "setInterval" : "setTimeout")) return JS_EXCEPTION;
    uint64_t delay = 0;
    if (!delay_of(context, count > 1 ? arguments[1] : JS_UNDEFINED, delay)) return JS_EXCEPTION;
    if (repeats && delay < kMinInterval) delay = kMinInterval;
    if (!queue.reserve(context, running_intervals + 1)) return JS_EXCEPTION;
    ScriptTimer* const timer = make_timer(context, count > 2 ? count - 2 : 0, function, arguments + 2);
    if (!timer) return JS_EXCEPTION;

    const uint64_t now = monotonic_now();
    if (turn_start == 0) turn_start = now;
    timer->order = turn_start + delay;
    timer->not_before = now + delay;
    if (repeats) timer->interval = delay;
    enqueue(timer);
    return JS_NewInt64(context, static_cast<int64_t>(timer->id));
}

JSValue set_immediate(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    const JSValueConst function = count > 0 ? arguments[0] : JS_UNDEFINED;
    if (!refuse_no_function(context, function, "setImmediate")) return JS_EXCEPTION;
    if (!immediates.reserve(context, 1)) return JS_EXCEPTION;
    ScriptTimer* const timer = make_timer(context, count > 1 ? count - 1 : 0, function, arguments + 1);
    if (!timer) return JS_EXCEPTION;
    timer->immediate = true;
    immediates.push(timer);
    return JS_NewInt64(context, static_cast<int64_t>(timer->id));
}

JSValue clear_timer(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    if (count == 0 || !(JS_IsNumber(arguments[0]) || JS_IsString(arguments[0]))) return JS_UNDEFINED;
    double id = 0;
    if (JS_ToFloat64(context, &id, arguments[0]) < 0) return JS_EXCEPTION;
    if (!(id >= 1 && id <= static_cast<double>(last_id))) return JS_UNDEFINED;
    Entry* const entry = find(static_cast<uint64_t>(id));
    if (!entry) return JS_UNDEFINED;
    ScriptTimer* const timer = entry->timer;
    forget(*entry);
    if (timer->running || timer->immediate) {
        timer->cleared = true;
    } else {
        dequeue(*timer);
        release(context, timer);
    }
    return JS_UNDEFINED;
}

// The host may come back early; then it is asked again.
void wait_until(uint64_t time) {
    for (uint64_t now = monotonic_now(); now < time; now = monotonic_now()) {
        wait_for_host(0, microseconds_until(time, now));
    }
}

// Runs the next immediate, if it is one's turn.
bool run_next_immediate(JSContext* context) {
    if (next_immediate == immediates.size()) return false;
    if (next_immediate == batch_end) {  // a batch has ended, or none has begun
        const bool due = queue.size() > 0 && queue[0]->not_before <= monotonic_now();
        if (timer_is_next && due) return false;
        batch_end = immediates.size();
        timer_is_next = true;
    }
    ScriptTimer* const timer = immediates[next_immediate++];
    if (next_immediate == immediates.size()) {
        immediates.truncate(0);
        next_immediate = batch_end = 0;
    }
    if (!timer->cleared) {
        forget(*find(timer->id));
        const Value returned(context, JS_Call(context, timer->function, JS_UNDEFINED, timer->count, timer->arguments));
        if (returned.failed()) report_uncaught(context);
    }
    release(context, timer);
    return true;
}

}  // namespace

JSValue set_timeout(JSContext* context, int count, JSValueConst* arguments) {
    return set_timer(context, JS_UNDEFINED, count, arguments, 0);
}

bool install_timers(JSContext* context, JSValueConst global) {
    const auto define = [&](const char* name, JSValue function) {
        return JS_DefinePropertyValueStr(context, global, name, function, JS_PROP_C_W_E) >= 0;
    };
    const auto setter = [&](const char* name, int repeats) {
        return define(name, JS_NewCFunctionMagic(context, set_timer, name, 1, JS_CFUNC_generic_magic, repeats));
    };
    const auto clearer = [&](const char* name) { return define(name, JS_NewCFunction(context, clear_timer, name, 1)); };
    return setter("setTimeout", 0) && setter("setInterval", 1) && clearer("clearTimeout") && clearer("clearInterval") &&
           define("setImmediate", JS_NewCFunction(context, set_immediate, "setImmediate", 1)) &&
           clearer("clearImmediate");
}

void begin_turn() { turn_start = 0; }

uint64_t next_timer_time() {
    if (next_immediate < immediates.size()) return 0;
    return queue.size() == 0 ? kNoTime : queue[0]->not_before;
}

bool run_next_timer(JSContext* context) {
    begin_turn();
    if (run_next_immediate(context)) return true;
    timer_is_next = false;
    if (queue.size() == 0) return false;
    ScriptTimer* const timer = queue[0];
    wait_until(timer->not_before);
    dequeue(*timer);
    timer->running = true;
    if (timer->interval == 0) {
        forget(*find(timer->id));
    } else {
        ++running_intervals;
    }
    const Value returned(context, JS_Call(context, timer->function, JS_UNDEFINED, timer->count, timer->arguments));
    if (returned.failed()) report_uncaught(context);
    timer->running = false;
    if (timer->interval != 0) --running_intervals;
    if (timer->interval == 0 || timer->cleared) {
        release(context, timer);
    } else {
        timer->order = timer->not_before = monotonic_now() + timer->interval;
        enqueue(timer);
    }
    return true;
}

bool drop_timers(JSContext* context) {
    begin_turn();
    const bool any = queue.size() > 0 || immediates.size() > 0;
    for (; next_immediate < immediates.size(); ++next_immediate) release(context, immediates[next_immediate]);
    immediates.clear(context);
    next_immediate = batch_end = 0;
    timer_is_next = false;
    while (queue.size() > 0) {
        ScriptTimer* const timer = queue[queue.size() - 1];
        queue.truncate(queue.size() - 1);
        release(context, timer);
    }
    queue.clear(context);
    entries.clear(context);
    empty_entries = 0;
    return any;
}

}  // namespace curfew::guest
