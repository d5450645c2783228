#include "base/thread.h"

#include <pthread.h>

#include <csignal>
#include <new>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"

namespace curfew::base {

namespace {

// The C library's own locks while it makes a thread: a child must be able to make threads of its own.
constinit Immortal<ForkSafeMutex> g_making_a_thread;

}  // namespace

std::error_code start_detached_thread(void* (*body)(void*), void* argument) noexcept {
    ForkSafeMutex* making = nullptr;
    try {
        making = &g_making_a_thread.get();
    } catch (const std::bad_alloc&) {
        return std::make_error_code(std::errc::not_enough_memory);
    }

    pthread_attr_t attributes;
    if (const int error = ::pthread_attr_init(&attributes)) return {error, std::system_category()};
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);  // fails for wrong arguments only
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // which the new thread inherits
    int error = 0;
    {
        const Lock lock(*making);
        pthread_t thread{};
        error = ::pthread_create(&thread, &attributes, body, argument);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    return error == 0 ? std::error_code() : std::error_code(error, std::system_category());
}

}  // namespace curfew::base
