#!/bin/bash
# compare.sh NPM NODE PACKAGE [ROUNDS]: the npm package beside isolated-vm, quickjs-emscripten and run, which npm fetches into a folder
# that is removed afterwards; then what 100,000 sandboxes leave behind. ./dev node compare starts it. Some ten minutes.
set -euo pipefail
npm=$1 node=$2 CURFEW_PACKAGE=$(realpath "$3") rounds=${4:-1000}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$(dirname "$node"):$PATH
export CURFEW_PACKAGE PATH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/{compare,measure,runaways,subjects}.mjs "$work"
cd "$work"
echo '{"private":true,"type":"module"}' >package.json
"$npm" install --no-audit --no-fund --loglevel=error isolated-vm@7.0.1 quickjs-emscripten@0.32.0 run@2.1.5 >/dev/null
"$node" compare.mjs "$rounds"
echo
"$node" --expose-gc "$here/memory.mjs" "$CURFEW_PACKAGE" "${CURFEW_SANDBOXES:-100000}"
