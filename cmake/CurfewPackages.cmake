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
set(CPACK_COMPONENTS_ALL ${curfew_components})
if(NOT shared IN_LIST curfew_installed_kinds)
    list(FILTER CPACK_COMPONENTS_ALL EXCLUDE REGEX "runtime$")
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
string(CONCAT description "Untrusted JavaScript runs in processes that reach nothing but their own\n"
    "memory, and is ended wherever it is when a limit is reached: on time,\n"
    "CPU time, memory, calls of the host, or output.")

# curfew_library_packages(PREFIX WHAT NEEDED...): the packages of a library, PREFIX is empty or a part's
# name and "_". Packages of one version belong together.
function(curfew_library_packages prefix what)
    string(TOUPPER "${prefix}" upper)
    set(runtime ${curfew_${prefix}runtime_package})
    set(needed ${ARGN})
    if(shared IN_LIST curfew_installed_kinds)
        list(PREPEND needed "${runtime} (= ${PROJECT_VERSION})")
    endif()
    list(JOIN needed ", " needed)
    set(values
        CPACK_DEBIAN_${upper}RUNTIME_PACKAGE_NAME "${runtime}"
        CPACK_DEBIAN_${upper}RUNTIME_PACKAGE_SHLIBDEPS ON
        CPACK_DEBIAN_${upper}RUNTIME_PACKAGE_GENERATE_SHLIBS ON
        CPACK_COMPONENT_${upper}RUNTIME_DESCRIPTION "${what}, shared library\n${description}"
        CPACK_DEBIAN_${upper}DEVELOPMENT_PACKAGE_NAME "${curfew_${prefix}development_package}"
        CPACK_DEBIAN_${upper}DEVELOPMENT_PACKAGE_SECTION libdevel
        CPACK_DEBIAN_${upper}DEVELOPMENT_PACKAGE_DEPENDS "${needed}"
        CPACK_COMPONENT_${upper}DEVELOPMENT_DESCRIPTION "${what}, for development\n${description}")
    while(values)
        list(POP_FRONT values name value)
        set(${name} "${value}" PARENT_SCOPE)
    endwhile()
endfunction()
curfew_library_packages("" "runs JavaScript in sealed cells" nlohmann-json3-dev)
foreach(part IN LISTS curfew_parts)
    set(own "libcurfew-dev (= ${PROJECT_VERSION})" ${curfew_${part}_needs})
    curfew_library_packages(${part}_ "runs JavaScript in sealed cells, library for ${part}" ${own})
    string(TOUPPER ${part} upper)
    set(CPACK_DEBIAN_${upper}_RUNTIME_PACKAGE_DEPENDS "${curfew_runtime_package} (= ${PROJECT_VERSION})")
endforeach()
# It is loaded when it is needed, so that no tool sees it.
if(TARGET curfew_fetch_static)
    string(APPEND CPACK_DEBIAN_FETCH_RUNTIME_PACKAGE_DEPENDS ", libcurl4")
    set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS libcurl4)
    set(CPACK_DEBIAN_C_PACKAGE_RECOMMENDS libcurl4)
endif()
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/src")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME ${curfew_command_package})
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
if(BUILD_SHARED_LIBS)
    set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "${curfew_runtime_package} (= ${PROJECT_VERSION})")
endif()
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "runs JavaScript in sealed cells, command\n${description}")

set(CPACK_DEBIAN_C_PACKAGE_NAME "${curfew_c_package}")
set(CPACK_DEBIAN_C_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_C_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_C_DESCRIPTION "runs JavaScript in sealed cells, library for C\n${description}")

include(CPack)
