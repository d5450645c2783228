#include "cell/process/rest.h"

#include <pthread.h>
#include <time.h>

#include <cstddef>
#include <new>
#include <thread>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "cell/process/waiting.h"

namespace curfew::cell {

// One in a process. A child has one of its own, when its first cell rests: the cells that it inherited are its parent's.
class RestWatch {
  public:
    // After the rest has begun. False if no thread can be started.
    bool attend(Rest& rest) noexcept;
    void leave(Rest& rest) noexcept;

  private:
    static void* run(void* self);
    bool sweep() noexcept;  // whether there are guests that may be awake still
    bool any_resting() noexcept;

    base::ForkSafeMutex mutex_;
    base::IntrusiveList<Rest, &Rest::link_> rests_ GUARDED_BY(mutex_);
    std::size_t count_ GUARDED_BY(mutex_) = 0;
    std::atomic<bool> started_ = false;
    std::atomic<int> idle_ = 0;  // the thread waits until this is 0
};

namespace {

using std::chrono::nanoseconds;

// What a guest that has given up its turn may use: much more than the trampoline needs from the announcement to sleep.
constexpr auto kRestingCpuTime = std::chrono::milliseconds(2);

// A guest that is found parked for long, or that was not looked at for long, should wait in the kernel as well.
constexpr auto kUnwatchedParking = std::chrono::milliseconds(20);
constexpr auto kUnwatched = std::chrono::seconds(1);

// How far behind a clock of CPU time can be, of a thread that is running elsewhere.
nanoseconds tick() noexcept {
    static const nanoseconds length = [] {
        timespec time{};
        ::clock_getres(CLOCK_MONOTONIC_COARSE, &time);
        return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
    }();
    return length;
}

constexpr timespec kPeriod{.tv_sec = 0, .tv_nsec = 500'000'000};

constinit base::Immortal<RestWatch> g_watch;

const base::ChildHandler g_in_child([]() noexcept { g_watch.abandon(); });

}  // namespace

bool RestWatch::attend(Rest& rest) noexcept {
    if (rest.watch_ != this) {
        const base::Lock lock(mutex_);
        rest.link_ = {};  // in a child, of its parent's list
        rests_.push_back(rest);
        ++count_;
        rest.watch_ = this;
    }
    // Sequentially consistent with the thread, which says that it is idle before it looks a last time.
    if (idle_.load(std::memory_order_seq_cst) != 0 && idle_.exchange(0, std::memory_order_seq_cst) != 0) {
        idle_.notify_one();
    }
    if (started_.load(std::memory_order_acquire) || started_.exchange(true, std::memory_order_acq_rel)) return true;
    if (!base::start_detached_thread(&run, this)) return true;
    started_.store(false, std::memory_order_release);
    return false;
}

void RestWatch::leave(Rest& rest) noexcept {
    const base::Lock lock(mutex_);
    rests_.remove(rest);
    --count_;
}

void* RestWatch::run(void* self) {
    auto& watch = *static_cast<RestWatch*>(self);
    ::pthread_setname_np(::pthread_self(), "curfew-rest");
    for (;;) {
        ::nanosleep(&kPeriod, nullptr);
        if (watch.sweep()) continue;
        watch.idle_.store(1, std::memory_order_seq_cst);
        if (watch.any_resting()) {
            watch.idle_.store(0, std::memory_order_seq_cst);
        } else {
            watch.idle_.wait(1, std::memory_order_seq_cst);
        }
    }
}

// Gives the lock up now and then, since cells that are made or dropped wait for it.
bool RestWatch::sweep() noexcept {
    constexpr std::size_t kBatch = 32;
    bool any = false;
    base::Lock lock(mutex_);
    for (std::size_t left = count_; left > 0 && !rests_.empty(); --left) {
        if (left % kBatch == 0) {
            lock.unlock();
            lock.lock();
            if (rests_.empty()) break;
        }
        Rest& rest = *rests_.front();
        rests_.remove(rest);
        rests_.push_back(rest);
        if (!rest.resting()) continue;
        if (!rest.look()) {
            const CellProcess::Id cell = rest.process_.id();
            lock.unlock();  // the launcher is asked, for which another lock is needed
            Spawner::instance().kill(cell.pid, cell.launcher);
            lock.lock();
            continue;
        }
        any = any || rest.resting();
    }
    return any;
}

bool RestWatch::any_resting() noexcept {
    const base::Lock lock(mutex_);
    for (const Rest& rest : rests_) {
        if (rest.resting()) return true;
    }
    return false;
}

Rest::~Rest() {
    if (watch_ != nullptr && watch_ == g_watch.present()) watch_->leave(*this);
}

// The guest may be running still, on its way to sleep. Where that is on another CPU, the clock is made to tell what it has used;
// once in a tick, since it takes longer than a short call.
void Rest::note_end_of_turn() noexcept {
    parked_at_ = coarse_now();
    known_exactly_ = handshake_.guest_is_here();
    if (known_exactly_ || parked_at_ - written_down_at_ < tick()) return;
    process_.write_down_cpu_time();
    written_down_at_ = parked_at_;
    known_exactly_ = true;
}

void Rest::begin(nanoseconds cpu_time) noexcept {
    const nanoseconds most = cpu_time + kRestingCpuTime + (known_exactly_ ? nanoseconds(0) : tick());
    if (begin_watched(most)) return;
    // Nobody will look, so it is seen to sleep now. What is found instead, end() tells.
    parked_at_ = watched_at_ = {};
    if (const DeathKind found = look_if_unwatched(most); found != DeathKind::none) {
        found_.store(found, std::memory_order_release);
        process_.kill();
    }
}

bool Rest::begin_watched(nanoseconds most) noexcept {
    most_.store(most.count(), std::memory_order_relaxed);
    word_.store(next(kResting), std::memory_order_seq_cst);
    try {
        return g_watch.get().attend(*this);
    } catch (const std::bad_alloc&) {
        return false;
    }
}

DeathKind Rest::end() noexcept {
    if (phase(word_.load(std::memory_order_relaxed)) == kAwake) return DeathKind::none;
    word_.store(next(kAwake), std::memory_order_seq_cst);
    if (found() != DeathKind::none) return found();
    if (handshake_.interrupted()) return DeathKind::none;
    const nanoseconds most(most_.load(std::memory_order_relaxed));
    if (process_.cpu_time().value_or(nanoseconds::zero()) > most) return DeathKind::ran_on;
    const DeathKind kind = look_if_unwatched(most);
    parked_at_ = coarse_now();  // the next look need not be at once
    return kind;
}

DeathKind Rest::look_if_unwatched() noexcept { return look_if_unwatched(std::nullopt); }

// `most`: CPU time; by itself, some time from now on.
DeathKind Rest::look_if_unwatched(std::optional<nanoseconds> most) noexcept {
    const nanoseconds now = coarse_now();
    if (now - parked_at_ < kUnwatchedParking && now - watched_at_ < kUnwatched) return DeathKind::none;
    watched_at_ = now;
    const auto used = [this] { return process_.exact_cpu_time().value_or(nanoseconds::zero()); };
    // It may be on its way to sleep, and perhaps the machine is too busy to let it get there soon.
    constexpr auto kPatience = std::chrono::seconds(1);
    const auto deadline = Handshake::Clock::now() + kPatience;
    for (;;) {
        const long waiters = handshake_.waiters();
        if (waiters == 1 || handshake_.interrupted() || process_.dead()) return DeathKind::none;
        if (waiters < 0) return DeathKind::protocol;
        if (!most) most = used() + kRestingCpuTime;
        if (used() > *most) return DeathKind::ran_on;
        if (Handshake::Clock::now() >= deadline) return DeathKind::none;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

// What it finds is true of this rest only if that goes on until it has looked.
bool Rest::look() noexcept {
    std::uint64_t before = word_.load(std::memory_order_seq_cst);
    const std::int64_t most = most_.load(std::memory_order_relaxed);
    const long waiters = handshake_.waiters();
    const auto used = waiters == 1 ? process_.cpu_time() : process_.exact_cpu_time();
    // A guest that is being interrupted will run in the trampoline only. A dead one has no turn either.
    const bool over = handshake_.interrupted() || process_.dead();
    DeathKind kind = DeathKind::none;
    if (!over && used && used->count() > most) kind = DeathKind::ran_on;
    if (!over && kind == DeathKind::none && waiters < 0) kind = DeathKind::protocol;
    if (word_.load(std::memory_order_seq_cst) != before) return true;
    if (over || waiters == 1 || kind != DeathKind::none) {
        if (kind != DeathKind::none) found_.store(kind, std::memory_order_release);
        word_.compare_exchange_strong(before, before - kResting + kAsleep, std::memory_order_seq_cst);
    }
    return kind == DeathKind::none || process_.try_kill();
}

}  // namespace curfew::cell
