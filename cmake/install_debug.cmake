# Part of an installation: writes the debug information of `file` to where debuggers look for it.
execute_process(COMMAND "${readelf}" --notes "${file}" OUTPUT_VARIABLE notes COMMAND_ERROR_IS_FATAL ANY)
if(NOT notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
    message(FATAL_ERROR "${file} has no build id; link it with -Wl,--build-id.")
endif()
set(folder "${CMAKE_INSTALL_PREFIX}/lib/debug/.build-id/${CMAKE_MATCH_1}")
set(name "${CMAKE_MATCH_2}.debug")
file(MAKE_DIRECTORY "$ENV{DESTDIR}${folder}")
execute_process(COMMAND "${objcopy}" --only-keep-debug --compress-debug-sections "${file}" "$ENV{DESTDIR}${folder}/${name}"
    COMMAND_ERROR_IS_FATAL ANY)
list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${folder}/${name}")
message(STATUS "Installing: $ENV{DESTDIR}${folder}/${name}")
