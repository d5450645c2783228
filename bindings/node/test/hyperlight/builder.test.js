// Exports, builders, and the states that a sandbox goes through.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { api, folder, SandboxBuilder, throwsWith, rejectsWith, runtime, loaded, kEcho } = require('./helper.js');

test('ES modules have the same objects', async () => {
  const esm = await import(pathToFileURL(path.join(folder, 'lib.mjs')));
  for (const [name, value] of Object.entries(api)) assert.equal(esm[name], value, name);
  assert.equal(esm.default, api);
  assert.deepEqual(Object.keys(esm).filter((name) => name !== 'default').sort(), Object.keys(api).sort());
});

test('CommonJS has named exports for ES modules', async () => {
  const { SandboxBuilder: named, HostFunctionModule } = await import(pathToFileURL(path.join(folder, 'lib.js')));
  assert.equal(named, SandboxBuilder);
  assert.equal(HostFunctionModule, api.HostFunctionModule);
});

test('types say what programs look for', () => {
  const types = fs.readFileSync(path.join(folder, 'index.d.ts'), 'utf8');
  assert.ok(types.includes("setHostFunctionFilter(filter: 'all' | 'snapshotRequirements'): this"));
  assert.doesNotMatch(types, /JsHostFunction|\w*Wrapper\b/);
  for (const name of Object.keys(api)) assert.match(types, new RegExp(`\\b${name}\\b`));
});

test('constants', () => {
  assert.deepEqual(api.SandboxStatus, { Ready: 'ready', Poisoned: 'poisoned', Unrecoverable: 'unrecoverable' });
  assert.deepEqual(api.SnapshotRequirementStatus, { Unknown: 'unknown', Required: 'required', NotRequired: 'notRequired' });
});

const kSizes = ['setHeapSize', 'setScratchSize', 'setInputBufferSize', 'setOutputBufferSize'];

test('setters return the builder', () => {
  const builder = new SandboxBuilder();
  for (const name of kSizes) assert.equal(builder[name](8 << 20), builder);
  assert.equal(builder.setHostPrintFn(() => {}), builder);
  assert.equal(builder.setHostFunctionModules(() => []), builder);
  assert.equal(builder.setHostFunctionFilter('all'), builder);
});

test('sizes are numbers above zero', async () => {
  const builder = new SandboxBuilder();
  for (const name of kSizes) {
    for (const wrong of [0, 0.5, NaN]) throwsWith('ERR_INVALID_ARG', () => builder[name](wrong));
    assert.throws(() => builder[name]('1'), TypeError);
  }
  // Too small is raised, and -1 is very much.
  for (const name of kSizes) builder[name](1);
  const sandbox = await runtime(builder);
  sandbox.addHandler('echo', kEcho);
  assert.equal(await (await sandbox.getLoadedSandbox()).callHandler('echo', 1), 1);
});

test('a builder is consumed, but arguments are looked at first', async () => {
  const builder = new SandboxBuilder();
  await builder.build();
  for (const name of kSizes) {
    throwsWith('ERR_INVALID_ARG', () => builder[name](0));
    throwsWith('ERR_CONSUMED', () => builder[name](1 << 20));
  }
  throwsWith('ERR_CONSUMED', () => builder.setHostPrintFn(() => {}));
  throwsWith('ERR_CONSUMED', () => builder.setHostFunctionFilter('all'));
  throwsWith('ERR_INVALID_ARG', () => builder.setHostFunctionFilter('some'));
  assert.throws(() => builder.setHostPrintFn(1), (error) => error instanceof TypeError && error.code === undefined);
  await rejectsWith('ERR_CONSUMED', builder.build());
});

test('a filter of requirements needs a snapshot', async () => {
  await rejectsWith('ERR_INTERNAL', new SandboxBuilder().setHostFunctionFilter('snapshotRequirements').build());
});

test('the runtime is loaded once', async () => {
  const proto = await new SandboxBuilder().build();
  const module = proto.hostModule('m');
  await proto.loadRuntime();
  await rejectsWith('ERR_CONSUMED', proto.loadRuntime());
  throwsWith('ERR_CONSUMED', () => proto.hostModule('m'));
  throwsWith('ERR_INVALID_ARG', () => proto.hostModule(''));
  throwsWith('ERR_CONSUMED', () => module.register('f', () => {}));
  throwsWith('ERR_INVALID_ARG', () => module.register('', () => {}));
});

test('handlers are added and removed', async () => {
  const sandbox = await runtime();
  throwsWith('ERR_INVALID_ARG', () => sandbox.addHandler('', kEcho));
  sandbox.addHandler('a', kEcho);
  throwsWith('ERR_INTERNAL', () => sandbox.addHandler('a', kEcho));
  throwsWith('ERR_INVALID_ARG', () => sandbox.removeHandler(''));
  throwsWith('ERR_INTERNAL', () => sandbox.removeHandler('b'));
  sandbox.removeHandler('a');
  sandbox.addHandler('a', kEcho);
  sandbox.clearHandlers();
  sandbox.clearHandlers();
  assert.equal(sandbox.poisoned, false);
  assert.equal(sandbox.status, 'ready');
  await rejectsWith('ERR_INTERNAL', sandbox.getLoadedSandbox());
  // Consumed, although it failed.
  await rejectsWith('ERR_CONSUMED', sandbox.getLoadedSandbox());
  throwsWith('ERR_CONSUMED', () => sandbox.addHandler('a', kEcho));
  throwsWith('ERR_INVALID_ARG', () => sandbox.addHandler('', kEcho));
  throwsWith('ERR_CONSUMED', () => sandbox.poisoned);
});

test('what does not compile, or is not there, fails to load', async () => {
  for (const script of ['function handler( {', "import 'host:nowhere'; function handler() {}", 'export const a = 1;',
                        'throw new Error("no");']) {
    const sandbox = await runtime();
    sandbox.addHandler('bad', script);
    await rejectsWith('ERR_INTERNAL', sandbox.getLoadedSandbox());
  }
});

test('handlers with and without exports', async () => {
  const sandbox = await loaded({
    plain: 'function handler(event) { event.seen = true; return event; }',
    exported: 'export function handler(event) { return { ...event, exported: 1 }; }',
    brackets: 'const f = async (event) => event.a + 1;\nexport { f as handler };',
  });
  assert.deepEqual(await sandbox.callHandler('plain', { a: [1, 'x', null] }), { a: [1, 'x', null], seen: true });
  assert.deepEqual(await sandbox.callHandler('exported', {}), { exported: 1 });
  assert.equal(await sandbox.callHandler('brackets', { a: 1 }), 2);
});

test('what is printed is there before the call is over', async () => {
  const texts = [];
  const sandbox = await loaded({ p: 'function handler() { for (let i = 0; i < 50; ++i) console.log("line", i); print("end"); return 1; }' },
                               { set: (builder) => builder.setHostPrintFn(() => {}).setHostPrintFn((text) => texts.push(text)) });
  await sandbox.callHandler('p', {});
  assert.equal(texts.join(''), Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join('') + 'end');
});

test('what the print function throws reaches nobody', async (t) => {
  const reported = t.mock.method(console, 'error', () => {});
  const sandbox = await loaded({ p: 'function handler() { console.log("x"); return 1; }' },
                               { set: (builder) => builder.setHostPrintFn(() => { throw new Error('thrown'); }) });
  assert.equal(await sandbox.callHandler('p', {}), 1);
  assert.equal(reported.mock.calls.length, 1);
  assert.equal(reported.mock.calls[0].arguments[0], 'Host print callback threw:');
  assert.equal(reported.mock.calls[0].arguments[1].message, 'thrown');
});

test('nobody makes what is handed out', () => {
  for (const name of ['ProtoJSSandbox', 'JSSandbox', 'LoadedJSSandbox', 'Snapshot', 'InterruptHandle', 'HostModule', 'SandboxRestorer']) {
    assert.throws(() => new api[name](), TypeError);
  }
});
