// Tools: functions of the program that guests can call.
'use strict';

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { Sandbox, blocking, toolSignal, rejectsWith, kEcho } = require('./helper.js');

test('run side by side', async () => {
  let open = 0;
  let most = 0;
  const wait = async (value) => {
    most = Math.max(most, ++open);
    await sleep(30);
    --open;
    return value;
  };
  const sandbox = await Sandbox.create({ tools: { wait } });
  assert.deepEqual(await sandbox.run('await Promise.all([1, 2, 3].map((n) => tools.wait(n)))'), [1, 2, 3]);
  assert.equal(most, 3);
});

test('are global, and modules', async () => {
  const sandbox = await Sandbox.create({
    tools: { add: (a, b) => a + b, 'odd-name': () => 'odd', text: { upper: (t) => t.toUpperCase() } },
    handlers: { main: "import { add } from 'host:tools'; export const handler = async (e) => [await add(e, 1), await tools.text.upper('x'), await tools['odd-name'](), Object.isFrozen(tools)];" },
  });
  assert.deepEqual(await sandbox.call('main', 1), [2, 'X', 'odd', true]);
});

test('arguments and results', async () => {
  const seen = [];
  const sandbox = await Sandbox.create({ tools: { take: (...args) => { seen.push(...args); return new Uint8Array([1, 2]); }, nothing: () => {} } });
  assert.deepEqual(await sandbox.run(`const bytes = await tools.take(1, { a: [null] }, new Uint8Array([9]), undefined);
    [bytes instanceof Uint8Array, Array.from(bytes), await tools.nothing()]`), [true, [1, 2], undefined]);
  assert.deepEqual(seen, [1, { a: [null] }, new Uint8Array([9]), undefined]);
});

test('bytes inside of arrays and objects', async () => {
  let seen;
  const sandbox = await Sandbox.create({ tools: { f: async (value) => { seen = value; return { bytes: new Uint8Array([4]) }; } } });
  assert.deepEqual(await sandbox.run('Array.from((await tools.f({ bytes: new Uint8Array([1, 2]) })).bytes)'), [4]);
  assert.deepEqual(seen, { bytes: new Uint8Array([1, 2]) });
});

test('errors reach the guest', async () => {
  const sandbox = await Sandbox.create({ tools: { bad: async () => { throw new TypeError('wrong city'); }, sync: () => { throw new Error('at once'); } } });
  assert.deepEqual(await sandbox.run(`const caught = [];
    for (const name of ['bad', 'sync']) { try { await tools[name](); } catch (error) { caught.push([error instanceof Error, error.message]); } }
    caught`), [[true, 'wrong city'], [true, 'at once']]);
  await assert.rejects(sandbox.run('await tools.bad()'), (error) => {
    assert.match(error.message, /wrong city/);
    assert.ok(error.cause instanceof TypeError);
    return true;
  });
  await assert.rejects(sandbox.run('await tools.bad().catch(() => {}); throw new Error("other")'), (error) => error.cause === undefined);
  assert.equal(sandbox.poisoned, false);
});

test('that block give their results at once', async () => {
  const sandbox = await Sandbox.create({ tools: { now: blocking(() => 5), later: blocking(() => sleep(5, 6)) } });
  assert.deepEqual(await sandbox.run('[tools.now(), tools.later()]'), [5, 6]);
  assert.throws(() => blocking(1), TypeError);
});

test('cannot use the sandbox that called them', async () => {
  let sandbox;
  let code;
  const other = await Sandbox.create({ handlers: { echo: kEcho } });
  sandbox = await Sandbox.create({
    handlers: { echo: kEcho },
    tools: { f: async () => { await sandbox.call('echo', 1).catch((error) => { code = error.code; }); return other.call('echo', 2); } },
  });
  assert.equal(await sandbox.run('await tools.f()'), 2);
  assert.equal(code, 'reentrant');
  assert.equal(await sandbox.call('echo', 3), 3);
});

test('see the caller\'s asynchronous context', async () => {
  const storage = new AsyncLocalStorage();
  const sandbox = await Sandbox.create({ tools: { who: () => storage.getStore() } });
  const [a, b] = await Promise.all(['a', 'b'].map((name) => storage.run(name, () => sandbox.run('await tools.who()'))));
  assert.deepEqual([a, b], ['a', 'b']);
});

test('that never answer end with the call', async () => {
  const sandbox = await Sandbox.create({ tools: { never: () => new Promise(() => {}), block: blocking(() => new Promise(() => {})) } });
  const fresh = await sandbox.snapshot();
  for (const program of ['await tools.never()', 'tools.block()']) {
    await rejectsWith('cancelled', sandbox.run(program, { limits: { wall: '100ms' } }), 'wall-clock');
    await sandbox.restore(fresh);
  }
  assert.equal(await sandbox.run('1'), 1);
});

test('hear when their call is over', async () => {
  assert.equal(toolSignal(), undefined);
  const signals = {};
  const sandbox = await Sandbox.create({
    tools: {
      quick: () => { signals.quick = toolSignal(); return 1; },
      slow: async () => { await sleep(1); signals.slow = toolSignal(); await sleep(10_000, undefined, { signal: signals.slow, ref: false }); },
    },
  });
  assert.equal(await sandbox.run('await tools.quick()'), 1);
  await rejectsWith('cancelled', sandbox.run('await tools.slow()', { limits: { wall: '1s' } }), 'wall-clock');
  assert.equal(signals.quick.aborted, false);  // it had answered
  assert.equal(signals.slow.aborted, true);
  assert.match(signals.slow.reason.message, /is over/);
});

test('are counted', async () => {
  const sandbox = await Sandbox.create({ tools: { f: () => 1 } });
  await rejectsWith('cancelled', sandbox.run('for (let i = 0; i < 10; ++i) await tools.f()', { limits: { hostCalls: 5 } }), 'host-calls');
});
