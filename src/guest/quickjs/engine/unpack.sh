#!/bin/bash
# unpack.sh ARCHIVE FOLDER [VERSION_FILE]: unpacks the sources in an archive of QuickJS-NG into FOLDER, if the archive is
# the one whose SHA-256 the version file (by default the one beside this script) states. What was in FOLDER goes.
#
# FOLDER is either as it was, or holds all sources: they are unpacked beside it, and take its name when all is well. Which
# archive they are of is noted in FOLDER/.archive; if it is this one, there is nothing to do.
set -euo pipefail

archive=$1
folder=$2
version_file=${3:-$(dirname "${BASH_SOURCE[0]}")/VERSION}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

wanted() { sed -n "s/^$1 \{1,\}//p" "$version_file"; }

[ -r "$version_file" ] || fail "There is no version file $version_file."
version=$(wanted version)
sha256=$(wanted sha256)
[ -n "$version" ] || fail "$version_file states no version."
[[ $sha256 =~ ^[0-9a-f]{64}$ ]] ||
    fail "$version_file states no SHA-256 for the archive of QuickJS-NG $version, so no archive can be trusted." \
        "Name a folder with the sources instead (CURFEW_QUICKJS_DIR)."
if [ ! -f "$archive" ] || [ ! -r "$archive" ]; then
    fail "The archive $archive is no file that can be read."
fi

if [ -e "$folder/quickjs.c" ] && [ "$(cat "$folder/.archive" 2>/dev/null)" = "$sha256" ]; then
    exit 0
fi

mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What is checked is what is unpacked, also if somebody writes to the file meanwhile.
cp -- "$archive" "$work/archive"
found=$(sha256sum <"$work/archive" | cut -d' ' -f1)
[ "$found" = "$sha256" ] ||
    fail "$archive is not the archive of QuickJS-NG $version: its SHA-256 is $found, and has to be $sha256." \
        "It was cut short, or is another release or another kind of archive; see $version_file."

tar -tf "$work/archive" >"$work/names" 2>/dev/null ||
    fail "$archive is damaged: it cannot be read as a tar archive."
if grep -qE '^/|(^|/)\.\.(/|$)' "$work/names"; then
    fail "$archive names files outside of itself ($(grep -m 1 -E '^/|(^|/)\.\.(/|$)' "$work/names")); nothing was unpacked."
fi

# The sources lie in the archive's one folder. Links are no sources.
mkdir "$work/sources"
grep -E '^[^/]+/[A-Za-z0-9_.-]+\.[ch]$' "$work/names" >"$work/wanted" || true
if [ -s "$work/wanted" ]; then
    tar -xf "$work/archive" -C "$work/sources" --strip-components=1 --no-recursion --no-same-owner --no-same-permissions \
        --touch --verbatim-files-from --files-from="$work/wanted" 2>/dev/null ||
        fail "$archive is damaged: its sources cannot be unpacked."
fi
find "$work/sources" ! -type d ! -type f -delete
for source in quickjs.c quickjs.h libregexp.c libunicode.c dtoa.c; do
    [ -s "$work/sources/$source" ] || fail "$archive holds no $source in its folder, so it is not QuickJS-NG $version."
done

printf '%s\n' "$sha256" >"$work/sources/.archive"
[ ! -e "$folder" ] || mv "$folder" "$work/before"
mv "$work/sources" "$folder"
