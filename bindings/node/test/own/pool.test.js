// Pools.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Pool, Sandbox, rejectsWith, kCount, kLoop } = require('./helper.js');

test('requests see themselves only', async () => {
  const pool = await Pool.create({ size: 3, handlers: { count: kCount }, tools: { f: (n) => n * 2 } });
  assert.equal(pool.size, 3);
  const counts = await Promise.all(Array.from({ length: 30 }, () => pool.call('count')));
  assert.ok(counts.every((count) => count === 1));
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map((n) => pool.run(`globalThis.left = (globalThis.left ?? 0) + 1; await tools.f(${n}) + left`))), [3, 5, 7, 9]);
  await pool.dispose();
});

test('one that was cut short comes back whole', async () => {
  const pool = await Pool.create({ size: 1, handlers: { loop: kLoop, count: kCount } });
  await rejectsWith('cancelled', pool.call('loop', null, { limits: { cpu: '20ms' } }), 'cpu-time');
  assert.equal(await pool.call('count'), 1);
  await pool.use(async (sandbox) => { await sandbox.call('count'); assert.equal(await sandbox.call('count'), 2); });
  await pool.use((sandbox) => sandbox.dispose());
  assert.equal(await pool.call('count'), 1);
  await pool.dispose();
});

test('requests wait, give up, and are refused at the end', async () => {
  const pool = await Pool.create({ size: 1, handlers: { loop: kLoop, count: kCount } });
  const ending = new AbortController();
  const running = pool.call('loop', null, { signal: ending.signal });
  const impatient = new AbortController();
  const waiting = pool.call('count', null, { signal: impatient.signal });
  const patient = pool.call('count');
  impatient.abort(new Error('no time'));
  await assert.rejects(waiting, /no time/);
  ending.abort(new Error('enough'));
  await assert.rejects(running, /enough/);
  assert.equal(await patient, 1);

  let last;
  await new Promise((begun) => {
    last = pool.use(() => {
      begun();
      return new Promise((resolve) => setTimeout(resolve, 20, 'last'));
    });
  });
  const refused = rejectsWith('consumed', pool.call('count'));
  await pool[Symbol.asyncDispose]();
  await refused;
  assert.equal(await last, 'last');
  await rejectsWith('consumed', pool.call('count'));
});

test('only so many requests wait, and only so long', async () => {
  const pool = await Pool.create({ size: 1, queue: 1, wait: '50ms', handlers: { count: kCount } });
  let free;
  const used = pool.use(() => new Promise((resolve) => { free = resolve; }));
  const waiting = rejectsWith('overloaded', pool.call('count'));
  await rejectsWith('overloaded', pool.call('count'));
  await waiting;
  free();
  await used;
  assert.equal(await pool.call('count'), 1);
  await pool.dispose();
  for (const options of [{ queue: -1 }, { queue: 'x' }, { wait: 0 }, { wait: 'soon' }]) await assert.rejects(Pool.create(options), TypeError);
});

test('from a snapshot', async () => {
  const sandbox = await Sandbox.create({ handlers: { count: kCount } });
  await sandbox.call('count');
  const snapshot = await sandbox.snapshot();
  await sandbox.dispose();
  const pool = await Pool.create({ snapshot, size: 2 });
  assert.deepEqual(await Promise.all([pool.call('count'), pool.call('count'), pool.call('count')]), [2, 2, 2]);
  await pool.dispose();
  await assert.rejects(Pool.create({ size: 0 }), TypeError);
  await assert.rejects(Pool.create({ snapshot: 1 }), TypeError);
});
