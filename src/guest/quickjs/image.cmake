# The guest image: QuickJS-NG and the handler runtime on a platform layer of our own, as one static program for a cell.
# Of musl it takes the headers, and the pure functions: strings, mathematics, number formatting. Of BearSSL, the hashes and a
# stream cipher.

find_path(CURFEW_MUSL_INCLUDE_DIR NAMES bits/alltypes.h
    PATHS /usr/include/x86_64-linux-musl /usr/local/musl/include /usr/lib/musl/include NO_DEFAULT_PATH
    DOC "Folder with musl's headers")
find_file(CURFEW_MUSL_LIBC NAMES libc.a
    PATHS /usr/lib/x86_64-linux-musl /usr/local/musl/lib /usr/lib/musl/lib NO_DEFAULT_PATH
    DOC "musl's libc.a")
if(NOT CURFEW_MUSL_INCLUDE_DIR OR NOT CURFEW_MUSL_LIBC)
    message(FATAL_ERROR "The guest image needs musl's headers and its libc.a, which were not found. On Debian, install "
        "the package musl-dev; elsewhere, name them with -DCURFEW_MUSL_INCLUDE_DIR=FOLDER and -DCURFEW_MUSL_LIBC=FILE.")
endif()

# BearSSL's hashes, for HMAC, and ChaCha20, for random numbers: they call nothing of the system, and take no memory. Guest
# code sees the headers that it needs, and not what may lie beside them.
find_path(CURFEW_BEARSSL_INCLUDE_DIR NAMES bearssl_hmac.h PATH_SUFFIXES bearssl DOC "Folder with BearSSL's headers")
find_library(CURFEW_BEARSSL_LIBRARY NAMES libbearssl.a DOC "BearSSL's static library, libbearssl.a")
if(NOT CURFEW_BEARSSL_INCLUDE_DIR OR NOT CURFEW_BEARSSL_LIBRARY)
    message(FATAL_ERROR "The guest image needs BearSSL's headers and its libbearssl.a, which were not found. On Debian, "
        "install the package libbearssl-dev; elsewhere, name them with -DCURFEW_BEARSSL_INCLUDE_DIR=FOLDER and "
        "-DCURFEW_BEARSSL_LIBRARY=FILE.")
endif()
set(curfew_bearssl_headers "${CMAKE_CURRENT_BINARY_DIR}/bearssl")
foreach(header bearssl_block.h bearssl_hash.h bearssl_hmac.h)
    configure_file("${CURFEW_BEARSSL_INCLUDE_DIR}/${header}" "${curfew_bearssl_headers}/${header}" COPYONLY)
endforeach()

execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
    OUTPUT_VARIABLE curfew_compiler_include_dir OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-libgcc-file-name
    OUTPUT_VARIABLE curfew_libgcc OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# Guest code sees musl's headers and the compiler's own, and none of the system's. Built-in functions are used, since
# musl has them all. The build's type and place leave no trace, so that every build has the same image and build id.
add_library(curfew_guest_libc INTERFACE)
target_compile_options(curfew_guest_libc INTERFACE
    -nostdinc "SHELL:-isystem ${CURFEW_MUSL_INCLUDE_DIR}" "SHELL:-isystem ${curfew_compiler_include_dir}"
    -D_GNU_SOURCE -UNDEBUG
    "-fmacro-prefix-map=${curfew_quickjs_dir}/=" "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")

function(curfew_guest_sources target)
    target_link_libraries(${target} PRIVATE curfew_guest_options curfew_guest_libc)
    target_include_directories(${target} SYSTEM PRIVATE "${curfew_quickjs_dir}")
endfunction()

# The engine, as its authors build it: characters are unsigned, and integers wrap around.
add_library(curfew_quickjs OBJECT
    quickjs/engine/quickjs_with_access.c
    "${curfew_quickjs_dir}/dtoa.c"
    "${curfew_quickjs_dir}/libregexp.c"
    "${curfew_quickjs_dir}/libunicode.c")
curfew_guest_sources(curfew_quickjs)
get_target_property(engine_sources curfew_quickjs SOURCES)
set_source_files_properties(${engine_sources} PROPERTIES COMPILE_OPTIONS "-fbuiltin;-funsigned-char;-fwrapv;-w")

add_library(curfew_guest_platform OBJECT
    platform/entry.S
    platform/bytes.cc
    platform/clock.cc
    platform/decimal.cc
    platform/exchange.cc
    platform/fortify.cc
    platform/heap.cc
    platform/libc.cc
    platform/memory.cc
    platform/output.cc
    platform/random.cc)
curfew_guest_sources(curfew_guest_platform)

add_library(curfew_guest_runtime OBJECT
    quickjs/bad_event.cc
    quickjs/built_in_modules.cc
    quickjs/byte_source.cc
    quickjs/crypto.cc
    quickjs/encodings.cc
    quickjs/engine_state.cc
    quickjs/failure.cc
    quickjs/globals.cc
    quickjs/handlers.cc
    quickjs/host_calls.cc
    quickjs/hmac.cc
    quickjs/inspect.cc
    quickjs/inspector.cc
    quickjs/inspector_kinds.cc
    quickjs/jobs.cc
    quickjs/main.cc
    quickjs/modules.cc
    quickjs/native_class.cc
    quickjs/performance.cc
    quickjs/require.cc
    quickjs/structured_clone.cc
    quickjs/text_codec.cc
    quickjs/throw.cc
    quickjs/timers.cc
    quickjs/utf8.cc
    quickjs/writer.cc)
curfew_guest_sources(curfew_guest_runtime)
target_include_directories(curfew_guest_platform SYSTEM PRIVATE "${curfew_bearssl_headers}")
target_include_directories(curfew_guest_runtime SYSTEM PRIVATE "${curfew_bearssl_headers}")
# What C's functions do may be done in place of calling them, but not where they are defined.
foreach(part curfew_guest_platform curfew_guest_runtime)
    get_target_property(part_sources ${part} SOURCES)
    list(REMOVE_ITEM part_sources platform/entry.S platform/bytes.cc platform/fortify.cc platform/libc.cc
        platform/memory.cc)
    set_source_files_properties(${part_sources} PROPERTIES COMPILE_OPTIONS "-fbuiltin")
    target_compile_options(${part} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
        $<$<BOOL:${CURFEW_WERROR}>:-Werror>>)
endforeach()

curfew_guest_program(curfew_guest
    $<TARGET_OBJECTS:curfew_guest_platform>
    $<TARGET_OBJECTS:curfew_guest_runtime>
    $<TARGET_OBJECTS:curfew_quickjs>)
target_link_libraries(curfew_guest PRIVATE "${CURFEW_BEARSSL_LIBRARY}" "${CURFEW_MUSL_LIBC}" "${curfew_libgcc}")
