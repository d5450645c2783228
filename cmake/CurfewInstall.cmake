# What is installed, in components:
#
#   runtime      the shared library
#   development  the headers, the static library, what find_package(curfew) and pkg-config read
#   command      curfew, and curfew-bench where it was built
#   prometheus_runtime, prometheus_development, and so on for spdlog and fetch
#                the same of the optional libraries; their headers come with the others
#   c            the library for C, its header, and what find_package(curfew COMPONENTS c) and pkg-config read
#   debug        the debug information of the above, where debuggers look for it; only if it is asked for by name
#
# All but the last go without debug information, which is ten times as large as the code. Each installation writes down
# its files in the build folder, for the target `uninstall`.
include(CMakePackageConfigHelpers)

set(curfew_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/curfew")
set(curfew_default_kind static)
if(BUILD_SHARED_LIBS)
    set(curfew_default_kind shared)
endif()
set(curfew_installed_kinds ${curfew_default_kind})
if(CURFEW_BOTH_LIBRARIES)
    set(curfew_installed_kinds static shared)
endif()

# curfew_strip_installed(COMPONENT OPTION TARGET PATH): takes the debug information out of an installed file.
function(curfew_strip_installed component option target path)
    install(CODE "
        if(EXISTS \"$<TARGET_FILE:${target}>\")
            execute_process(COMMAND \"${CMAKE_STRIP}\" ${option} \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${path}\"
                COMMAND_ERROR_IS_FATAL ANY)
        endif()" COMPONENT ${component})
endfunction()

# curfew_demand_built(COMPONENT TARGET): says what to do where a build made some other targets only.
function(curfew_demand_built component target)
    install(CODE "
        if(NOT EXISTS \"$<TARGET_FILE:${target}>\")
            message(FATAL_ERROR \"${target} is not built. Build everything first: cmake --build ${PROJECT_BINARY_DIR}\")
        endif()" COMPONENT ${component})
endfunction()

# curfew_install_debug(TARGET): its debug information, by the build id that the linker gave it.
function(curfew_install_debug target)
    install(CODE "
        set(file \"$<TARGET_FILE:${target}>\")
        set(objcopy \"${CMAKE_OBJCOPY}\")
        set(readelf \"${CMAKE_READELF}\")
        include(\"${PROJECT_SOURCE_DIR}/cmake/install_debug.cmake\")"
        COMPONENT debug EXCLUDE_FROM_ALL)
endfunction()

# curfew_install_library(NAME DEVELOPMENT RUNTIME): a library that curfew_library made, in these two components.
function(curfew_install_library name development runtime)
    if(static IN_LIST curfew_installed_kinds)
        curfew_demand_built(${development} ${name}_static)
        install(TARGETS ${name}_static EXPORT ${name}-static
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${development})
        curfew_strip_installed(${development} --strip-debug ${name}_static "${CMAKE_INSTALL_LIBDIR}/lib${name}.a")
    endif()
    if(shared IN_LIST curfew_installed_kinds)
        curfew_demand_built(${runtime} ${name}_shared)
        install(TARGETS ${name}_shared EXPORT ${name}-shared LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
            COMPONENT ${runtime} NAMELINK_COMPONENT ${development})
        curfew_strip_installed(${runtime} --strip-unneeded ${name}_shared
            "${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:${name}_shared>")
        curfew_install_debug(${name}_shared)
    endif()
    foreach(kind IN LISTS curfew_installed_kinds)
        install(EXPORT ${name}-${kind} NAMESPACE curfew:: DESTINATION "${curfew_package_dir}" COMPONENT ${development})
    endforeach()
endfunction()

# curfew_install_program(TARGET [OPTIONAL]): with the latter, only if it was built.
function(curfew_install_program target)
    install(TARGETS ${target} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command ${ARGN})
    curfew_strip_installed(command --strip-all ${target} "${CMAKE_INSTALL_BINDIR}/$<TARGET_FILE_NAME:${target}>")
    curfew_install_debug(${target})
endfunction()

curfew_install_library(curfew development runtime)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/curfew" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT development FILES_MATCHING PATTERN "*.h" PATTERN "c.h" EXCLUDE)

set_target_properties(curfew_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
curfew_demand_built(command curfew_cli)
curfew_install_program(curfew_cli)
if(TARGET curfew_bench)
    curfew_install_program(curfew_bench OPTIONAL)
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/curfew-config.cmake.in"
    "${PROJECT_BINARY_DIR}/generated/curfew-config.cmake" INSTALL_DESTINATION "${curfew_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/curfew-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/generated/curfew-config.cmake"
    "${PROJECT_BINARY_DIR}/generated/curfew-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/CurfewEmbedModules.cmake"
    DESTINATION "${curfew_package_dir}" COMPONENT development)

# pkg-config: relative to where the file lies, because a package may be unpacked anywhere.
file(RELATIVE_PATH curfew_prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${PROJECT_SOURCE_DIR}/cmake/curfew.pc.in" "${PROJECT_BINARY_DIR}/generated/curfew.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/generated/curfew.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT development)

# The optional libraries. Each is a component of find_package(curfew), which finds its CMake packages (with the words that
# find_dependency takes), and has a file for pkg-config; its Debian package for development needs others.
set(curfew_parts "")
function(curfew_install_part part cmake_packages pkg_config_packages debian_packages)
    list(TRANSFORM cmake_packages REPLACE "(.+)" "find_dependency(\\1)")
    list(JOIN cmake_packages "\n" find_dependencies)
    curfew_install_library(curfew_${part} ${part}_development ${part}_runtime)
    foreach(file IN ITEMS curfew-part.cmake curfew-part.pc)
        string(REPLACE part ${part} made ${file})
        configure_file("${PROJECT_SOURCE_DIR}/cmake/${file}.in" "${PROJECT_BINARY_DIR}/generated/${made}" @ONLY)
    endforeach()
    install(FILES "${PROJECT_BINARY_DIR}/generated/curfew-${part}.cmake"
        DESTINATION "${curfew_package_dir}" COMPONENT ${part}_development)
    install(FILES "${PROJECT_BINARY_DIR}/generated/curfew-${part}.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT ${part}_development)
    set(curfew_parts ${curfew_parts} ${part} PARENT_SCOPE)
    set(curfew_${part}_needs ${debian_packages} PARENT_SCOPE)
endfunction()
if(TARGET curfew_prometheus_static)
    curfew_install_part(prometheus "prometheus-cpp CONFIG" prometheus-cpp-core prometheus-cpp-dev)
endif()
if(TARGET curfew_spdlog_static)
    curfew_install_part(spdlog "spdlog CONFIG" spdlog libspdlog-dev)
endif()
if(TARGET curfew_fetch_static)
    curfew_install_part(fetch ZLIB zlib "zlib1g-dev;libcurl4")
endif()

# The library for C stands alone: it has Curfew inside.
if(TARGET curfew_c)
    curfew_demand_built(c curfew_c)
    install(TARGETS curfew_c EXPORT curfew_c LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT c)
    curfew_strip_installed(c --strip-unneeded curfew_c "${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:curfew_c>")
    curfew_install_debug(curfew_c)
    install(FILES "${PROJECT_SOURCE_DIR}/include/curfew/c.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/curfew" COMPONENT c)
    install(EXPORT curfew_c NAMESPACE curfew:: FILE curfew-c-targets.cmake DESTINATION "${curfew_package_dir}" COMPONENT c)
    file(WRITE "${PROJECT_BINARY_DIR}/generated/curfew-c.cmake" "# Read by find_package(curfew COMPONENTS c).\n"
        "include(\"\${CMAKE_CURRENT_LIST_DIR}/curfew-c-targets.cmake\")\nset(curfew_c_FOUND ON)\n")
    install(FILES "${PROJECT_BINARY_DIR}/generated/curfew-c.cmake" DESTINATION "${curfew_package_dir}" COMPONENT c)
    configure_file("${PROJECT_SOURCE_DIR}/cmake/curfew-c.pc.in" "${PROJECT_BINARY_DIR}/generated/curfew-c.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/generated/curfew-c.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT c)
endif()

# The licences and what changed go wherever binaries go, in a folder of each component's own, as packages need them.
set(curfew_runtime_package "libcurfew${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
set(curfew_development_package libcurfew-dev)
set(curfew_command_package curfew)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/CHANGELOG.md")
execute_process(COMMAND gzip -9nc "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
    OUTPUT_FILE "${PROJECT_BINARY_DIR}/generated/changelog.gz" COMMAND_ERROR_IS_FATAL ANY)
set(curfew_components runtime development command)
if(TARGET curfew_c)
    list(APPEND curfew_components c)
    set(curfew_c_package libcurfew-c-dev)
endif()
foreach(part IN LISTS curfew_parts)
    list(APPEND curfew_components ${part}_runtime ${part}_development)
    set(curfew_${part}_runtime_package "libcurfew-${part}${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
    set(curfew_${part}_development_package libcurfew-${part}-dev)
endforeach()
foreach(component IN LISTS curfew_components)
    set(folder "${CMAKE_INSTALL_DATAROOTDIR}/doc/${curfew_${component}_package}")
    install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_BINARY_DIR}/generated/changelog.gz"
        DESTINATION "${folder}" COMPONENT ${component})
    install(FILES "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION "${folder}" RENAME copyright COMPONENT ${component})
endforeach()

# Last, so that it sees all files of an installation.
configure_file("${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake.in" "${PROJECT_BINARY_DIR}/uninstall.cmake" @ONLY)
install(CODE "set(records \"${PROJECT_BINARY_DIR}/installations\")
    include(\"${PROJECT_SOURCE_DIR}/cmake/record_installation.cmake\")" ALL_COMPONENTS)
if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(uninstall COMMAND "${CMAKE_COMMAND}" -P "${PROJECT_BINARY_DIR}/uninstall.cmake" VERBATIM)
    include(CurfewPackages)
endif()
