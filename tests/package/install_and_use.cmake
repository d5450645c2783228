# The steps of the test Package.IsFoundByAnotherProject; every one of them has to succeed.
function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect actual expected what)
    if(NOT actual STREQUAL expected)
        message(FATAL_ERROR "${what}: expected\n${expected}\nbut got\n${actual}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/first")
# A package is often unpacked elsewhere than where it was installed.
file(RENAME "${WORK}/first" "${WORK}/prefix")

run("${CMAKE_COMMAND}" -S "${PROJECT}" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/user")
expect("${output}" "42\n" "the program that uses the package")

run("${WORK}/prefix/bin/curfew" --version)
expect("${output}" "curfew ${VERSION}\n" "curfew --version")
run("${WORK}/prefix/bin/curfew" run "${EXAMPLES}/redirect/handler.js" --event [[{"request":{"uri":"/index.html"}}]])
expect("${output}" "{\"request\":{\"uri\":\"/redirected.html\"}}\n" "the installed command")

# Only what is public is installed.
file(GLOB_RECURSE headers RELATIVE "${WORK}/prefix/include" "${WORK}/prefix/include/*")
foreach(header IN LISTS headers)
    if(NOT header MATCHES "^curfew/.*\\.h$")
        message(FATAL_ERROR "${header} was installed, which is no public header.")
    endif()
endforeach()

# Another version is refused by find_package, with its reason.
file(WRITE "${WORK}/newer/CMakeLists.txt"
    "cmake_minimum_required(VERSION 3.25)\nproject(newer NONE)\nfind_package(curfew 99 REQUIRED)\n")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${WORK}/newer" -B "${WORK}/newer/build" -G "${GENERATOR}"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix" RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors)
if(status EQUAL 0 OR NOT errors MATCHES "curfew-config.cmake, version: ${VERSION}")
    message(FATAL_ERROR "find_package(curfew 99) should have been refused for the version:\n${errors}")
endif()
