# Makes the wheel of the package for Python in WORK, with a library for C that is stripped:
#     cmake -DPYTHON=... -DSOURCE=bindings/python -DROOT=. -DLIBRARY=...libcurfew-c.so -DSTRIP=strip -DVERSION=... -DWORK=... -P make_wheel.cmake
# With TRY, also installs it in a folder of its own, without a network, and uses it there.
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(COPY "${SOURCE}/curfew" "${SOURCE}/pyproject.toml" "${SOURCE}/setup.py" DESTINATION "${WORK}/source"
    PATTERN "__pycache__" EXCLUDE)
file(COPY "${ROOT}/LICENSE" "${ROOT}/NOTICE" DESTINATION "${WORK}/source/curfew")
file(WRITE "${WORK}/source/VERSION" "${VERSION}\n")
run("${STRIP}" --strip-unneeded -o "${WORK}/source/curfew/libcurfew-c.so" "${LIBRARY}")
execute_process(COMMAND "${PYTHON}" setup.py -q bdist_wheel -d "${WORK}" WORKING_DIRECTORY "${WORK}/source"
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
file(GLOB wheel "${WORK}/curfew-${VERSION}-py3-none-linux_x86_64.whl")
if(NOT status EQUAL 0 OR NOT wheel)
    message(FATAL_ERROR "The wheel could not be made (it needs Debian's python3-setuptools and python3-wheel):\n${output}")
endif()
message(STATUS "${wheel}")

if(TRY)
    # A wheel is a zip archive of what is to lie on the path.
    file(ARCHIVE_EXTRACT INPUT "${wheel}" DESTINATION "${WORK}/installed")
    run("${CMAKE_COMMAND}" -E env --unset=CURFEW_LIBRARY "PYTHONPATH=${WORK}/installed" "${PYTHON}" -B -c
        "import curfew\nprint(curfew.__version__, curfew.Sandbox().run('6 * 7'), curfew.__file__)")
    if(NOT output STREQUAL "${VERSION} 42 ${WORK}/installed/curfew/__init__.py\n")
        message(FATAL_ERROR "The wheel does not work as it should:\n${output}")
    endif()
endif()
