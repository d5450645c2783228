#!/bin/bash
# tidy.sh [--deep] SOURCES BUILD_FOLDER CACHE_FOLDER UNITS...: runs clang-tidy over translation units, named from the folder
# SOURCES on, and shows what it finds. BUILD_FOLDER holds compile_commands.json; nothing needs to be built.
#
# Three depths, since a machine where nothing was looked at yet has minutes for all units, and some checks take as long for one:
#   units of the project    the checks of .clang-tidy but for the dear ones
#   tests and benchmarks    the locks' annotations, and a few checks that are cheap
#   --deep                  the checks of .clang-tidy, all of them, on all units
#
# A unit without findings is not looked at again until one of the files that it is made of changes, or its compiler command, the
# checks or clang-tidy: CACHE_FOLDER has a file for each, with the sums of all of these files.
set -euo pipefail

tidy=clang-tidy-19
compiler=clang++-19

# Measured with --enable-check-profile: the analyzer takes nine tenths of a test's time, and half of another unit's. Each of the
# others takes as much as ten of those that stay, and most of it for headers of the standard library.
dear='-clang-analyzer-*,-bugprone-stringview-nullptr,-bugprone-standalone-empty'
dear+=,-performance-unnecessary-value-param

for_tests='-*,clang-diagnostic-thread-safety*'
for_tests+=,bugprone-argument-comment,bugprone-dangling-handle,bugprone-macro-parentheses,bugprone-unhandled-self-assignment
for_tests+=,google-build-namespaces,google-explicit-constructor,misc-definitions-in-headers,misc-static-assert
for_tests+=,misc-throw-by-value-catch-by-reference,modernize-use-override,performance-for-range-copy
for_tests+=,readability-duplicate-include

check_unit() {
    local unit=$1 checks=$dear command key entry text options
    case $unit in
        tests/* | bench/* | */testing/* | *_test.cc | *_bench.cc) checks=$for_tests ;;
    esac
    [ "$deep" = no ] || checks=
    command=$(grep -F -- " -c $sources/$unit\"" "$cache/compile_commands.json" | head -n 1 || true)
    key=$(printf '%s\n' "$configuration" "$checks" "$command" | sha256sum | cut -c 1-16)
    entry=$cache/${unit//\//+}.$key
    if [ -e "$entry" ] && sha256sum --status --check "$entry" 2>/dev/null; then
        return 0
    fi

    text=$(mktemp)
    if ! "$tidy" --quiet -p "$cache" --checks="$checks" "$sources/$unit" >"$text" 2>"$text.errors"; then
        [ -s "$text" ] || cat "$text.errors" >>"$text"
        cat "$text"
        rm -f "$text" "$text.errors"
        return 1
    fi
    rm -f "$text" "$text.errors"

    # The files that it is made of, as the compiler sees them. Without a command of its own it is looked at each time.
    [ -n "$command" ] || return 0
    options=$(sed -E 's/^ *"command": "[^ ]+ //; s/",?$//; s/ -o [^ ]+ / /; s/\\"/"/g; s/\\\\/\\/g' <<<"$command")
    rm -f "$cache/${unit//\//+}".*
    if (cd "$build" && eval "$compiler $options -w -M -MF $(printf %q "$entry.files")") 2>/dev/null; then
        # A make rule: TARGET: FILE FILE \ FILE ...
        (cd "$build" && sed -E '1s/^[^:]*: *//; s/ *\\$//' "$entry.files" | tr -s ' ' '\n' | sed '/^$/d' |
            xargs -d '\n' realpath | xargs -d '\n' sha256sum) >"$entry.new" && mv "$entry.new" "$entry"
    fi
    rm -f "$entry.files" "$entry.new"
}

if [ "${1-}" = --one ]; then
    check_unit "$2"
    exit
fi

export deep=no sources build cache configuration
if [ "${1-}" = --deep ]; then
    deep=yes
    shift
fi
sources=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
mkdir -p "$3"
cache=$(cd "$3" && pwd)
shift 3

configuration=$({ "$tidy" --version; find "$sources" -name .clang-tidy -not -path "$sources/build/*" -exec cat {} +; } | sha256sum)

# Without the options that clang does not know and the headers that another compiler precompiled, and with its own headers of
# intrinsics in place of the other compiler's.
own_headers=$("$compiler" -print-resource-dir)/include
sed -E "s/ -fpch-preprocess| -Winvalid-pch| -include [^ ]*cmake_pch[^ ]*| -fno-tree-loop-distribute-patterns//g
    s#/usr/lib/gcc/[^ ]*/include( |$)#$own_headers\\1#g" "$build/compile_commands.json" >"$cache/compile_commands.json"
printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -n 1 "$0" --one
