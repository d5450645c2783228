#!/bin/bash
# fetch.sh FOLDER LOG: sees to it that the sources of QuickJS-NG are there, in FOLDER/quickjs-ng unless they are elsewhere.
# What the commands that it runs have to say goes to the file LOG.
#
# In this order: the folder that CURFEW_QUICKJS_DIR names; the source archive of the release that is tested, which
# CURFEW_QUICKJS_ARCHIVE names or which lies in FOLDER; Debian's package qjs-src.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deps=$1
log=$2
version=$(sed -n 's/^version //p' "$here/VERSION")

say() { printf 'dev: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Runs a command with its output in the log; shows the log's end if it fails.
logged() {
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        say "This failed: $*"
        tail -n 15 "$log" >&2
        say "All of its output is in $log."
        return 1
    fi
}

# --- The release's archive ---

# Prints the archive's path, if there is one: it has the name that its server, or the person who saved it, gave it.
find_archive() {
    local name
    if [ -n "${CURFEW_QUICKJS_ARCHIVE:-}" ]; then
        printf '%s\n' "$CURFEW_QUICKJS_ARCHIVE"
        return
    fi
    for name in "quickjs-$version" "quickjs-ng-$version" "v$version"; do
        [ ! -e "$deps/$name.tar.gz" ] || { printf '%s\n' "$deps/$name.tar.gz"; return; }
    done
}

# --- Debian's package ---

# Prints "URI|entry" of the Debian archive that apt is configured with; the entry is where that is written
# (/etc/apt/sources.list:LINE, or FILE.sources:STANZA).
debian_archive() {
    # Origin and label come from the archive's signed Release file. Without package lists there is none yet; then an
    # address that ends in /debian has to do.
    # The $(...) are apt's, not the shell's.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)|$(SOURCESENTRY)' 'Created-By: Packages' |
        awk -F'|' '
            $3 != "main" { next }
            $1 == "Debian" && $2 == "Debian" && best == "" { best = $4 "|" $5 }
            $1 !~ /^[A-Z]/ && $4 ~ /\/debian\/?$/ && guess == "" { guess = $4 "|" $5 }
            END { print (best != "" ? best : guess) }'
}

# Prints the key files that apt's entry for that archive names, if it names any.
entry_keys() {
    local file=${1%:*} number=${1##*:}
    [ -r "$file" ] || return 0
    case $file in
        *.sources)
            awk -v wanted="$number" '
                /^[[:space:]]*$/ { if (filled) stanza++; filled = 0; next }
                /^#/ { next }
                { filled = 1; if (stanza + 1 == wanted && tolower($1) == "signed-by:") { $1 = ""; print } }' "$file" ;;
        *)
            sed -n "${number}{s/.*[[ ]signed-by=\([^] ]*\).*/\1/p}" "$file" ;;
    esac | tr -s ', \t' '\n' | grep '^/' || true
}

# Leaves the package's file in the folder $1, from the suite after the stable one, or from wherever apt finds it.
download_qjs_src() {
    local folder=$1 archive keys options
    if apt-cache show qjs-src >/dev/null 2>&1; then
        (cd "$folder" && logged apt-get download qjs-src) && return
    fi

    archive=$(debian_archive)
    [ -n "$archive" ] || fail "apt is not configured with a Debian archive, where qjs-src would be found." \
        "Get QuickJS-NG $version's source, and name its folder with CURFEW_QUICKJS_DIR=FOLDER ./dev ..."
    keys=$({ entry_keys "${archive#*|}"; ls /usr/share/keyrings/debian-archive-keyring.gpg 2>/dev/null; } | sort -u | paste -sd,)

    # A second apt configuration: the same mirror with another suite, and everything that apt writes in this folder.
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    printf 'deb [%s] %s testing main\n' "${keys:+signed-by=$keys}" "${archive%%|*}" | sed 's/ \[\]//' >"$folder/testing.list"
    options=(
        -o "Dir::Etc::sourcelist=$folder/testing.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
        -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o Dir::State::status=/dev/null
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::Packages::KeepCompressed=true
        -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
        # The folder may not be readable to apt's own user; the signature is checked all the same.
        -o "APT::Sandbox::User=$(id -un)"
    )
    if ! logged apt-get "${options[@]}" update ||
        ! (cd "$folder" && logged apt-get "${options[@]}" download qjs-src); then
        fail "Could not fetch qjs-src from Debian's testing release (${archive%%|*}). Is the network there? Otherwise" \
            "get QuickJS-NG $version's source, and name its folder with CURFEW_QUICKJS_DIR=FOLDER ./dev ..."
    fi
}

fetch_from_debian() {
    local folder
    say "Fetching QuickJS-NG's source (the Debian package qjs-src, from the testing release) into .deps/."
    mkdir -p "$deps"
    folder=$(mktemp -d "$deps/fetch.XXXXXX")
    # The folder is known now; it has to be gone whichever way this script ends.
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
    download_qjs_src "$folder"
    dpkg-deb -x "$folder"/qjs-src_*.deb "$folder/package"
    [ -e "$folder/package/usr/src/quickjs-ng/quickjs.c" ] || fail "The package qjs-src holds no quickjs.c where it used to."
    rm -rf "$deps/quickjs-ng"
    mv "$folder/package/usr/src/quickjs-ng" "$deps/quickjs-ng"
}

# --- What is taken ---

version_in() {
    sed -n 's/^#define QJS_VERSION_\(MAJOR\|MINOR\|PATCH\) *\([0-9]*\).*/\2/p' "$1/quickjs.h" | paste -sd.
}

sources=$deps/quickjs-ng
archive=$(find_archive)
if [ -n "${CURFEW_QUICKJS_DIR:-}" ]; then
    sources=$CURFEW_QUICKJS_DIR
    [ -e "$sources/quickjs.c" ] || fail "CURFEW_QUICKJS_DIR names $sources, where no quickjs.c is."
elif [ -n "$archive" ]; then
    "$here/unpack.sh" "$archive" "$sources" || fail "QuickJS-NG's sources could not be taken from $archive."
elif [ ! -e "$sources/quickjs.c" ]; then
    if [ -e /usr/src/quickjs-ng/quickjs.c ]; then
        sources=/usr/src/quickjs-ng
    else
        fetch_from_debian
    fi
fi

found=$(version_in "$sources")
[ "$found" = "$version" ] ||
    say "Notice: $sources holds QuickJS-NG $found; Curfew is tested with $version. Run ./dev test."
