# What the package tests' scripts share. Every step has to succeed.
cmake_minimum_required(VERSION 3.25)

# run(COMMAND...): leaves what it printed in `output`.
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

# configure_and_build(SOURCE BUILD TARGETS...): a project that finds Curfew in PREFIX.
function(configure_and_build source build)
    run("${CMAKE_COMMAND}" -S "${source}" -B "${build}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}"
        "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_PREFIX_PATH=${PREFIX}" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
    run("${CMAKE_COMMAND}" --build "${build}")
endfunction()

# expect_command(PROGRAM): it is the command of this version, which names its engines on further lines.
function(expect_command program)
    run("${program}" --version)
    string(REGEX MATCH "^[^\n]*\n" first "${output}")
    expect("${first}" "curfew ${VERSION}\n" "${program} --version")
endfunction()
