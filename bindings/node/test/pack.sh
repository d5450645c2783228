#!/bin/bash
# pack.sh NPM NODE PACKAGE: packs the package, unpacks it where nothing else is, and uses both of its faces there.
set -euo pipefail
npm=$1 node=$2 package=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/home" "$work/node_modules"
(cd "$package" && HOME=$work/home "$npm" pack --offline --silent --pack-destination "$work" >/dev/null)
tar -xzf "$work"/curfew-*.tgz -C "$work/node_modules"
mv "$work/node_modules/package" "$work/node_modules/curfew"
cd "$work"
cat >try.mjs <<'END'
import { Sandbox } from 'curfew';
import { SandboxBuilder } from 'curfew/hyperlight';
const sandbox = await Sandbox.create();
const loader = await (await new SandboxBuilder().build()).loadRuntime();
loader.addHandler('add', 'function handler({ a, b }) { return a + b; }');
const loaded = await loader.getLoadedSandbox();
const adapters = await Promise.all(['tanstack', 'mastra', 'ai-sdk'].map((name) => import(`curfew/${name}`)));
if (adapters.flatMap((adapter) => [adapter.createDriver, adapter.createTransport, adapter.createExecutor]).filter(Boolean).length !== 3) throw new Error('an adapter is missing');
console.log(await sandbox.run('20 + 1') + await loaded.callHandler('add', { a: 20, b: 1 }));
END
cat >try.cjs <<'END'
const { Sandbox } = require('curfew');
const { SandboxBuilder } = require('curfew/hyperlight');
console.log(typeof Sandbox.create, typeof SandboxBuilder);
END
[ "$("$node" try.mjs)" = 42 ]
[ "$("$node" try.cjs)" = 'function function' ]
for file in LICENSE NOTICE README.md curfew.d.ts hyperlight/index.d.ts adapters/{shared,tanstack,mastra,ai-sdk}.d.ts; do
    [ -s "node_modules/curfew/$file" ] || { echo "the package lacks $file"; exit 1; }
done
