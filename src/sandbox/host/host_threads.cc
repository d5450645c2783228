#include "sandbox/host/host_threads.h"

#include <cxxabi.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/thread.h"

namespace curfew::sandbox {

// One thread. Who takes it from the list of idle ones gives it work.
class KeptThread {
  public:
    // An idle one, or a new one. Null if there can be none.
    static KeptThread* take() noexcept;

    clockid_t clock() const noexcept { return clock_; }

    void give(std::shared_ptr<HostWork> work, std::shared_ptr<HostWaiter> waiter, std::uint64_t number,
              std::uint64_t sandbox) noexcept {
        work_ = std::move(work);
        waiter_ = std::move(waiter);
        number_ = number;
        sandbox_ = sandbox;
        given_.wake();
    }

  private:
    static KeptThread* make() noexcept;
    static void* body(void* thread);
    void serve();
    bool wait_for_work();
    void perform();
    void finish(std::shared_ptr<HostWork> work, bool stays) noexcept;

    WakeWord given_;           // changes once for each work
    std::uint32_t taken_ = 0;  // of given_, what was done
    WakeWord ready_;           // for make(): clock_ is there
    clockid_t clock_ = kNoThread;
    std::shared_ptr<HostWork> work_;
    std::shared_ptr<HostWaiter> waiter_;
    std::uint64_t number_ = 0;
    std::uint64_t sandbox_ = 0;
    KeptThread* next_ = nullptr;  // of the idle ones

    friend struct IdleThreads;
};

// The one that was used last comes first: its stack is in the cache, and others get to be old.
struct IdleThreads {
    base::ForkSafeMutex mutex;
    KeptThread* first GUARDED_BY(mutex) = nullptr;

    KeptThread* pop() {
        const base::Lock lock(mutex);
        KeptThread* const thread = first;
        if (thread != nullptr) first = std::exchange(thread->next_, nullptr);
        return thread;
    }
    void push(KeptThread& thread) {
        const base::Lock lock(mutex);
        thread.next_ = std::exchange(first, &thread);
    }
    bool remove(const KeptThread& thread) {
        const base::Lock lock(mutex);
        for (KeptThread** link = &first; *link != nullptr; link = &(*link)->next_) {
            if (*link != &thread) continue;
            *link = thread.next_;
            return true;
        }
        return false;
    }
};

namespace {

constexpr std::chrono::seconds kIdleTime{10};

constinit base::Immortal<IdleThreads> g_idle;
const base::ChildHandler g_in_child([]() noexcept { g_idle.abandon(); });  // the threads are the parent's

constinit thread_local std::uint64_t t_served = 0;

// The thread that waits for this work exists in the parent only.
[[noreturn]] void leave_child() noexcept {
    static_cast<void>(
        std::fputs("curfew: a host function has forked and came back in the child, where nobody waits for it: "
                   "end a child in the function, or call functions on the caller's thread "
                   "(SandboxBuilder::with_host_thread)\n",
                   stderr));
    std::_Exit(EXIT_FAILURE);
}

}  // namespace

KeptThread* KeptThread::take() noexcept {
    try {
        KeptThread* const idle = g_idle.get().pop();
        return idle != nullptr ? idle : make();
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

KeptThread* KeptThread::make() noexcept {
    auto* const thread = new (std::nothrow) KeptThread;
    if (thread == nullptr) return nullptr;
    if (base::start_detached_thread(&KeptThread::body, thread)) {
        delete thread;
        return nullptr;
    }
    while (thread->ready_.value() == 0) thread->ready_.wait(0);
    return thread;
}

void* KeptThread::body(void* thread) {
    const std::unique_ptr<KeptThread> self(static_cast<KeptThread*>(thread));
    self->serve();
    return nullptr;
}

void KeptThread::serve() {
    ::prctl(PR_SET_NAME, "curfew-host");
    ::pthread_getcpuclockid(::pthread_self(), &clock_);
    ready_.wake();
    while (wait_for_work()) perform();
}

// False: it is old, and out of the list.
bool KeptThread::wait_for_work() {
    while (given_.value() == taken_) {
        given_.wait(taken_, kIdleTime);
        if (given_.value() == taken_ && g_idle.get().remove(*this)) return false;
    }
    ++taken_;
    return true;
}

void KeptThread::perform() {
    // Also when the work ends its thread, which nobody should.
    struct Finish {
        KeptThread& thread;
        std::shared_ptr<HostWork> work;
        bool stays = false;
        ~Finish() { thread.finish(std::move(work), stays); }
    } finish{*this, std::move(work_)};
    const std::uint64_t forks = base::forks();
    t_served = sandbox_;
    try {
        finish.work->run();
    } catch (abi::__forced_unwind&) {
        throw;
    } catch (...) {
        finish.work->thrown_ = std::current_exception();
    }
    if (forks != base::forks()) leave_child();
    finish.stays = true;
}

// It can have the next work before it has told of this one's end.
void KeptThread::finish(std::shared_ptr<HostWork> work, bool stays) noexcept {
    const std::shared_ptr<HostWaiter> waiter = std::move(waiter_);
    const std::uint64_t number = number_;
    work.reset();
    t_served = 0;
    if (stays) g_idle.get().push(*this);
    if (waiter) waiter->tell_done(number);
}

clockid_t start_on_kept_thread(std::shared_ptr<HostWork> work, std::shared_ptr<HostWaiter> waiter, std::uint64_t number,
                               std::uint64_t sandbox) {
    KeptThread* const thread = KeptThread::take();
    if (thread == nullptr) return kNoThread;
    const clockid_t clock = thread->clock();
    thread->give(std::move(work), std::move(waiter), number, sandbox);
    return clock;
}

std::uint64_t served_sandbox() noexcept { return t_served; }

}  // namespace curfew::sandbox
