// What is guarded by which lock, written so that clang checks it (-Wthread-safety, which ./dev lint asks for). Other
// compilers see nothing. The words are those of clang's documentation, "Thread Safety Analysis".
#ifndef CURFEW_PUBLIC_THREAD_ANNOTATIONS_H
#define CURFEW_PUBLIC_THREAD_ANNOTATIONS_H

#include <curfew/language.h>

#if defined(__clang__)
#define CURFEW_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define CURFEW_THREAD_ANNOTATION(x)
#endif

// Of types: what can be held, and what holds it as long as it exists.
#define CURFEW_CAPABILITY(name) CURFEW_THREAD_ANNOTATION(capability(name))
#define CURFEW_SCOPED_CAPABILITY CURFEW_THREAD_ANNOTATION(scoped_lockable)

// Of data: may be touched only by who holds the lock; the second is of what a pointer points to.
#define CURFEW_GUARDED_BY(lock) CURFEW_THREAD_ANNOTATION(guarded_by(lock))
#define CURFEW_PT_GUARDED_BY(lock) CURFEW_THREAD_ANNOTATION(pt_guarded_by(lock))

// Of functions: the caller holds the locks; the caller does not hold them; the function takes them, or releases them.
#define CURFEW_REQUIRES(...) CURFEW_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define CURFEW_EXCLUDES(...) CURFEW_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define CURFEW_ACQUIRE(...) CURFEW_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define CURFEW_RELEASE(...) CURFEW_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define CURFEW_RETURN_CAPABILITY(lock) CURFEW_THREAD_ANNOTATION(lock_returned(lock))

// Of functions that the analysis cannot follow. Say why beside each.
#define CURFEW_NO_THREAD_SAFETY_ANALYSIS CURFEW_THREAD_ANNOTATION(no_thread_safety_analysis)

#endif
