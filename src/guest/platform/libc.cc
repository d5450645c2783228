// The parts of the C library that musl would do with system calls, or with threads.
//
// Nothing here is reached by a healthy guest but the locks, which have nothing to lock: a guest has one
// thread. The engine prints only before it aborts and in dumps that are compiled out; its text becomes the
// reason for the abort.
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "guest/platform/exchange.h"

namespace {

char last_words[256];

int note(const char* format, va_list arguments) { return vsnprintf(last_words, sizeof(last_words), format, arguments); }

}  // namespace

extern "C" {

void abort() { curfew::guest::abort_guest(last_words[0] ? last_words : "the JavaScript engine stopped itself"); }

void __assert_fail(const char* condition, const char* file, int line, const char* function) {
    snprintf(last_words, sizeof(last_words), "the JavaScript engine found itself in a wrong state: %s (%s:%d, %s)",
             condition, file, line, function);
    abort();
}

int printf(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = note(format, arguments);
    va_end(arguments);
    return length;
}

int fprintf(FILE*, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = note(format, arguments);
    va_end(arguments);
    return length;
}

// The compiler makes these from printf and fprintf.
int putchar(int character) { return character; }

int puts(const char* text) { return printf("%s", text); }

int fputc(int character, FILE*) { return character; }

#undef stdout
FILE* const stdout = nullptr;

// What musl's snprintf refers to for files; a string has no lock and no descriptor.
int __lockfile(FILE*) { return 0; }

void __unlockfile(FILE*) {}

size_t __stdio_write(FILE*, const unsigned char*, size_t) { return 0; }

int pthread_mutex_init(pthread_mutex_t*, const pthread_mutexattr_t*) { return 0; }

int pthread_mutex_lock(pthread_mutex_t*) { return 0; }

int pthread_mutex_unlock(pthread_mutex_t*) { return 0; }

int pthread_once(pthread_once_t* done, void (*run)()) {
    if (*done == 0) {
        *done = 1;
        run();
    }
    return 0;
}

int pthread_condattr_init(pthread_condattr_t*) { return 0; }

int pthread_condattr_setclock(pthread_condattr_t*, clockid_t) { return 0; }

int pthread_condattr_destroy(pthread_condattr_t*) { return 0; }

int pthread_cond_init(pthread_cond_t*, const pthread_condattr_t*) { return 0; }

int pthread_cond_signal(pthread_cond_t*) { return 0; }

int pthread_cond_destroy(pthread_cond_t*) { return 0; }

// Nobody could ever signal. The engine does not come here: it was told that the guest's thread must not
// block.
int pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*) { return EDEADLK; }

int pthread_cond_timedwait(pthread_cond_t*, pthread_mutex_t*, const struct timespec*) { return ETIMEDOUT; }
}
