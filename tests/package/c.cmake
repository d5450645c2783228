# Package.ServesC: a program of C, built with what pkg-config says and with the library for C alone.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix" --component c)
file(WRITE "${WORK}/version.c" "#include <curfew/c.h>\n#include <stdio.h>\n"
    "int main(void) { return printf(\"%s\", curfew_version()) < 0; }\n")
set(ENV{PKG_CONFIG_PATH} "${WORK}/prefix/${LIBDIR}/pkgconfig")
run(pkg-config --cflags --libs curfew-c)
separate_arguments(flags UNIX_COMMAND "${output}")
run("${CC}" -std=c99 -pedantic-errors "${WORK}/version.c" ${flags} "-Wl,-rpath,${WORK}/prefix/${LIBDIR}" -o "${WORK}/version")
run("${WORK}/version")
expect("${output}" "${VERSION}" "the version by C")

# By CMake, in a project that knows no C++.
file(WRITE "${WORK}/project/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)\nproject(user C)\n"
    "find_package(curfew ${VERSION} REQUIRED COMPONENTS c)\nadd_executable(user ../version.c)\n"
    "target_link_libraries(user PRIVATE curfew::c)\n")
run("${CMAKE_COMMAND}" -S "${WORK}/project" -B "${WORK}/built" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${CC}"
    "-DCMAKE_PREFIX_PATH=${PREFIX}" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run("${CMAKE_COMMAND}" --build "${WORK}/built")
run("${WORK}/built/user")
expect("${output}" "${VERSION}" "the version by C, found by CMake")
