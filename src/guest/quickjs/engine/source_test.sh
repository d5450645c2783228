#!/bin/bash
# source_test.sh QUICKJS_FOLDER CMAKE: checks that an archive of the engine is unpacked only if it is the right one and
# whole, and that sources whose private parts differ are not built.
set -euo pipefail
quickjs=$1
cmake=$2
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^version //p' "$here/VERSION")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"

faults=0
fault() {
    printf '%s\n' "$*"
    faults=$((faults + 1))
}

# says FILE TEXT: whether the file holds the text, whose lines may have been broken anew.
says() { tr -s ' \n' ' ' <"$1" | grep -qF -- "$2"; }

# --- Archives ---

mkdir "quickjs-$version"
cp "$quickjs"/*.c "$quickjs"/*.h "quickjs-$version"
mkdir "quickjs-$version/tests"
echo >"quickjs-$version/tests/a.c"
ln -s /etc/passwd "quickjs-$version/link.h"
tar -czf good.tar.gz "quickjs-$version"

# state FILE: writes the version file that states this archive's hash.
state() {
    printf '# A comment.\nversion %s\nsha256 %s\n' "$version" "$(sha256sum <"$1" | cut -d' ' -f1)" >versions
}

# is_refused NAME ARCHIVE TEXT: unpacking it over what is there fails, says the text, and changes nothing.
is_refused() {
    if "$here/unpack.sh" "$2" out/quickjs versions 2>said; then
        fault "$1: was unpacked."
    fi
    says said "$3" || fault "$1: said \"$(cat said)\", not \"$3\"."
    [ "$(cd out && echo *) $(ls -A out/quickjs)" = "quickjs before" ] || fault "$1: left something behind."
}

mkdir -p out/quickjs
touch out/quickjs/before

state good.tar.gz
is_refused "no archive" missing.tar.gz "is no file that can be read"
is_refused "a folder" out "is no file that can be read"
head -c 100000 good.tar.gz >short.tar.gz
is_refused "a cut archive" short.tar.gz "is not the archive of QuickJS-NG $version: its SHA-256 is"
state short.tar.gz
is_refused "a cut archive with a right hash" short.tar.gz "is damaged"
head -c 100000 /dev/zero >zeros.tar.gz
state zeros.tar.gz
is_refused "something else" zeros.tar.gz "quickjs.c in its folder"
mkdir other
echo >other/engine.c
tar -czf other.tar.gz other
state other.tar.gz
is_refused "another program" other.tar.gz "holds no quickjs.c"
mkdir linked
ln -s /etc/passwd linked/quickjs.c
tar -czf linked.tar.gz linked
state linked.tar.gz
is_refused "a link in place of a source" linked.tar.gz "holds no quickjs.c"
for path in ../escaped.h /tmp/escaped.h "quickjs-$version/../../escaped.h"; do
    tar -cPzf outside.tar.gz "quickjs-$version" --transform "s|^quickjs-$version/dtoa.h\$|$path|"
    state outside.tar.gz
    is_refused "a name outside ($path)" outside.tar.gz "names files outside of itself ($path)"
done
printf 'version %s\n' "$version" >versions
is_refused "no hash" good.tar.gz "states no SHA-256 for the archive of QuickJS-NG $version"
printf 'version %s\nsha256 0123\n' "$version" >versions
is_refused "half a hash" good.tar.gz "states no SHA-256"
rm versions
is_refused "no version file" good.tar.gz "There is no version file"

state good.tar.gz
"$here/unpack.sh" good.tar.gz out/quickjs versions || fault "The right archive was refused."
rm "quickjs-$version/link.h"
diff -r -x .archive -x tests "quickjs-$version" out/quickjs || fault "What was unpacked differs (>)."
[ "$(ls -A out)" = quickjs ] || fault "Unpacking left $(ls -A out)."
echo "// changed" >>out/quickjs/quickjs.h
"$here/unpack.sh" good.tar.gz out/quickjs versions
says out/quickjs/quickjs.h "// changed" || fault "What was there already was unpacked again."

# --- Where the sources come from ---

# Scripts of their own, with a version file that states the archive from above.
mkdir -p scripts
cp "$here/fetch.sh" "$here/unpack.sh" scripts
cp versions scripts/VERSION
sed -i '/^#/d' scripts/VERSION

fetch() { env "$@" scripts/fetch.sh "$tree/deps" "$tree/log" 2>said; }

mkdir deps named
cp -r "quickjs-$version" deps/quickjs-ng
echo "// from elsewhere" >>deps/quickjs-ng/quickjs.h
fetch || fault "What is there was not enough: $(cat said)"
says deps/quickjs-ng/quickjs.h "// from elsewhere" || fault "What is there was replaced without need."

if fetch CURFEW_QUICKJS_DIR="$tree/named"; then fault "A folder without sources was taken."; fi
says said "no quickjs.c" || fault "A folder without sources: said $(cat said)"
cp "quickjs-$version"/quickjs.[ch] named
sed -i 's/^#define QJS_VERSION_MINOR .*/#define QJS_VERSION_MINOR 99/' named/quickjs.h
cp good.tar.gz "deps/quickjs-$version.tar.gz"
fetch CURFEW_QUICKJS_DIR="$tree/named" CURFEW_QUICKJS_ARCHIVE="$tree/good.tar.gz" || fault "A named folder: $(cat said)"
says said "holds QuickJS-NG 0.99.0; Curfew is tested with $version" || fault "Another version was taken in silence."
says deps/quickjs-ng/quickjs.h "// from elsewhere" || fault "An archive was preferred to a named folder."

if fetch CURFEW_QUICKJS_ARCHIVE="$tree/other.tar.gz"; then fault "A wrong archive was taken."; fi
says said "is not the archive of QuickJS-NG $version" || fault "A wrong archive: said $(cat said)"
fetch || fault "An archive beside the sources was refused: $(cat said)"
! says deps/quickjs-ng/quickjs.h "// from elsewhere" || fault "The archive was not preferred to what was there."
[ ! -s said ] || fault "The tested version: said $(cat said)"

# --- Sources ---

mkdir project
ln -s "$here/../../../../src" project/src
cat >project/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(sources LANGUAGES C)
include("$here/source.cmake")
message(STATUS "found \${curfew_quickjs_version}")
END

# configure OPTION: whether the sources that the option names would be built; what was said is in the file `said`.
configure() { "$cmake" -S project -B build "$@" >said 2>&1; }

configure "-DCURFEW_QUICKJS_DIR=$tree/quickjs-$version" || fault "The tested version was refused: $(cat said)"
says said "found $version" || fault "The version was not read: $(cat said)"
! says said "Curfew is tested with" || fault "The tested version was called another."

cp -r "quickjs-$version" newer
sed -i 's/^#define QJS_VERSION_MINOR .*/#define QJS_VERSION_MINOR 99/' newer/quickjs.h
configure "-DCURFEW_QUICKJS_DIR=$tree/newer" || fault "A version with the same private parts was refused: $(cat said)"
says said "Curfew is tested with QuickJS-NG $version; this is 0.99.0." || fault "Another version was passed over in silence."

# is_different NAME FILE SED TEXT: with this change the sources are refused; the version that is wanted and the text are named.
is_different() {
    rm -rf changed
    cp -r newer changed
    sed -i "$3" "changed/$2"
    ! cmp -s "newer/$2" "changed/$2" || fault "$1: nothing was changed."
    if configure "-DCURFEW_QUICKJS_DIR=$tree/changed"; then fault "$1: was not seen."; fi
    says said "Curfew wants QuickJS-NG $version." || fault "$1: the wanted version is not named: $(cat said)"
    says said "those of version 0.99.0" || fault "$1: the version that is there is not named."
    says said "$4" || fault "$1: said $(cat said)"
}

is_different "a member that moved" quickjs.c 's/^    uint8_t detached;$/    uint8_t added; uint8_t detached;/' \
    "JSArrayBuffer.detached is not what it is in QuickJS-NG $version"
is_different "a member of another type" quickjs.c 's/^    size_t malloc_size;$/    long long malloc_size;/' \
    "JSMallocState.malloc_size is not"
is_different "a member that is gone" quickjs.c 's/^    bool track_rab;/    bool tracks;/' "track_rab"
is_different "a structure that grew" quickjs.c 's/^    JSString \*bytecode; .*/&\n    void *added;/' "JSRegExp is not"
is_different "another order of states" quickjs.c 's/^    JS_MODULE_STATUS_LINKING,/    JS_MODULE_STATUS_NEW,\n&/' \
    "JSModuleStatus is not"
is_different "a function with another parameter" quickjs.c \
    's/^static int js_resolve_module(JSContext \*ctx, JSModuleDef \*m)/static int js_resolve_module(JSContext *ctx, JSModuleDef *m, int n)/' \
    "js_resolve_module"

# The archive as CMake takes it.
if configure -DCURFEW_QUICKJS_DIR= "-DCURFEW_QUICKJS_ARCHIVE=$tree/other.tar.gz"; then fault "A wrong archive was taken."; fi
says said "is not the archive of QuickJS-NG $version" || fault "A wrong archive: said $(cat said)"
if configure -DCURFEW_QUICKJS_ARCHIVE= "-DCURFEW_QUICKJS_DIR=$tree/other"; then fault "An empty folder was taken."; fi
says said "No quickjs.c in $tree/other" || fault "An empty folder: said $(cat said)"

if [ "$faults" -gt 0 ]; then
    echo "$faults faults."
    exit 1
fi
