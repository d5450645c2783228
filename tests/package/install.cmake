# Package.IsInstalled: what the other package tests use, and what it is made of.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${WORK}" "${PREFIX}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/first")
# A package is often unpacked elsewhere than where it was installed.
file(RENAME "${WORK}/first" "${PREFIX}")

expect_command("${PREFIX}/bin/curfew")
run("${PREFIX}/bin/curfew" run "${SOURCE}/examples/redirect/handler.js" --event [[{"request":{"uri":"/index.html"}}]])
expect("${output}" "{\"request\":{\"uri\":\"/redirected.html\"}}\n" "the installed command")

# Only what is public is installed.
file(GLOB_RECURSE headers RELATIVE "${PREFIX}/include" "${PREFIX}/include/*")
foreach(header IN LISTS headers)
    if(NOT header MATCHES "^curfew/.*\\.h$")
        message(FATAL_ERROR "${header} was installed, which is no public header.")
    endif()
endforeach()

# Without debug information, which makes it ten times as large.
file(SIZE "${PREFIX}/bin/curfew" size)
if(size GREATER 8000000)
    message(FATAL_ERROR "The installed command has ${size} bytes; was it stripped?")
endif()
