# Finds QuickJS-NG's sources, and checks that they are what Curfew knows how to look into. Sets curfew_quickjs_dir,
# curfew_quickjs_version (what was found) and curfew_quickjs_tested_version; the folder is the global property
# CURFEW_QUICKJS_SOURCE too.
#
# In this order: the folder that was named, the archive that was named, the folder that ./dev fetches into, Debian's
# package qjs-src.
set(CURFEW_QUICKJS_DIR "" CACHE PATH "Folder with QuickJS-NG's sources (quickjs.c and its headers)")
set(CURFEW_QUICKJS_ARCHIVE "" CACHE FILEPATH "QuickJS-NG's source archive, of the release that is tested")

set(version_file "${CMAKE_CURRENT_LIST_DIR}/VERSION")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${version_file}")
file(STRINGS "${version_file}" version_line REGEX "^version ")
string(REGEX REPLACE "^version +" "" curfew_quickjs_tested_version "${version_line}")

set(places "${PROJECT_SOURCE_DIR}/.deps/quickjs-ng" "/usr/src/quickjs-ng")
if(CURFEW_QUICKJS_DIR)
    set(places "${CURFEW_QUICKJS_DIR}")
elseif(CURFEW_QUICKJS_ARCHIVE)
    set(places "${PROJECT_BINARY_DIR}/quickjs-ng")
    execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/unpack.sh" "${CURFEW_QUICKJS_ARCHIVE}" "${places}"
        RESULT_VARIABLE status ERROR_VARIABLE said)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${said}")
    endif()
endif()
unset(curfew_quickjs_dir)
foreach(place IN LISTS places)
    if(EXISTS "${place}/quickjs.c")
        set(curfew_quickjs_dir "${place}")
        break()
    endif()
endforeach()
if(NOT curfew_quickjs_dir)
    list(JOIN places " or " places)
    message(FATAL_ERROR "No quickjs.c in ${places}. Run ./dev, which fetches the sources of QuickJS-NG "
        "${curfew_quickjs_tested_version}, or name a folder that holds them with -DCURFEW_QUICKJS_DIR=FOLDER, or their "
        "archive with -DCURFEW_QUICKJS_ARCHIVE=FILE.")
endif()

# The version is read, and the private parts are checked, whenever one of these changes.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${curfew_quickjs_dir}/quickjs.c" "${curfew_quickjs_dir}/quickjs.h")
file(STRINGS "${curfew_quickjs_dir}/quickjs.h" version_lines REGEX "^#define QJS_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX MATCHALL "[0-9]+" version_parts "${version_lines}")
list(JOIN version_parts "." curfew_quickjs_version)

# Curfew compiles a copy of the engine in which a few places differ. change_engine(WHAT FROM TO): WHAT is said where a place is not found.
file(READ "${curfew_quickjs_dir}/quickjs.c" changed_text)
function(change_engine what from to)
    string(REPLACE "${from}" "${to}" after "${changed_text}")
    if(after STREQUAL changed_text)
        message(FATAL_ERROR "Curfew wants QuickJS-NG ${curfew_quickjs_tested_version}. The place where its compiler ${what} is not found "
            "in ${curfew_quickjs_dir}/quickjs.c (version ${curfew_quickjs_version}). Take the sources of "
            "${curfew_quickjs_tested_version}.")
    endif()
    set(changed_text "${after}" PARENT_SCOPE)
endfunction()

# Programs return at their top level, where the engine allows no return: it asks Curfew first.
set(refused_return [=[
        if (s->cur_func->is_eval) {
            js_parse_error(s, "return not in a function");
            goto fail;
        }
]=])
set(asked_return [=[
        if (s->cur_func->is_eval) {
            if (engine_parse_return(s))
                goto fail;
            break;
        }
]=])
change_engine("refuses a return at the top level" "${refused_return}" "${asked_return}")

# An error of destructuring stands at its pattern, not where the last expression before it stood.
change_engine("begins to take an object apart" [=[
        /* throw an exception if the value cannot be converted to an object */
        emit_op(s, OP_to_object);
]=] [=[
        emit_source_loc_at(s, s->last_line_num, s->last_col_num);
        emit_op(s, OP_to_object);
]=])
change_engine("begins to take an iterable apart" [=[
        block_env.has_iterator = true;
        emit_op(s, OP_for_of_start);
]=] [=[
        block_env.has_iterator = true;
        emit_source_loc_at(s, source_line_num, source_col_num);
        emit_op(s, OP_for_of_start);
]=])
# The same of a loop: at what it goes through, which need not have a place of its own.
change_engine("reads what a loop goes through" [=[
    if (is_for_of) {
        if (js_parse_assign_expr(s))
            return -1;
    } else {
        if (js_parse_expr(s))
            return -1;
    }
]=] [=[
    const int iterated_line = s->token.line_num;
    const int iterated_column = s->token.col_num;
    if (is_for_of) {
        if (js_parse_assign_expr(s))
            return -1;
    } else {
        if (js_parse_expr(s))
            return -1;
    }
]=])
change_engine("begins a loop" [=[
        if (is_async)
            emit_op(s, OP_for_await_of_start);
        else
            emit_op(s, OP_for_of_start);
]=] [=[
        emit_source_loc_at(s, iterated_line, iterated_column);
        if (is_async)
            emit_op(s, OP_for_await_of_start);
        else
            emit_op(s, OP_for_of_start);
]=])
set(curfew_quickjs_changed_dir "${PROJECT_BINARY_DIR}/quickjs-changed")
file(CONFIGURE OUTPUT "${curfew_quickjs_changed_dir}/quickjs.c" CONTENT "@changed_text@" @ONLY)

execute_process(
    COMMAND "${CMAKE_C_COMPILER}" -std=gnu11 -fsyntax-only -w -D_GNU_SOURCE
        "-DCURFEW_QUICKJS_TESTED_VERSION=\"${curfew_quickjs_tested_version}\""
        "-I${PROJECT_SOURCE_DIR}/src" "-I${curfew_quickjs_changed_dir}" "-I${curfew_quickjs_dir}" "${CMAKE_CURRENT_LIST_DIR}/quickjs_with_access.c"
    RESULT_VARIABLE status ERROR_VARIABLE said)
if(NOT status EQUAL 0)
    string(REGEX MATCHALL "[^\n]*error: [^\n]*" said "${said}")
    list(JOIN said "\n  " said)
    message(FATAL_ERROR "Curfew wants QuickJS-NG ${curfew_quickjs_tested_version}. It looks into private parts of the "
        "engine, and those of version ${curfew_quickjs_version} in ${curfew_quickjs_dir} are different:\n  ${said}\n"
        "Take the sources of ${curfew_quickjs_tested_version}.")
endif()
set_property(GLOBAL PROPERTY CURFEW_QUICKJS_SOURCE "${curfew_quickjs_dir}")
message(STATUS "QuickJS-NG ${curfew_quickjs_version} in ${curfew_quickjs_dir}")
if(NOT curfew_quickjs_version STREQUAL curfew_quickjs_tested_version)
    message(NOTICE "Curfew is tested with QuickJS-NG ${curfew_quickjs_tested_version}; this is ${curfew_quickjs_version}. "
        "Its private parts that Curfew looks into are the same, so it will build. Run the tests.")
endif()
