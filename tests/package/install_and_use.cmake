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

# A copy, because its files are changed below.
file(COPY "${PROJECT}/" DESTINATION "${WORK}/user")
run("${CMAKE_COMMAND}" -S "${WORK}/user" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/user")
expect("${output}" "42\n" "the program that uses the package")

# Embedded modules are compiled in again when a file changes, and when one is added.
file(WRITE "${WORK}/user/modules/lib/sum.js" "export { sum } from './other.mjs';\n")
file(WRITE "${WORK}/user/modules/lib/other.mjs" "export const sum = (a, b) => a * b;\n")
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/user")
expect("${output}" "80\n" "the program after its modules changed")

# What cannot be embedded is said when the project is configured.
function(expect_refusal arguments reason)
    file(WRITE "${WORK}/refused/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)\nproject(refused LANGUAGES CXX)\n"
        "find_package(curfew REQUIRED)\nadd_library(some OBJECT empty.cc)\ncurfew_embed_modules(${arguments})\n")
    file(WRITE "${WORK}/refused/empty.cc" "")
    file(MAKE_DIRECTORY "${WORK}/refused/empty")
    execute_process(COMMAND "${CMAKE_COMMAND}" -S "${WORK}/refused" -B "${WORK}/refused/build" -G "${GENERATOR}"
        "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors)
    string(REGEX REPLACE "[ \n]+" " " errors "${errors}")
    if(status EQUAL 0 OR NOT errors MATCHES "${reason}")
        message(FATAL_ERROR "curfew_embed_modules(${arguments}) should have been refused with \"${reason}\":\n${errors}")
    endif()
endfunction()
expect_refusal("none modules FOLDER empty" "there is no target none")
expect_refusal("some my-modules FOLDER empty" "has to be an identifier")
expect_refusal("some modules" "give either FOLDER or FILES")
expect_refusal("some modules FOLDER empty" "there are no .js, .mjs and .json files")
expect_refusal("some modules FOLDER missing" "there is no folder")
expect_refusal("some modules FILES missing.js" "there is no file")
expect_refusal("some modules FILES ../user/main.cc" "is not below")
expect_refusal("some modules MOUNT lib FOLDER empty" "not a path like /lib")
expect_refusal("some modules FOLDR empty" "unknown arguments")

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
