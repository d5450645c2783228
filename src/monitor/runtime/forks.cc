#include "monitor/runtime/forks.h"

#include <pthread.h>

#include <type_traits>

#include "monitor/runtime/frame_pool.h"
#include "monitor/runtime/parking.h"
#include "monitor/runtime/shared_runtime.h"

namespace curfew::monitor::detail {

struct ForkSafeMutexes {
    std::mutex mutex;
    ForkSafeMutex* first = nullptr;  // guarded by mutex

    void lock_all() {
        mutex.lock();
        for (ForkSafeMutex* one = first; one != nullptr; one = one->next_) one->mutex_.lock();
    }
    void unlock_all() {
        for (ForkSafeMutex* one = first; one != nullptr; one = one->next_) one->mutex_.unlock();
        mutex.unlock();
    }
    void add(ForkSafeMutex& one) {
        const std::lock_guard lock(mutex);
        one.next_ = first;
        if (first != nullptr) first->previous_ = &one;
        first = &one;
    }
    void remove(ForkSafeMutex& one) {
        const std::lock_guard lock(mutex);
        (one.previous_ == nullptr ? first : one.previous_->next_) = one.next_;
        if (one.next_ != nullptr) one.next_->previous_ = one.previous_;
    }
};

namespace {

static_assert(std::is_trivially_destructible_v<ForkSafeMutexes>);  // usable as long as the process runs
constinit ForkSafeMutexes g_mutexes;
constinit std::atomic<std::uint64_t> g_forks{0};

// On the child's only thread, before fork() returns there.
void in_child() {
    g_mutexes.unlock_all();
    g_forks.fetch_add(1, std::memory_order_relaxed);
    abandon_parking_places();
    forget_frames_of_other_threads();
    SharedRuntime::forget();
}

// Before main(): later another thread could fork meanwhile. Fails without memory only; then forking is as
// unsafe as without it.
[[maybe_unused]] const int g_registered =
    ::pthread_atfork([] { g_mutexes.lock_all(); }, [] { g_mutexes.unlock_all(); }, &in_child);

}  // namespace

ForkSafeMutex::ForkSafeMutex() { g_mutexes.add(*this); }
ForkSafeMutex::~ForkSafeMutex() { g_mutexes.remove(*this); }

std::uint64_t forks() noexcept { return g_forks.load(std::memory_order_relaxed); }

}  // namespace curfew::monitor::detail
