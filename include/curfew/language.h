// What a compiler has to offer. All other headers include this first, so that one that is too old gets one clear sentence in
// place of hundreds of errors.
#ifndef CURFEW_LANGUAGE_H
#define CURFEW_LANGUAGE_H

#include <version>

#if __cplusplus <= 202002L
#error "Curfew's headers need C++23: compile with -std=c++23 (CMake: target_compile_features(... cxx_std_23))"
#include <curfew/that_needs_cpp_23>  // there is no such file: compilers stop here
#elif !defined(__cpp_lib_expected)
#error \
    "Curfew's headers need std::expected, which this compiler and standard library do not have: use g++ 12 or clang 19, or later ones"
#include <curfew/that_needs_std_expected>
#endif

#endif
