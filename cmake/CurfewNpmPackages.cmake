# curfew_npm_package(FOLDER PACKAGE FILE): sets FOLDER to the folder that holds the npm packages which
# src/guest/quickjs/library/PACKAGES names, and makes sure that this package is among them, by a file of it.
include_guard(GLOBAL)

set(CURFEW_PACKAGES_DIR "$ENV{CURFEW_PACKAGES_DIR}" CACHE PATH
    "Folder with the npm packages that src/guest/quickjs/library/PACKAGES names; empty: .deps/packages")

function(curfew_npm_package folder package file)
    set(packages "${CURFEW_PACKAGES_DIR}")
    if(packages STREQUAL "")
        set(packages "${PROJECT_SOURCE_DIR}/.deps/packages")
    endif()
    if(NOT EXISTS "${packages}/${package}/${file}")
        message(FATAL_ERROR "No npm package ${package} in ${packages}. Run ./dev setup, which fetches what "
            "src/guest/quickjs/library/PACKAGES names, or name a folder that holds it with -DCURFEW_PACKAGES_DIR=FOLDER.")
    endif()
    set(${folder} "${packages}" PARENT_SCOPE)
endfunction()
