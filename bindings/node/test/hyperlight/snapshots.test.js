// Snapshots, in memory and in folders, and what is made of them.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const { SandboxBuilder, HostFunctionModule, Snapshot, throwsWith, rejectsWith, runtime, loaded, kCount, kEcho } = require('./helper.js');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'curfew-hyperlight-'));
after(() => fs.rmSync(directory, { recursive: true, force: true }));

const kNext = "import { next } from 'host:state'; let n = 0; function handler() { return [++n, next()]; }";
const stateModule = (answer) => new HostFunctionModule('state').register('next', () => answer);

async function withState() {
  const builder = new SandboxBuilder().setHostFunctionModules(() => [stateModule('made')]);
  const sandbox = await runtime(builder);
  sandbox.addHandler('next', kNext);
  return sandbox.getLoadedSandbox();
}

test('a loaded sandbox goes back, as often as wanted', async () => {
  const sandbox = await loaded({ count: kCount });
  await sandbox.callHandler('count', {});
  const snapshot = await sandbox.snapshot();
  assert.equal(snapshot.kind, 'loadedJsSandbox');
  assert.deepEqual(snapshot.requirements, { hostFunctions: [], moduleLoader: 'unknown' });
  for (let i = 0; i < 3; ++i) {
    assert.equal(await sandbox.callHandler('count', {}), 2);
    await sandbox.restore(snapshot);
  }
  const other = await loaded({ anything: kEcho });
  await other.restore(snapshot);
  assert.equal(await other.callHandler('count', {}), 2);
});

test('a sandbox goes back before it is loaded', async () => {
  const sandbox = await runtime();
  sandbox.addHandler('count', kCount);
  const snapshot = await sandbox.snapshot();
  assert.equal(snapshot.kind, 'jsSandbox');
  sandbox.removeHandler('count');
  sandbox.addHandler('echo', kEcho);
  await sandbox.restore(snapshot);
  throwsWith('ERR_INTERNAL', () => sandbox.removeHandler('echo'));
  const ready = await sandbox.getLoadedSandbox();
  assert.equal(await ready.callHandler('count', {}), 1);
  await rejectsWith('ERR_INTERNAL', ready.restore(snapshot));
});

test('a sandbox is busy meanwhile', async () => {
  const sandbox = await runtime();
  sandbox.addHandler('count', kCount);
  const taken = sandbox.snapshot();
  for (const use of [() => sandbox.addHandler('a', kEcho), () => sandbox.removeHandler('count'), () => sandbox.clearHandlers(),
                     () => sandbox.clearModules(), () => sandbox.poisoned, () => sandbox.status, () => sandbox.dispose()]) {
    throwsWith('ERR_BUSY', use);
  }
  await rejectsWith('ERR_BUSY', sandbox.getLoadedSandbox());
  await rejectsWith('ERR_BUSY', sandbox.snapshot());
  const snapshot = await taken;
  const restored = sandbox.restore(snapshot);
  throwsWith('ERR_BUSY', () => sandbox.status);
  await restored;
  assert.equal(sandbox.status, 'ready');
});

test('snapshots are saved and loaded by tag and digest', async () => {
  const sandbox = await withState();
  await sandbox.callHandler('next', {});
  const snapshot = await sandbox.snapshot();
  const requirements = { hostFunctions: [{ module: 'host:state', functions: ['next'] }], moduleLoader: 'unknown' };
  assert.deepEqual(snapshot.requirements, requirements);
  const digest = await snapshot.save(directory, 'loaded');
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);

  for (const [load, name] of [['load', 'loaded'], ['load', digest], ['loadUnverified', 'loaded'], ['loadUnverified', digest]]) {
    const read = await Snapshot[load](directory, name);
    assert.equal(read.kind, 'loadedJsSandbox');
    assert.deepEqual(read.requirements, requirements);
    const restorer = await new SandboxBuilder().setHostFunctionModules(() => [stateModule('read')]).buildFromSnapshot(read);
    assert.equal(restorer.loadRuntime, undefined);
    assert.equal(restorer.kind, 'loadedJsSandbox');
    assert.deepEqual(restorer.requirements, requirements);
    const restored = await restorer.restoreLoadedSandbox();
    assert.deepEqual(await restored.callHandler('next', {}), [2, 'read']);
    await rejectsWith('ERR_CONSUMED', restorer.restoreLoadedSandbox());
  }
});

test('a restored sandbox is unloaded, and loaded with other handlers', async () => {
  const read = await (await withState()).snapshot();
  const restorer = await new SandboxBuilder().setHostFunctionModules(() => [stateModule(3)]).buildFromSnapshot(read);
  const bare = await (await restorer.restoreLoadedSandbox()).unload();
  bare.addHandler('other', "import { next } from 'host:state'; function handler() { return next(); }");
  assert.equal(await (await bare.getLoadedSandbox()).callHandler('other', {}), 3);
});

test('a sandbox before loading passes through a folder', async () => {
  const sandbox = await runtime();
  sandbox.addHandler('count', kCount);
  await (await sandbox.snapshot()).save(directory, 'unloaded');
  const read = await Snapshot.load(directory, 'unloaded');
  assert.equal(read.kind, 'jsSandbox');
  const restored = await (await new SandboxBuilder().buildFromSnapshot(read)).restoreJsSandbox();
  throwsWith('ERR_INTERNAL', () => restored.addHandler('count', kEcho));
  restored.addHandler('echo', kEcho);
  const ready = await restored.getLoadedSandbox();
  assert.equal(await ready.callHandler('count', {}), 1);
  assert.equal(await ready.callHandler('echo', 'e'), 'e');
});

test('what is not there, or of the other kind', async () => {
  await rejectsWith('ERR_INTERNAL', Snapshot.load(directory, 'nowhere'));
  await rejectsWith('ERR_INTERNAL', Snapshot.loadUnverified(path.join(directory, 'no', 'folder'), 'x'));
  await rejectsWith('ERR_INVALID_ARG', Snapshot.load('', 'x'));
  await rejectsWith('ERR_INVALID_ARG', Snapshot.load(directory, ''));
  const snapshot = await (await withState()).snapshot();
  const make = (modules) => new SandboxBuilder().setHostFunctionModules(() => modules).buildFromSnapshot(snapshot);
  await assert.rejects((await make([])).restoreLoadedSandbox(), /requires host module 'host:state'/);
  await assert.rejects((await make([new HostFunctionModule('state')])).restoreLoadedSandbox(), /'next' of host module 'host:state'/);
  await rejectsWith('ERR_INTERNAL', (await make([stateModule(1)])).restoreJsSandbox());
  await assert.rejects(new SandboxBuilder().buildFromSnapshot({}), TypeError);
});

test('a filter leaves out what the snapshot does not ask for', async () => {
  const snapshot = await (await withState()).snapshot();
  const more = () => [stateModule(1).register('more', () => 2), new HostFunctionModule('extra').register('f', () => 3)];
  for (const [filter, expected] of [['all', 'loads'], ['snapshotRequirements', 'fails']]) {
    const builder = new SandboxBuilder().setHostFunctionModules(more).setHostFunctionFilter(filter);
    const bare = await (await (await builder.buildFromSnapshot(snapshot)).restoreLoadedSandbox()).unload();
    bare.addHandler('extra', "import { f } from 'host:extra'; import { more } from 'host:state'; function handler() { return [f(), more()]; }");
    const ready = bare.getLoadedSandbox();
    if (expected === 'loads') {
      assert.deepEqual(await (await ready).callHandler('extra', {}), [3, 2]);
    } else {
      await rejectsWith('ERR_INTERNAL', ready);
    }
  }
});

test('a file that was altered is refused', async () => {
  const digest = await (await (await loaded({ count: kCount })).snapshot()).save(directory, 'altered');
  const file = path.join(directory, `${digest.slice('sha256:'.length)}.snapshot`);
  const bytes = fs.readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  fs.writeFileSync(file, bytes);
  await rejectsWith('ERR_INTERNAL', Snapshot.load(directory, 'altered'));
  await rejectsWith('ERR_INTERNAL', Snapshot.loadUnverified(directory, 'altered'));
});
