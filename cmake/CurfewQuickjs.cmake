# Finds QuickJS-NG's sources: the folder that was named, the one that ./dev fetches, or Debian's package qjs-src.
set(CURFEW_QUICKJS_TESTED_VERSION "0.17.0")

set(curfew_quickjs_candidates "${PROJECT_SOURCE_DIR}/.deps/quickjs-ng" "/usr/src/quickjs-ng")
if(CURFEW_QUICKJS_DIR)
    set(curfew_quickjs_candidates "${CURFEW_QUICKJS_DIR}")
endif()
unset(curfew_quickjs_dir)
foreach(candidate IN LISTS curfew_quickjs_candidates)
    if(EXISTS "${candidate}/quickjs.c")
        set(curfew_quickjs_dir "${candidate}")
        break()
    endif()
endforeach()
if(NOT curfew_quickjs_dir)
    list(JOIN curfew_quickjs_candidates " or " places)
    message(FATAL_ERROR "No quickjs.c in ${places}. Run ./dev, which fetches QuickJS-NG's sources from the Debian "
        "package qjs-src, or name a folder that holds them with -DCURFEW_QUICKJS_DIR=FOLDER.")
endif()

file(STRINGS "${curfew_quickjs_dir}/quickjs.h" version_lines REGEX "^#define QJS_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX MATCHALL "[0-9]+" version_parts "${version_lines}")
list(JOIN version_parts "." curfew_quickjs_version)
message(STATUS "QuickJS-NG ${curfew_quickjs_version} in ${curfew_quickjs_dir}")
if(NOT curfew_quickjs_version STREQUAL CURFEW_QUICKJS_TESTED_VERSION)
    message(NOTICE "Curfew was tested with QuickJS-NG ${CURFEW_QUICKJS_TESTED_VERSION}; "
        "this is ${curfew_quickjs_version}. It may work; run the tests.")
endif()
