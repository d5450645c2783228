#!/bin/bash
# fetch.sh FOLDER LOG: sees to it that the npm packages in PACKAGES are unpacked in FOLDER/packages/NAME, unless CURFEW_PACKAGES_DIR
# names a folder that has them. What the commands that it runs have to say goes to the file LOG.
#
# An archive is taken from FOLDER (NAME-VERSION.tgz, as npm pack names it), and else fetched by npm's own client, whose settings hold.
# Nothing is unpacked that has another hash than PACKAGES states. Ends with 3 if an archive is neither there nor can be fetched.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deps=$1
log=$2

say() { printf 'dev: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

[ -z "${CURFEW_PACKAGES_DIR:-}" ] || exit 0

# Unpacked is what has a note of the archive's hash beside it, which is written last.
is_there() { [ "$(cat "$deps/packages/$1/.archive" 2>/dev/null)" = "$2" ]; }

work=
cleanup() { [ -z "$work" ] || rm -rf "$work"; }
trap cleanup EXIT

while read -r name version integrity; do
    case $name in '' | '#'*) continue ;; esac
    ! is_there "$name" "$integrity" || continue
    file=${name#@}
    file=${file//\//-}-$version.tgz
    mkdir -p "$deps/packages"
    [ -n "$work" ] || work=$(mktemp -d "$deps/packages/fetch.XXXXXX")
    archive=$deps/$file
    if [ ! -e "$archive" ]; then
        archive=$work/$file
        if ! command -v npm >/dev/null ||
            ! (cd "$work" && npm --loglevel=error --update-notifier=false pack "$name@$version") >>"$log" 2>&1 </dev/null; then
            say "npm could not fetch $name $version; what it said is in $log. Put its archive, $file, into $deps."
            exit 3
        fi
    fi
    found=sha512-$(sha512sum <"$archive" | cut -d' ' -f1 | tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b' | base64 -w0)
    [ "$found" = "$integrity" ] ||
        fail "$archive is not the archive of $name $version: its hash is $found, and should be $integrity."
    rm -rf "$work/package"
    tar -xzf "$archive" -C "$work" --no-same-owner package || fail "$archive is damaged."
    printf '%s\n' "$integrity" >"$work/package/.archive"
    mkdir -p "$deps/packages/$(dirname "$name")"
    rm -rf "$deps/packages/${name:?}"
    mv "$work/package" "$deps/packages/$name"
done <"$here/PACKAGES"
