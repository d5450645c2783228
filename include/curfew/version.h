// Which Curfew this is. The project's version stands here and nowhere else; the build reads it from here.
#ifndef CURFEW_VERSION_H
#define CURFEW_VERSION_H

#include <curfew/language.h>

#include <string_view>

#include <curfew/export.h>

// The headers' version. While the first number is 0, the interface may change with the second one.
#define CURFEW_VERSION_MAJOR 0
#define CURFEW_VERSION_MINOR 1
#define CURFEW_VERSION_PATCH 0

// "0.1.0"
#define CURFEW_VERSION                        \
    CURFEW_VERSION_TEXT(CURFEW_VERSION_MAJOR) \
    "." CURFEW_VERSION_TEXT(CURFEW_VERSION_MINOR) "." CURFEW_VERSION_TEXT(CURFEW_VERSION_PATCH)
#define CURFEW_VERSION_TEXT(NUMBER) CURFEW_VERSION_QUOTED(NUMBER)
#define CURFEW_VERSION_QUOTED(NUMBER) #NUMBER

namespace curfew {

// The version of the library that the program runs with, which differs from the headers' if a shared library was
// exchanged. The text lasts as long as the library. May be called from any thread.
[[nodiscard]] CURFEW_EXPORT std::string_view version() noexcept;

}  // namespace curfew

#endif
