#include "monitor/fork_safe_mutex.h"

#include <pthread.h>

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
        std::lock_guard lock(mutex);
        one.next_ = first;
        if (first != nullptr) first->previous_ = &one;
        first = &one;
    }
    void remove(ForkSafeMutex& one) {
        std::lock_guard lock(mutex);
        (one.previous_ == nullptr ? first : one.previous_->next_) = one.next_;
        if (one.next_ != nullptr) one.next_->previous_ = one.previous_;
    }
};

namespace {

ForkSafeMutexes& all() {
    static ForkSafeMutexes& mutexes = [] -> ForkSafeMutexes& {
        // Fails without memory only; then forking is as unsafe as without it.
        ::pthread_atfork([] { all().lock_all(); }, [] { all().unlock_all(); }, [] { all().unlock_all(); });
        return *new ForkSafeMutexes();  // never destroyed: used by objects of any lifetime
    }();
    return mutexes;
}

}  // namespace

ForkSafeMutex::ForkSafeMutex() { all().add(*this); }
ForkSafeMutex::~ForkSafeMutex() { all().remove(*this); }

}  // namespace curfew::monitor::detail
