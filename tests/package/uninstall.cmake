# Package.IsUninstalled: an installation in a folder of its own, with debug information, and what remains of it.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${WORK}")
file(WRITE "${WORK}/prefix/lib/of_somebody_else" "")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix" --component command)
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix" --component debug)
file(GLOB_RECURSE debug "${WORK}/prefix/lib/debug/.build-id/*.debug")
if(NOT EXISTS "${WORK}/prefix/bin/curfew" OR NOT debug)
    message(FATAL_ERROR "The command or its debug information was not installed.")
endif()

run("${CMAKE_COMMAND}" "-DPREFIX=${WORK}/prefix" -P "${BUILD}/uninstall.cmake")
file(GLOB_RECURSE left LIST_DIRECTORIES true RELATIVE "${WORK}/prefix" "${WORK}/prefix/*")
expect("${left}" "lib;lib/of_somebody_else" "what is left")
