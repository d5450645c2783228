# How programs for cells are built, and how files are embedded in the library.

# The engines whose programs the library holds, each a folder in src/guest/ and a word of curfew::Engine. The first is the
# one that sandboxes have if they name none.
set(CURFEW_EMBEDDED_ENGINES quickjs)

# curfew_describe_engine(NAME PRODUCT VERSION): what the library says of an engine.
function(curfew_describe_engine name product version)
    set(macro CURFEW_ENGINE)
    if(name IN_LIST CURFEW_EMBEDDED_ENGINES)
        set(macro CURFEW_EMBEDDED_ENGINE)
    endif()
    set_property(GLOBAL APPEND_STRING PROPERTY CURFEW_ENGINE_TABLE
        "${macro}(${name}, \"${product}\", \"${version}\")\n")
endfunction()

# A guest program is a static ELF file at a fixed address, with no start-up code and no system calls: it reaches the
# world only through the hypercall that its cell provides.

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/wire/layout.h")
file(STRINGS "${PROJECT_SOURCE_DIR}/src/wire/layout.h" image_base_line REGEX "^#define CURFEW_IMAGE_BASE ")
string(REGEX MATCH "0x[0-9a-fA-F]+" CURFEW_IMAGE_BASE "${image_base_line}")

# The options of everything that runs inside a cell.
add_library(curfew_guest_options INTERFACE)
target_include_directories(curfew_guest_options INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(curfew_guest_options INTERFACE
    -O2 -g0 -ffreestanding -fno-pic -fno-pie -mcmodel=small -fno-stack-protector -fcf-protection=none
    -fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections -U_FORTIFY_SOURCE
    $<$<COMPILE_LANGUAGE:CXX>:-std=c++23 -fno-exceptions -fno-rtti -fno-threadsafe-statics>)
target_link_options(curfew_guest_options INTERFACE
    -static -nostdlib -no-pie
    "-Wl,-T,${PROJECT_SOURCE_DIR}/src/guest/platform/image.lds" -Wl,--gc-sections -Wl,--build-id=sha1 -Wl,-z,noexecstack
    -Wl,--no-warn-rwx-segments "-Wl,--defsym=CURFEW_IMAGE_BASE=${CURFEW_IMAGE_BASE}")

# curfew_guest_program(NAME SOURCES...): an executable for a cell.
function(curfew_guest_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE curfew_guest_options)
    set_target_properties(${name} PROPERTIES LINK_DEPENDS "${PROJECT_SOURCE_DIR}/src/guest/platform/image.lds")
endfunction()

# curfew_embed(TARGET SYMBOL PROGRAM): links the file of the executable target PROGRAM, or the file PROGRAM, into
# TARGET, which then has a header "embedded/SYMBOL.h" with a function curfew::embedded::SYMBOL() that gives its bytes.
function(curfew_embed target symbol program)
    set(copy "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.bin")
    if(TARGET ${program})
        set(file "$<TARGET_FILE:${program}>")
    else()
        set(file "${program}")
    endif()
    add_custom_command(OUTPUT "${copy}" COMMAND "${CMAKE_COMMAND}" -E copy "${file}" "${copy}"
        DEPENDS "${program}" "${file}" VERBATIM)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S")
    file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [=[
.section .rodata
.balign 4096
.globl @symbol@, @symbol@_end
.hidden @symbol@, @symbol@_end
@symbol@:
.incbin "@copy@"
@symbol@_end:
.byte 0
.section .note.GNU-stack,"",%progbits
]=])
    set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${copy}")
    set(header "${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.h")
    file(CONFIGURE OUTPUT "${header}" @ONLY CONTENT [=[
// Made by curfew_embed.
#ifndef CURFEW_EMBEDDED_@symbol@_H
#define CURFEW_EMBEDDED_@symbol@_H

#include <cstddef>
#include <span>

extern "C" {
extern const unsigned char @symbol@[];
extern const unsigned char @symbol@_end[];
}

namespace curfew::embedded {

inline std::span<const std::byte> @symbol@() noexcept {
    return std::as_bytes(std::span(::@symbol@, ::@symbol@_end));
}

}  // namespace curfew::embedded

#endif
]=])
    target_sources(${target} PRIVATE "${source}")
    target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}>")
endfunction()
