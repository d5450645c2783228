# The runtime's own JavaScript, and the npm packages that it takes in, as bytecode in the guest's image.
#
# Sets curfew_library_source: an assembly file that holds it all, as curfew_library_NAME and curfew_library_NAME_end.
include(CurfewNpmPackages)
curfew_npm_package(packages whatwg-url package.json)

# The engine once more, for the program that makes the bytecode.
set(engine_for_host quickjs.c dtoa.c libregexp.c libunicode.c)
list(TRANSFORM engine_for_host PREPEND "${curfew_quickjs_dir}/")
add_executable(curfew_bundler library/bundler.c ${engine_for_host})
target_include_directories(curfew_bundler SYSTEM PRIVATE "${curfew_quickjs_dir}")
target_compile_options(curfew_bundler PRIVATE -O1 -g0 -funsigned-char -fwrapv -w -UNDEBUG)
target_compile_definitions(curfew_bundler PRIVATE _GNU_SOURCE)
target_link_libraries(curfew_bundler PRIVATE m)

file(GLOB library_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/library/*.js"
    "${CMAKE_CURRENT_SOURCE_DIR}/library/node/*.js")
set(library_text ".section .rodata\n")
set(library_files "")
foreach(name events url url_parser international_domains encodings table cjs_names headers streams fetch blob process
        node/assert node/async node/buffer node/crypto node/events node/http node/path node/querystring node/stream
        node/string_decoder node/system node/url node/util)
    string(REPLACE "/" "_" symbol ${name})
    set(file "${CMAKE_CURRENT_BINARY_DIR}/library/${name}.bin")
    add_custom_command(OUTPUT "${file}"
        COMMAND curfew_bundler "${CMAKE_CURRENT_SOURCE_DIR}/library/bundle.js"
            "${CMAKE_CURRENT_SOURCE_DIR}/library/${name}.js" "${packages}" "${file}"
        DEPENDS curfew_bundler ${library_sources} "${CMAKE_CURRENT_SOURCE_DIR}/library/PACKAGES" VERBATIM)
    list(APPEND library_files "${file}")
    string(APPEND library_text ".balign 8\n.globl curfew_library_${symbol}, curfew_library_${symbol}_end\n"
        "curfew_library_${symbol}: .incbin \"${file}\"\ncurfew_library_${symbol}_end: .byte 0\n")
endforeach()
file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/library/node")
set(curfew_library_source "${CMAKE_CURRENT_BINARY_DIR}/library/library.S")
file(CONFIGURE OUTPUT "${curfew_library_source}" @ONLY CONTENT [=[
@library_text@.section .note.GNU-stack,"",%progbits
]=])
set_source_files_properties("${curfew_library_source}" PROPERTIES OBJECT_DEPENDS "${library_files}")
