#include "monitor/runtime/frame_pool.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include <curfew/monitor/detail/frame_pool.h>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/intrusive_list.h"
#include "base/mutex.h"

namespace curfew::monitor::detail {

namespace {

constexpr std::size_t kStep = 64;     // frames are rounded up to multiples of this
constexpr std::size_t kClasses = 16;  // larger frames than kClasses * kStep are not kept
constexpr unsigned kKeptPerClass = 16;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kRecycle = false;  // the sanitizer finds uses of dead frames only if they are freed
#else
constexpr bool kRecycle = true;
#endif

struct FreeFrame {
    FreeFrame* next;
};

// How many frames a thread made, less those it destroyed; may be negative. Written by one thread, read by
// all.
struct Balance {
    std::atomic<std::int64_t> frames{0};
    base::ListLink<Balance> link;

    void add(std::int64_t amount) noexcept {
        frames.store(frames.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
};

struct Balances {
    base::ForkSafeMutex mutex;
    base::IntrusiveList<Balance, &Balance::link> living GUARDED_BY(mutex);  // of threads that live
    std::atomic<std::int64_t> ended{0};                                     // of threads that have ended
};
constinit base::Immortal<Balances> g_balances;

// Needs no destructor itself, so it stays usable in other thread-local and static objects' destructors.
struct Pool {
    std::array<FreeFrame*, kClasses> free{};
    std::array<unsigned, kClasses> kept{};
    enum : std::uint8_t { fresh, open, closed } state = fresh;
    Balance balance;
};
constinit thread_local Pool t_pool;

// Closes the pool when its thread ends.
struct Closer {
    Closer() noexcept {
        Balances& all = g_balances.get();
        const base::Lock lock(all.mutex);
        all.living.push_front(t_pool.balance);
        t_pool.state = Pool::open;
    }
    ~Closer() {
        t_pool.state = Pool::closed;
        for (FreeFrame*& list : t_pool.free) {
            while (list != nullptr) ::operator delete(std::exchange(list, list->next));
        }
        Balances& all = g_balances.get();
        const base::Lock lock(all.mutex);
        all.living.remove(t_pool.balance);
        all.ended.fetch_add(t_pool.balance.frames.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
};

void count(Pool& pool, std::int64_t amount) noexcept {
    if (pool.state == Pool::closed) [[unlikely]] {
        g_balances.get().ended.fetch_add(amount, std::memory_order_relaxed);
    } else {
        pool.balance.add(amount);
    }
}

void open_pool() noexcept {
    static thread_local Closer closer;
    static_cast<void>(closer);
}

// In a child the other threads' frames are lost, and their thread-local memory is used anew.
void forget_frames_of_other_threads() noexcept {
    Balances& all = g_balances.get();
    const base::Lock lock(all.mutex);
    all.ended.store(0, std::memory_order_relaxed);
    all.living.clear();
    if (t_pool.state == Pool::open) all.living.push_front(t_pool.balance);
}

const base::ChildHandler g_in_child(&forget_frames_of_other_threads);

}  // namespace

void* allocate_frame(std::size_t size) {
    Pool& pool = t_pool;
    if (pool.state == Pool::fresh) [[unlikely]]
        open_pool();
    const std::size_t index = (size - 1) / kStep;
    void* frame = nullptr;
    if (kRecycle && index < kClasses && pool.free[index] != nullptr) {
        frame = pool.free[index];
        pool.free[index] = pool.free[index]->next;
        --pool.kept[index];
    } else {
        frame = ::operator new(index < kClasses ? (index + 1) * kStep : size);
    }
    count(pool, 1);
    return frame;
}

void release_frame(void* frame, std::size_t size) noexcept {
    Pool& pool = t_pool;
    if (pool.state == Pool::fresh) [[unlikely]]
        open_pool();
    count(pool, -1);
    const std::size_t index = (size - 1) / kStep;
    if (kRecycle && index < kClasses && pool.state == Pool::open && pool.kept[index] < kKeptPerClass) {
        pool.free[index] = new (frame) FreeFrame{pool.free[index]};
        ++pool.kept[index];
    } else {
        ::operator delete(frame);
    }
}

std::size_t frames_alive() noexcept {
    Balances& all = g_balances.get();
    const base::Lock lock(all.mutex);
    std::int64_t sum = all.ended.load(std::memory_order_relaxed);
    for (const Balance& balance : all.living) sum += balance.frames.load(std::memory_order_relaxed);
    return sum > 0 ? static_cast<std::size_t>(sum) : 0;
}

}  // namespace curfew::monitor::detail
