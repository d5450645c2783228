# curfew_embed_modules(TARGET NAME [MOUNT /path] FOLDER dir | FILES file... [BASE dir])
#
# Compiles JavaScript modules into the program or library TARGET. There,
#
#     #include <NAME.h>
#
# declares `curfew::EmbeddedFileSystem NAME();`, the file system that holds them.
#
#   FOLDER  all .js, .mjs and .json files below the folder, also in its node_modules; paths are relative to it
#   FILES   these files; paths are relative to BASE, which is the current source folder if it is not given
#   MOUNT   where the files appear in the file system; "/" if it is not given
#
# A file that changes is compiled in again, and so is one that comes into FOLDER. Symbolic links to folders are not
# followed. The files' content is in the program's read-only data once, and not copied when the program starts.
include_guard(GLOBAL)

function(curfew_embed_modules target name)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "MOUNT;FOLDER;BASE" "FILES")
    set(who "curfew_embed_modules(${target} ${name})")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${who}: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT TARGET ${target})
        message(FATAL_ERROR "${who}: there is no target ${target}; call add_executable or add_library first")
    endif()
    if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
        message(FATAL_ERROR "${who}: \"${name}\" becomes the name of a C++ function, so it has to be an identifier")
    endif()
    if((arg_FOLDER AND arg_FILES) OR NOT (arg_FOLDER OR arg_FILES))
        message(FATAL_ERROR "${who}: give either FOLDER or FILES")
    endif()
    if(NOT arg_MOUNT OR arg_MOUNT STREQUAL "/")
        set(arg_MOUNT "")
    elseif(NOT arg_MOUNT MATCHES "^(/[^/]+)+$")
        message(FATAL_ERROR "${who}: MOUNT \"${arg_MOUNT}\" is not a path like /lib")
    endif()

    if(arg_FOLDER)
        get_filename_component(base "${arg_FOLDER}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
        if(NOT IS_DIRECTORY "${base}")
            message(FATAL_ERROR "${who}: there is no folder ${base}")
        endif()
        file(GLOB_RECURSE files LIST_DIRECTORIES false CONFIGURE_DEPENDS
            "${base}/*.js" "${base}/*.mjs" "${base}/*.json")
        if(NOT files)
            message(FATAL_ERROR "${who}: there are no .js, .mjs and .json files below ${base}")
        endif()
    else()
        if(NOT arg_BASE)
            set(arg_BASE "${CMAKE_CURRENT_SOURCE_DIR}")
        endif()
        get_filename_component(base "${arg_BASE}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
        set(files "")
        foreach(file IN LISTS arg_FILES)
            get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
            list(APPEND files "${file}")
        endforeach()
        list(REMOVE_DUPLICATES files)
    endif()

    set(assembly "")
    set(declarations "")
    set(entries "")
    set(count 0)
    foreach(file IN LISTS files)
        if(NOT EXISTS "${file}" AND arg_FILES)
            get_source_file_property(generated "${file}" GENERATED)
            if(NOT generated)
                message(FATAL_ERROR "${who}: there is no file ${file}")
            endif()
        endif()
        file(RELATIVE_PATH path "${base}" "${file}")
        if(path MATCHES "^\\.\\./")
            message(FATAL_ERROR "${who}: ${file} is not below ${base}; name a folder that holds all files with BASE")
        endif()
        if(file MATCHES "[\"\\\\\n]")
            message(FATAL_ERROR "${who}: the name of ${file} has a character that cannot be embedded")
        endif()
        # The symbols belong to this target alone, and are not exported from a shared library.
        set(symbol "curfew_embedded_${name}_${count}")
        string(APPEND assembly
            "asm(\".pushsection .rodata\\n.globl ${symbol}, ${symbol}_end\\n.hidden ${symbol}, ${symbol}_end\\n\"\n"
            "    \"${symbol}:\\n.incbin \\\"${file}\\\"\\n${symbol}_end:\\n.byte 0\\n.popsection\\n\");\n")
        string(APPEND declarations
            "extern __attribute__((visibility(\"hidden\"))) const char ${symbol}[], ${symbol}_end[];\n")
        string(APPEND entries "        {\"${arg_MOUNT}/${path}\", content(${symbol}, ${symbol}_end)},\n")
        math(EXPR count "${count} + 1")
    endforeach()

    set(folder "${CMAKE_CURRENT_BINARY_DIR}/curfew_modules/${name}")
    file(CONFIGURE OUTPUT "${folder}/${name}.h" @ONLY CONTENT [=[
// Made by curfew_embed_modules.
#ifndef CURFEW_EMBEDDED_@name@_H
#define CURFEW_EMBEDDED_@name@_H

#include <curfew/file_system.h>

// Valid as long as the program, or the shared library that it is in. Cheap to call: content is not copied.
curfew::EmbeddedFileSystem @name@();

#endif
]=])
    file(CONFIGURE OUTPUT "${folder}/${name}.cc" @ONLY CONTENT [=[
// Made by curfew_embed_modules.
#include <cstddef>
#include <string_view>

#include "@name@.h"

@assembly@
extern "C" {
@declarations@}

namespace {

std::string_view content(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

curfew::EmbeddedFileSystem @name@() {
    return {
@entries@    };
}
]=])
    set_source_files_properties("${folder}/${name}.cc" PROPERTIES OBJECT_DEPENDS "${files}")
    target_sources(${target} PRIVATE "${folder}/${name}.cc")
    target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${folder}>")
endfunction()
