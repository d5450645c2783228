# Package.WorksInProgramsAndSharedObjects: with the static library, with the shared one, and with two static ones in shared
# objects of one process, where each has to enforce its own limits.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${WORK}")
configure_and_build("${CMAKE_CURRENT_LIST_DIR}/objects" "${WORK}")
set(done "${VERSION}: 42, cpu-time\n")
run("${WORK}/with_static")
expect("${output}" "${done}" "the program with the static library")
run("${WORK}/with_shared")
expect("${output}" "${done}" "the program with the shared library")
run("${WORK}/loader" "${WORK}/first.so" "${WORK}/second.so")
expect("${output}" "${done}${done}${done}${done}" "two shared objects with the static library, loaded twice")

# A shared object does not show what it contains.
run(nm -DC --defined-only "${WORK}/first.so")
if(NOT output MATCHES " T limited_call\n" OR output MATCHES " T curfew::")
    message(FATAL_ERROR "A shared object that contains Curfew shows:\n${output}")
endif()
