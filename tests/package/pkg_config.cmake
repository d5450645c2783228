# Package.IsFoundByPkgConfig: a program built without CMake, with the shared library and with the static one.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${WORK}")
file(WRITE "${WORK}/version.cc" "#include <curfew/version.h>\n#include <cstdio>\n"
    "int main() { std::printf(\"%.5s\", curfew::version().data()); }\n")
set(ENV{PKG_CONFIG_PATH} "${PREFIX}/${LIBDIR}/pkgconfig")
function(flags)
    run(pkg-config ${ARGN} curfew)
    separate_arguments(output UNIX_COMMAND "${output}")
    set(flags ${output} PARENT_SCOPE)
endfunction()

run(pkg-config --modversion curfew)
expect("${output}" "${VERSION}\n" "the version by pkg-config")
flags(--cflags)
run("${CXX}" -std=c++23 ${flags} -c "${WORK}/version.cc" -o "${WORK}/version.o")
flags(--libs)
run("${CXX}" "${WORK}/version.o" ${flags} "-Wl,-rpath,${PREFIX}/${LIBDIR}" -o "${WORK}/shared")
run("${WORK}/shared")
expect("${output}" "${VERSION}" "the program with the shared library")
# All of the static library, to see that nothing of what it needs is missing.
flags(--libs --static)
run("${CXX}" "${WORK}/version.o" -Wl,--whole-archive "${PREFIX}/${LIBDIR}/libcurfew.a" -Wl,--no-whole-archive ${flags}
    -o "${WORK}/static")
run("${WORK}/static")
expect("${output}" "${VERSION}" "the program with the static library")
