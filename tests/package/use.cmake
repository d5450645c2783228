# Package.IsFoundByAnotherProject: a project that uses the package, with modules that are compiled in.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${WORK}")
# A copy, because its files are changed below.
file(COPY "${CMAKE_CURRENT_LIST_DIR}/user/" DESTINATION "${WORK}/user")
configure_and_build("${WORK}/user" "${WORK}/build")
run("${WORK}/build/user")
expect("${output}" "42\n" "the program that uses the package")

if(EXISTS "${WORK}/build/fetcher")
    run("${WORK}/build/fetcher")
    expect("${output}" "a transport\n" "the program that links curfew::fetch")
endif()

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
        "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_PREFIX_PATH=${PREFIX}"
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

# Another version is refused by find_package, with its reason.
file(WRITE "${WORK}/newer/CMakeLists.txt"
    "cmake_minimum_required(VERSION 3.25)\nproject(newer NONE)\nfind_package(curfew 99 REQUIRED)\n")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${WORK}/newer" -B "${WORK}/newer/build" -G "${GENERATOR}"
    "-DCMAKE_PREFIX_PATH=${PREFIX}" RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors)
if(status EQUAL 0 OR NOT errors MATCHES "curfew-config.cmake, version: ${VERSION}")
    message(FATAL_ERROR "find_package(curfew 99) should have been refused for the version:\n${errors}")
endif()
