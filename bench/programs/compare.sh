#!/bin/bash
# compare.sh [ROUNDS]: a program of ten lines, from its text to its result in a clean state, beside others that npm has: `run`, isolated-vm
# with a new context, and quickjs-emscripten with a new context. They are fetched into a temporary folder, by npm's own client.
#
# Curfew's own figure is that of `curfew bench --only program`, of the build in build/release. Wants a Node.js that isolated-vm has a
# binary for (22 or newer), the one in .deps/node say.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
rounds=${1:-200}
[ ! -x "$root/.deps/node/bin/node" ] || export PATH="$root/.deps/node/bin:$PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/compare.mjs" "$work"
cd "$work"
echo '{"type":"module"}' >package.json
npm --loglevel=error --no-audit --no-fund install run@2.1.5 isolated-vm@7.0.1 quickjs-emscripten@0.32.0 >/dev/null
node --no-node-snapshot compare.mjs "$rounds"
"$root/build/release/curfew" bench --only program
