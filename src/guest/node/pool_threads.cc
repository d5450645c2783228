#include "guest/node/pool_threads.h"

#include <asm/unistd.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "guest/node/clock.h"
#include "guest/node/system.h"
#include "guest/node/x86_64/stacks.h"
#include "wire/frozen_image.h"

namespace curfew::guest {

namespace {

constexpr int kMost = 8;
constexpr int kNobody = -1;
constexpr size_t kStackSize = size_t{1} << 20;

struct Coroutine {
    void* stack_pointer;
    const pthread_cond_t* waits_for;  // null: can run
    void* (*run)(void*);
    void* argument;
    bool ended;

    bool can_run() const { return !ended && !waits_for; }
};

Coroutine coroutines[kMost];
int count;
int current = kNobody;
void* main_stack_pointer;
const pthread_cond_t* main_waits_for;
bool no_more;

void leave() {
    Coroutine& coroutine = coroutines[current];
    current = kNobody;
    switch_stacks(&coroutine.stack_pointer, main_stack_pointer);
}

void run_coroutine() {
    Coroutine& coroutine = coroutines[current];
    coroutine.run(coroutine.argument);
    coroutine.ended = true;
    leave();
}

void enter(int index) {
    current = index;
    switch_stacks(&main_stack_pointer, coroutines[index].stack_pointer);
}

void make_stack(Coroutine& coroutine, char* stack) {
    // As at a function's entry: below a return address that is never used.
    void** top = reinterpret_cast<void**>(stack + kStackSize) - 1;
    *top = nullptr;
    *--top = reinterpret_cast<void*>(run_coroutine);
    coroutine.stack_pointer = top - kSavedRegisters;
}

int start(void* (*run)(void*), void* argument) {
    if (no_more || in_cell()) return EAGAIN;
    int index = 0;
    while (index < count && !coroutines[index].ended) ++index;
    if (index == kMost) return EAGAIN;
    void* const stack = mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) return EAGAIN;
    if (index == count) ++count;
    coroutines[index] = {};
    coroutines[index].run = run;
    coroutines[index].argument = argument;
    make_stack(coroutines[index], static_cast<char*>(stack));
    if (current == kNobody) enter(index);
    return 0;
}

bool wake(const pthread_cond_t* condition) {
    if (main_waits_for == condition) {
        main_waits_for = nullptr;
        return true;
    }
    for (int i = 0; i < count; ++i) {
        if (coroutines[i].waits_for != condition) continue;
        coroutines[i].waits_for = nullptr;
        return true;
    }
    return false;
}

// Conditions go by either clock, and do not say by which. The monotonic one never gets this far.
constexpr uint64_t kFirstRealtime = uint64_t{1} << 60;

uint64_t in_monotonic_time(uint64_t time) {
    if (time < kFirstRealtime) return time;
    const uint64_t now = realtime();
    return monotonic_time() + (time > now ? time - now : 0);
}

int wait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    pthread_mutex_unlock(mutex);
    int result = 0;
    if (current != kNobody) {
        coroutines[current].waits_for = condition;
        leave();
    } else {
        main_waits_for = condition;
        while (main_waits_for && run_pool_threads()) {
        }
        if (main_waits_for && !until) give_up("the engine waits for a thread that can never wake it");
        if (main_waits_for) {
            sleep_until(in_monotonic_time(nanoseconds_of(*until)));
            result = ETIMEDOUT;
        }
        main_waits_for = nullptr;
    }
    pthread_mutex_lock(mutex);
    return result;
}

}  // namespace

bool pool_threads_can_run() {
    for (int i = 0; i < count; ++i) {
        if (coroutines[i].can_run()) return true;
    }
    return false;
}

bool run_pool_threads() {
    if (current != kNobody) return false;
    bool any = false;
    for (int i = 0; i < count; ++i) {
        while (coroutines[i].can_run()) {
            any = true;
            enter(i);
        }
    }
    return any;
}

void allow_no_more_threads() { no_more = true; }

void run_on_frozen_stack(void* (*run)(void*)) {
    const long made = kernel_call(__NR_mmap, wire::kFrozenStackBase, wire::kFrozenStackSize, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (made != static_cast<long>(wire::kFrozenStackBase))
        give_up("this system does not give memory for a stack (error %ld)", -made);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, reinterpret_cast<void*>(made), wire::kFrozenStackSize);
    auto* const create = reinterpret_cast<decltype(&pthread_create)>(hidden_function("pthread_create", nullptr));
    pthread_t thread{};
    const int failed = create(&thread, &attributes, run, nullptr);
    if (failed != 0) give_up("this system does not start a thread: %s", strerror(failed));
    for (;;) kernel_call(__NR_pause);  // nobody has anything to do here any more
}

}  // namespace curfew::guest

using namespace curfew::guest;

CURFEW_INTERPOSED int pthread_create(pthread_t* thread, const pthread_attr_t*, void* (*run)(void*),
                                     void* argument) noexcept {
    const int failed = start(run, argument);
    if (failed == 0) *thread = reinterpret_cast<pthread_t>(&coroutines[0]);
    return failed;
}

// Whoever joins a coroutine waits for its end.
CURFEW_INTERPOSED int pthread_join(pthread_t, void** result) {
    run_pool_threads();
    if (result) *result = nullptr;
    return 0;
}

CURFEW_INTERPOSED int pthread_detach(pthread_t) noexcept { return 0; }

CURFEW_INTERPOSED int pthread_cond_signal(pthread_cond_t* condition) noexcept {
    wake(condition);
    return 0;
}

CURFEW_INTERPOSED int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
    while (wake(condition)) {
    }
    return 0;
}

CURFEW_INTERPOSED int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    return wait(condition, mutex, nullptr);
}

CURFEW_INTERPOSED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    return wait(condition, mutex, until);
}

CURFEW_INTERPOSED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t,
                                             const timespec* until) {
    return wait(condition, mutex, until);
}
