// The annotations of <curfew/base/thread_annotations.h> under the short names that the project's own sources use.
#ifndef CURFEW_BASE_THREAD_ANNOTATIONS_H
#define CURFEW_BASE_THREAD_ANNOTATIONS_H

#include <curfew/base/thread_annotations.h>

#define CAPABILITY(name) CURFEW_CAPABILITY(name)
#define SCOPED_CAPABILITY CURFEW_SCOPED_CAPABILITY
#define GUARDED_BY(lock) CURFEW_GUARDED_BY(lock)
#define PT_GUARDED_BY(lock) CURFEW_PT_GUARDED_BY(lock)
#define REQUIRES(...) CURFEW_REQUIRES(__VA_ARGS__)
#define EXCLUDES(...) CURFEW_EXCLUDES(__VA_ARGS__)
#define ACQUIRE(...) CURFEW_ACQUIRE(__VA_ARGS__)
#define RELEASE(...) CURFEW_RELEASE(__VA_ARGS__)
#define RETURN_CAPABILITY(lock) CURFEW_RETURN_CAPABILITY(lock)
#define NO_THREAD_SAFETY_ANALYSIS CURFEW_NO_THREAD_SAFETY_ANALYSIS

#endif
