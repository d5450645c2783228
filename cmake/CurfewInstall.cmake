# What is installed: the public headers, the library with all that it embeds, the command, and what find_package(curfew)
# reads.
include(CMakePackageConfigHelpers)

set(curfew_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/curfew")

install(TARGETS curfew EXPORT curfew-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/curfew" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.h")
install(TARGETS curfew_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(TARGET curfew_bench)
    install(TARGETS curfew_bench RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

install(EXPORT curfew-targets NAMESPACE curfew:: DESTINATION "${curfew_package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/curfew-config.cmake.in"
    "${PROJECT_BINARY_DIR}/generated/curfew-config.cmake" INSTALL_DESTINATION "${curfew_package_dir}")
# The interface may still change from one minor version to the next.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/curfew-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/generated/curfew-config.cmake"
    "${PROJECT_BINARY_DIR}/generated/curfew-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/CurfewEmbedModules.cmake" DESTINATION "${curfew_package_dir}")
