// Which names a shared library of Curfew shows: those that are marked, and no others.
#ifndef CURFEW_EXPORT_H
#define CURFEW_EXPORT_H

#include <curfew/language.h>

// For classes and functions whose code is in the library. Templates and inline functions need no mark.
#define CURFEW_EXPORT __attribute__((visibility("default")))

#endif
