#!/bin/bash
# adapters.sh NPM NODE PACKAGE EXAMPLES: the adapters with the packages that they are for, which npm fetches into a folder that is removed
# afterwards: some 200 MB. So this is no part of the usual tests: `./dev node adapters` starts it.
set -euo pipefail
npm=$1 node=$2 package=$(realpath "$3") examples=$(realpath "$4")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$(dirname "$node"):$PATH
export PATH
faults=0

# try NAME EXPECTED NPM_PACKAGE...: the example with these packages.
try() {
    local name=$1 expected=$2
    shift 2
    mkdir -p "$work/$name/node_modules"
    cd "$work/$name"
    echo '{"private":true,"type":"module"}' >package.json
    "$npm" install --no-audit --no-fund --ignore-scripts --legacy-peer-deps --loglevel=error "$@" >/dev/null
    ln -s "$package" node_modules/curfew
    cp "$examples/$name.mjs" .
    if diff <(printf '%s' "$expected") <("$node" "$name.mjs" 2>&1 | sed -E 's/ends? code.*//; s/(monitor \\"[a-z-]*\\").*/\1/'); then
        echo "$name: as expected, with $*"
    else
        echo "$name: not as expected (<), with $*"
        faults=$((faults + 1))
    fi
}

limit='Handler \"program.js\" was ended by execution monitor \"cpu-time\"'
try tanstack 'true
{"success":true,"result":[4,6],"logs":["asked 2"]}
{"success":false,"error":{"message":"'"$limit"'
' @tanstack/ai-code-mode@0.3.4 @tanstack/ai@0.39.0 zod@4
try mastra 'true
{"success":true,"result":[4,6],"logs":["asked 2"]}
{"success":false,"logs":[],"error":{"message":"'"${limit/program.js/program.ts}"'
' @mastra/core@1.71.0 zod@4
try ai_sdk '{"result":[4,6],"logs":["asked 2"]}
{"error":"Error: no such city","logs":[]}
{"error":"'"$limit"'
' ai@7.0.173 zod@4

# createCodeTool of @cloudflare/codemode, which asks for a module of Cloudflare's when it is imported: nothing of it is used here.
cp "$examples/../../bindings/node/test/cloudflare.mjs" "$work/ai_sdk/"
cd "$work/ai_sdk"
"$npm" install --no-audit --no-fund --ignore-scripts --legacy-peer-deps --loglevel=error @cloudflare/codemode@0.5.6 >/dev/null
[ -e node_modules/curfew ] || ln -s "$package" node_modules/curfew
"$node" cloudflare.mjs || faults=$((faults + 1))
[ "$faults" = 0 ]
