# Debian packages, by `cpack -G DEB` in the build folder: libcurfew with the shared library, libcurfew-dev and curfew.
set(CPACK_PACKAGE_NAME curfew)
set(CPACK_PACKAGE_VENDOR "Curfew developers")
set(CPACK_PACKAGE_CONTACT "Curfew developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES OFF)  # the installation does that
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_GENERATOR DEB)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL command)
if(static IN_LIST curfew_installed_kinds)
    list(APPEND CPACK_COMPONENTS_ALL development)
endif()
if(shared IN_LIST curfew_installed_kinds)
    list(APPEND CPACK_COMPONENTS_ALL runtime development)
endif()
list(REMOVE_DUPLICATES CPACK_COMPONENTS_ALL)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
string(CONCAT description "Untrusted JavaScript runs in processes that reach nothing but their own\n"
    "memory, and is ended wherever it is when a limit is reached: on time,\n"
    "CPU time, memory, calls of the host, or output.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${curfew_runtime_package})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "runs JavaScript in sealed cells, shared library\n${description}")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME ${curfew_development_package})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "nlohmann-json3-dev, prometheus-cpp-dev, libspdlog-dev")
if(shared IN_LIST curfew_installed_kinds)
    string(PREPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${curfew_runtime_package} (= ${PROJECT_VERSION}), ")
endif()
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "runs JavaScript in sealed cells, headers and static library\n${description}")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME ${curfew_command_package})
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
if(BUILD_SHARED_LIBS)
    set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "${curfew_runtime_package} (= ${PROJECT_VERSION})")
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/src")
endif()
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "runs JavaScript in sealed cells, command\n${description}")

include(CPack)
