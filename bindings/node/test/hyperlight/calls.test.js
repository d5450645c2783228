// Calls: events, results, limits, kills, order, and the end of a sandbox.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { throwsWith, rejectsWith, runtime, loaded, kLoop, kEcho, kCount } = require('./helper.js');

test('events and results are values', async () => {
  const sandbox = await loaded({ echo: kEcho, nothing: 'function handler() { return null; }' });
  for (const value of [null, true, 0, -1.5, '', 'ä😊\u0000"', [], {}, { a: { b: [1, { c: null }] } }]) {
    assert.deepEqual(await sandbox.callHandler('echo', value), value);
  }
  assert.equal(await sandbox.callHandler('echo', undefined), null);
  assert.deepEqual(await sandbox.callHandler('echo', { a: undefined, b: 1 }), { b: 1 });
  assert.equal(await sandbox.callHandler('nothing', {}), null);
  const large = 'x'.repeat(1 << 20);
  assert.equal(await sandbox.callHandler('echo', large), large);
});

test('arguments are checked in their order, and change nothing', async () => {
  const sandbox = await loaded({ echo: kEcho });
  const circular = {};
  circular.self = circular;
  await rejectsWith('ERR_INVALID_ARG', sandbox.callHandler('', {}));
  await rejectsWith('ERR_INVALID_ARG', sandbox.callHandler('echo', circular));
  await rejectsWith('ERR_INVALID_ARG', sandbox.callHandler('echo', 1n));
  for (const name of ['wallClockTimeoutMs', 'cpuTimeoutMs']) {
    for (const wrong of [0, 0.5, NaN, -1, 3_600_001]) {
      await rejectsWith('ERR_INVALID_ARG', sandbox.callHandler('echo', {}, { [name]: wrong }));
    }
    for (const right of [null, undefined, 3_600_000, 60_000.7]) {
      assert.equal(await sandbox.callHandler('echo', 5, { [name]: right }), 5);
    }
  }
  for (const work of [() => sandbox.callHandler(1, {}), () => sandbox.callHandler('echo', {}, { cpuTimeoutMs: '1' }),
                      () => sandbox.callHandler('echo', {}, { gc: 1 })]) {
    await assert.rejects(work(), (error) => error instanceof TypeError && /Expected$/.test(error.code));
  }
  const before = sandbox.lastCallStats;
  await rejectsWith('ERR_INVALID_ARG', sandbox.callHandler('', {}));
  assert.deepEqual(sandbox.lastCallStats, before);
  assert.equal(await sandbox.callHandler('echo', 1, null), 1);
  assert.equal(await sandbox.callHandler('echo', 1, { gc: false }), 1);
});

test('a handler that throws, or is not there, poisons nothing', async () => {
  const sandbox = await loaded({ bad: 'function handler() { throw new TypeError("wrong"); }', echo: kEcho });
  assert.equal(sandbox.lastCallStats, null);
  await assert.rejects(sandbox.callHandler('bad', {}), (error) => {
    assert.equal(error.code, 'ERR_INTERNAL');
    assert.match(error.message, /wrong/);
    assert.match(error.guestStack, /bad\.js/);
    return true;
  });
  assert.equal(typeof sandbox.lastCallStats.wallClockMs, 'number');
  await rejectsWith('ERR_INTERNAL', sandbox.callHandler('nobody', {}));
  assert.equal(sandbox.poisoned, false);
  assert.equal(await sandbox.callHandler('echo', 1), 1);
});

for (const [limit, by] of [['wallClockTimeoutMs', 'wall-clock'], ['cpuTimeoutMs', 'cpu-time']]) {
  test(`${limit} ends a call`, async () => {
    const sandbox = await loaded({ loop: kLoop, count: kCount });
    await sandbox.callHandler('count', {});
    const snapshot = await sandbox.snapshot();
    await assert.rejects(sandbox.callHandler('loop', {}, { [limit]: 100 }), (error) => {
      assert.equal(error.code, 'ERR_CANCELLED');
      assert.equal(error.terminatedBy, by);
      return true;
    });
    assert.equal(sandbox.poisoned, true);
    assert.equal(sandbox.status, 'poisoned');
    const stats = sandbox.lastCallStats;
    assert.equal(stats.terminatedBy, by);
    assert.ok(stats.wallClockMs >= 95, JSON.stringify(stats));
    assert.ok(by !== 'cpu-time' || stats.cpuTimeMs >= 95, JSON.stringify(stats));
    await rejectsWith('ERR_POISONED', sandbox.callHandler('count', {}));
    await rejectsWith('ERR_POISONED', sandbox.snapshot());
    await sandbox.restore(snapshot);
    assert.equal(sandbox.poisoned, false);
    assert.equal(await sandbox.callHandler('count', {}), 2);
    assert.equal(sandbox.lastCallStats.terminatedBy, undefined);
  });
}

test('of two limits the first ends the call', async () => {
  const sandbox = await loaded({ sleeper: 'async function handler() { await new Promise((r) => setTimeout(r, 100000)); }' });
  await rejectsWith('ERR_CANCELLED', sandbox.callHandler('sleeper', {}, { wallClockTimeoutMs: 100, cpuTimeoutMs: 60_000 }));
  assert.equal(sandbox.lastCallStats.terminatedBy, 'wall-clock');
});

test('a kill ends the call that is running, and no other', async () => {
  const sandbox = await loaded({ loop: kLoop, echo: kEcho });
  const snapshot = await sandbox.snapshot();
  const handle = sandbox.interruptHandle;
  assert.equal(handle.kill(), undefined);
  assert.equal(await sandbox.callHandler('echo', 1), 1);

  let call = sandbox.callHandler('loop', {});
  setTimeout(() => handle.kill(), 30);
  await assert.rejects(call, (error) => error.code === 'ERR_CANCELLED' && error.terminatedBy === 'kill');
  assert.equal(sandbox.poisoned, true);
  assert.ok(!('terminatedBy' in sandbox.lastCallStats));
  await sandbox.restore(snapshot);

  // At once, before any other thread has begun with it.
  call = sandbox.callHandler('loop', {});
  const next = sandbox.callHandler('echo', 2);
  handle.kill();
  await rejectsWith('ERR_CANCELLED', call);
  await rejectsWith('ERR_POISONED', next);
  await sandbox.restore(snapshot);
  assert.equal(await sandbox.callHandler('echo', 3), 3);
});

test('calls wait for each other', async () => {
  const sandbox = await loaded({ count: kCount });
  const calls = Array.from({ length: 20 }, () => sandbox.callHandler('count', {}));
  assert.deepEqual(await Promise.all(calls), Array.from({ length: 20 }, (_, i) => i + 1));
});

test('the event loop is free meanwhile', async () => {
  const sandbox = await loaded({ loop: kLoop });
  let ticks = 0;
  const timer = setInterval(() => ++ticks, 5);
  await rejectsWith('ERR_CANCELLED', sandbox.callHandler('loop', {}, { wallClockTimeoutMs: 400 }));
  clearInterval(timer);
  assert.ok(ticks >= 2, String(ticks));
});

test('unload gives a sandbox without handlers', async () => {
  const sandbox = await loaded({ count: kCount, loop: kLoop });
  await sandbox.callHandler('count', {});
  const bare = await sandbox.unload();
  await rejectsWith('ERR_CONSUMED', sandbox.unload());
  await rejectsWith('ERR_CONSUMED', sandbox.callHandler('count', {}));
  for (const getter of ['poisoned', 'status', 'interruptHandle', 'lastCallStats']) {
    throwsWith('ERR_CONSUMED', () => sandbox[getter]);
  }
  bare.addHandler('count', kCount);
  const again = await bare.getLoadedSandbox();
  assert.equal(await again.callHandler('count', {}), 1);
  await rejectsWith('ERR_INTERNAL', again.callHandler('loop', {}));
});

test('unload works when poisoned', async () => {
  const sandbox = await loaded({ loop: kLoop });
  await rejectsWith('ERR_CANCELLED', sandbox.callHandler('loop', {}, { wallClockTimeoutMs: 20 }));
  const bare = await sandbox.unload();
  assert.equal(bare.poisoned, false);
  bare.addHandler('echo', kEcho);
  assert.equal(await (await bare.getLoadedSandbox()).callHandler('echo', 1), 1);
});

test('a sandbox before loading is disposed of', async () => {
  const sandbox = await runtime();
  assert.equal(sandbox.dispose(), undefined);
  sandbox.dispose();
  throwsWith('ERR_CONSUMED', () => sandbox.addHandler('a', kEcho));
  throwsWith('ERR_CONSUMED', () => sandbox.removeHandler('a'));
  throwsWith('ERR_CONSUMED', () => sandbox.clearHandlers());
  throwsWith('ERR_CONSUMED', () => sandbox.poisoned);
  throwsWith('ERR_CONSUMED', () => sandbox.status);
  await rejectsWith('ERR_CONSUMED', sandbox.getLoadedSandbox());
});

test('a loaded sandbox is disposed of when its calls are over', async () => {
  const sandbox = await loaded({ slow: 'async function handler(e) { await new Promise((r) => setTimeout(r, 50)); return e; }' });
  const call = sandbox.callHandler('slow', 7);
  const queued = sandbox.callHandler('slow', 8);
  await sandbox.dispose();
  await sandbox.dispose();
  assert.equal(await call, 7);
  assert.equal(await queued, 8);
  for (const getter of ['poisoned', 'interruptHandle', 'lastCallStats']) throwsWith('ERR_CONSUMED', () => sandbox[getter]);
  await rejectsWith('ERR_CONSUMED', sandbox.callHandler('slow', 1));
  await rejectsWith('ERR_CONSUMED', sandbox.snapshot());
  await rejectsWith('ERR_CONSUMED', sandbox.unload());
});

test('many sandboxes at once do not meet', async () => {
  const sandboxes = await Promise.all(Array.from({ length: 16 }, () => loaded({ count: kCount })));
  for (let round = 1; round <= 3; ++round) {
    const counts = await Promise.all(sandboxes.map((sandbox) => sandbox.callHandler('count', {})));
    assert.ok(counts.every((count) => count === round));
  }
  await Promise.all(sandboxes.map((sandbox) => sandbox.dispose()));
  await sleep(0);
});
