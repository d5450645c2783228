# curfew_library(NAME [AS EXPORTED] PARTS parts... [USES libraries...] [PUBLIC libraries...] [PRIVATE libraries...])
#
# A library that users link, made of the object files of the targets PARTS: NAME_static and NAME_shared, of the same
# objects. NAME is one of both, as BUILD_SHARED_LIBS says; the other is only made on demand without
# CURFEW_BOTH_LIBRARIES. In CMake, users find them as curfew::EXPORTED_static, curfew::EXPORTED_shared and
# curfew::EXPORTED (NAME if it is not given).
#
#   USES             other libraries of this kind: the static one uses the static one, and so on
#   PUBLIC, PRIVATE  libraries that the headers need, and that only the code needs
#
# A shared library shows what is marked with CURFEW_EXPORT (include/curfew/export.h). A shared object that contains the
# static one shows nothing of it: several of them in one process, each with a Curfew of its own, do not meet.
function(curfew_library name)
    cmake_parse_arguments(arg "" "AS" "PARTS;USES;PUBLIC;PRIVATE" ${ARGN})
    if(NOT arg_AS)
        set(arg_AS ${name})
    endif()
    set(objects ${arg_PARTS})
    list(TRANSFORM objects REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")

    set(chosen static)
    if(BUILD_SHARED_LIBS)
        set(chosen shared)
    endif()
    foreach(kind IN ITEMS static shared)
        set(target ${name}_${kind})
        string(TOUPPER ${kind} type)
        add_library(${target} ${type} ${objects})
        set_target_properties(${target} PROPERTIES
            OUTPUT_NAME ${name}
            EXPORT_NAME ${arg_AS}_${kind}
            LINKER_LANGUAGE CXX
            # While the first number is 0, every minor version may have another interface.
            VERSION ${PROJECT_VERSION}
            SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
        if(NOT kind STREQUAL chosen AND NOT CURFEW_BOTH_LIBRARIES)
            set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
        endif()
        target_compile_features(${target} PUBLIC cxx_std_23)
        target_include_directories(${target} PUBLIC
            "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
        set(uses ${arg_USES})
        list(TRANSFORM uses APPEND _${kind})
        target_link_libraries(${target} PUBLIC ${uses} ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
        add_library(curfew::${arg_AS}_${kind} ALIAS ${target})
    endforeach()
    add_library(${name} ALIAS ${name}_${chosen})
    if(NOT TARGET curfew::${arg_AS})
        add_library(curfew::${arg_AS} ALIAS ${name}_${chosen})
    endif()

    set(map "${PROJECT_SOURCE_DIR}/cmake/curfew.map")
    target_link_options(${name}_shared PRIVATE "-Wl,--version-script=${map}")
    set_target_properties(${name}_shared PROPERTIES LINK_DEPENDS "${map}")
    if(CURFEW_SANITIZE)
        target_link_options(${name}_shared PRIVATE "-fsanitize=${CURFEW_SANITIZE}")
    else()
        target_link_options(${name}_shared PRIVATE -Wl,-z,defs)
    endif()
    # The monitors' threads run this code until the process ends, so it stays when dlclose() is called.
    target_link_options(${name}_shared PRIVATE -Wl,-z,nodelete)
    set(in_shared_object "$<IN_LIST:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY;MODULE_LIBRARY>")
    target_link_options(${name}_static INTERFACE
        "$<${in_shared_object}:-Wl,--exclude-libs,lib${name}.a>" "$<${in_shared_object}:-Wl,-z,nodelete>")
endfunction()
