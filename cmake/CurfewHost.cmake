# How host code is compiled. Every host target links curfew_host_options; programs for cells never do, so that
# sanitizers and hardening flags stay out of them.
add_library(curfew_host_options INTERFACE)
target_compile_features(curfew_host_options INTERFACE cxx_std_23)
target_include_directories(curfew_host_options INTERFACE
    "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}/generated")
target_compile_options(curfew_host_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wconversion -Wno-sign-conversion>)
# All of it can become part of a shared object, which shows what is marked with CURFEW_EXPORT and nothing else.
set_target_properties(curfew_host_options PROPERTIES INTERFACE_POSITION_INDEPENDENT_CODE ON)
target_compile_options(curfew_host_options INTERFACE
    -fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden -fno-semantic-interposition>)
if(CURFEW_WERROR)
    target_compile_options(curfew_host_options INTERFACE -Werror)
endif()
if(CURFEW_SANITIZE)
    target_compile_options(curfew_host_options INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${CURFEW_SANITIZE} -fno-omit-frame-pointer>)
    target_link_options(curfew_host_options INTERFACE -fsanitize=${CURFEW_SANITIZE})
    if(CURFEW_SANITIZE MATCHES "undefined")
        target_compile_options(curfew_host_options INTERFACE
            $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=undefined>)
    endif()
endif()

# Tests spend most of a compiler's time on gtest, gmock and optimising what runs once. Their own sources are compiled without
# optimisation, the code that they test with it; and what nearly all of them include is compiled once for all.
add_library(curfew_test_options INTERFACE)
target_link_libraries(curfew_test_options INTERFACE curfew_host_options)
target_compile_options(curfew_test_options INTERFACE $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-O0>)
if(CURFEW_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(curfew_test_options INTERFACE -fpch-preprocess)  # ccache needs it
endif()

# Precompiles the headers of all tests, at the first test. A program, because its code must be as position-independent as theirs.
function(curfew_test_headers)
    if(TARGET curfew_test_headers)
        return()
    endif()
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/test_headers.cc" CONTENT "int main() {}\n")
    add_executable(curfew_test_headers "${PROJECT_BINARY_DIR}/generated/test_headers.cc")
    target_link_libraries(curfew_test_headers PRIVATE curfew_test_options GTest::gmock GTest::gtest)
    target_precompile_headers(curfew_test_headers PRIVATE
        <gmock/gmock.h> <gtest/gtest.h> <algorithm> <atomic> <chrono> <expected> <functional> <memory> <mutex> <optional>
        <string> <string_view> <thread> <tuple> <vector>)
endfunction()

# Has ctest find a program's tests: curfew_discover(NAME LIST PREFIX LABELS [VARIABLE=VALUE...]). LIST is a name for them. Variables are
# set by a file of their own, since gtest_discover_tests() takes no more than one.
function(curfew_discover name list prefix labels)
    gtest_discover_tests(${name}
        TEST_PREFIX "${CURFEW_TEST_PREFIX}${prefix}"
        TEST_LIST ${list}
        NO_PRETTY_VALUES
        DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 300 LABELS "${labels}")
    if(ARGN)
        set(file "${CMAKE_CURRENT_BINARY_DIR}/${list}_environment.cmake")
        file(CONFIGURE OUTPUT "${file}" @ONLY CONTENT [=[
if(@list@)
    set_tests_properties(${@list@} PROPERTIES ENVIRONMENT "@ARGN@")
endif()
]=])
        set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${file}")
    endif()
endfunction()

# Leaves targets out of a build with the thread sanitizer that only tests with the label `one_thread` use.
function(curfew_of_one_thread)
    if(CURFEW_SANITIZE STREQUAL "thread")
        set_target_properties(${ARGN} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
endfunction()

# A test program beside the sources it tests: curfew_test(NAME SOURCES... [LIBRARIES ...] [LABELS ...] [DEFINITIONS ...]
#     [DEPENDS ...] [FROZEN_IMAGE] [EVERY_ENGINE] [JITLESS] [NODE]). DEPENDS names programs that it starts. FROZEN_IMAGE: its tests are run once more
# with cells of the frozen test guest, EVERY_ENGINE: once more on each engine but the first, with `frozen/` or the engine's name before
# theirs. JITLESS: once more on Node.js without its compiler. NODE: they find Node.js, and are run once.
# Builds with sanitizers have only the tests with the label `host`: those of code that the sanitizers see. That with the thread
# sanitizer leaves out what has the label `one_thread` too, since there is nothing that it could find.
function(curfew_test name)
    cmake_parse_arguments(arg "FROZEN_IMAGE;EVERY_ENGINE;JITLESS;NODE" "" "LIBRARIES;LABELS;DEFINITIONS;DEPENDS" ${ARGN})
    if(NOT CURFEW_BUILD_TESTS OR (CURFEW_SANITIZE AND NOT "host" IN_LIST arg_LABELS) OR
            (CURFEW_SANITIZE STREQUAL "thread" AND "one_thread" IN_LIST arg_LABELS))
        return()
    endif()
    add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
    curfew_test_headers()
    target_link_libraries(${name} PRIVATE curfew_test_options ${arg_LIBRARIES} GTest::gtest_main)
    target_precompile_headers(${name} REUSE_FROM curfew_test_headers)
    target_compile_definitions(${name} PRIVATE ${arg_DEFINITIONS})
    if(arg_DEPENDS)
        add_dependencies(${name} ${arg_DEPENDS})
    endif()
    set(with_node "CURFEW_NODE_DIR=${CURFEW_NODE_PACKAGE}" "CURFEW_CACHE_DIR=${PROJECT_BINARY_DIR}/engines")
    if(arg_NODE)
        curfew_discover(${name} ${name}_tests "" "${arg_LABELS}" ${with_node})
    else()
        curfew_discover(${name} ${name}_tests "" "${arg_LABELS}")
    endif()
    if(arg_FROZEN_IMAGE)
        curfew_discover(${name} ${name}_frozen_tests frozen/ "${arg_LABELS}" CURFEW_TEST_IMAGE=frozen)
    endif()
    # What sanitizers see is the same code of the host.
    if(arg_EVERY_ENGINE AND CURFEW_NODE AND NOT CURFEW_SANITIZE)
        curfew_discover(${name} ${name}_node_tests node/ "${arg_LABELS}" CURFEW_ENGINE=node ${with_node})
    endif()
    if(arg_JITLESS AND CURFEW_NODE AND NOT CURFEW_SANITIZE)
        curfew_discover(${name} ${name}_jitless_tests node-jitless/ "${arg_LABELS}" CURFEW_ENGINE=node CURFEW_JITLESS=1
            ${with_node})
    endif()
endfunction()
