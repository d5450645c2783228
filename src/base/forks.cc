#include "base/forks.h"

#include <pthread.h>

#include <atomic>
#include <type_traits>

namespace curfew::base {

struct ForkSafeMutexes {
    Mutex mutex;
    IntrusiveList<ForkSafeMutex, &ForkSafeMutex::link_> all GUARDED_BY(mutex);

    // Which locks are held between these two is beyond the analysis: as many as there are.
    void lock_all() NO_THREAD_SAFETY_ANALYSIS {
        mutex.lock();
        for (ForkSafeMutex& one : all) one.lock();
    }
    void unlock_all() NO_THREAD_SAFETY_ANALYSIS {
        for (ForkSafeMutex& one : all) one.unlock();
        mutex.unlock();
    }
    void add(ForkSafeMutex& one) {
        const Lock lock(mutex);
        all.push_front(one);
    }
    void remove(ForkSafeMutex& one) {
        const Lock lock(mutex);
        all.remove(one);
    }
};

// Added to while static objects are made, and never taken from.
struct ChildHandlers {
    std::atomic<ChildHandler*> first{nullptr};

    void add(ChildHandler& one) noexcept {
        one.next_ = first.load(std::memory_order_relaxed);
        // The release makes what it points to visible to a thread that forks.
        while (!first.compare_exchange_weak(one.next_, &one, std::memory_order_release, std::memory_order_relaxed)) {
        }
    }
    void run_all() const noexcept {
        for (const ChildHandler* one = first.load(std::memory_order_acquire); one != nullptr; one = one->next_) {
            one->run_();
        }
    }
};

namespace {

// Usable before the program's static objects are made, and as long as the process runs.
static_assert(std::is_trivially_destructible_v<ForkSafeMutexes> && std::is_trivially_destructible_v<ChildHandlers>);
constinit ForkSafeMutexes g_mutexes;
constinit ChildHandlers g_handlers;
constinit std::atomic<std::uint64_t> g_forks{0};

void in_child() {
    g_mutexes.unlock_all();
    g_forks.fetch_add(1, std::memory_order_relaxed);
    g_handlers.run_all();
}

// Before main(): later another thread could fork meanwhile. Fails without memory only; then forking is as
// unsafe as without it.
[[maybe_unused]] const int g_registered =
    ::pthread_atfork([] { g_mutexes.lock_all(); }, [] { g_mutexes.unlock_all(); }, &in_child);

}  // namespace

ForkSafeMutex::ForkSafeMutex() { g_mutexes.add(*this); }
ForkSafeMutex::~ForkSafeMutex() { g_mutexes.remove(*this); }

ChildHandler::ChildHandler(void (*run)() noexcept) noexcept : run_(run) { g_handlers.add(*this); }

std::uint64_t forks() noexcept { return g_forks.load(std::memory_order_relaxed); }

}  // namespace curfew::base
