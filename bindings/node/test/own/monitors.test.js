// Monitors that are functions of the program.
'use strict';

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { Sandbox, deferred, rejectsWith, kLoop, kEcho } = require('./helper.js');

// Until the guest runs.
async function running(usage) {
  while (!(usage()?.cpuTimeMs > 0)) await sleep(5);
}

test('end what they watch, by their name', async () => {
  const seen = [];
  const sandbox = await Sandbox.create({ handlers: { loop: kLoop, echo: kEcho } });
  const fresh = await sandbox.snapshot();
  const patience = {
    name: 'patience',
    start({ handler, signal, usage }) {
      seen.push(handler, signal.aborted, usage());
      return running(usage);
    },
  };
  await rejectsWith('cancelled', sandbox.call('loop', null, { monitors: [patience] }), 'patience');
  assert.deepEqual(seen, ['loop', false, undefined]);
  assert.equal(sandbox.poisoned, true);
  await sandbox.restore(fresh);
  const never = { name: 'never', start: () => new Promise(() => {}) };
  assert.equal(await sandbox.call('echo', 1, { monitors: [never] }), 1);
});

test('are told when it is over', async () => {
  const signals = [];
  const monitor = { name: 'm', start: ({ signal, usage }) => { signals.push([signal, usage]); return new Promise(() => {}); } };
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho }, monitors: [monitor] });
  assert.equal(signals.length, 1);  // loading is an invocation, too
  await sandbox.call('echo', 1);
  await sandbox.run('1');
  assert.equal(signals.length, 3);
  assert.ok(signals.every(([signal, usage]) => signal.aborted && usage() === undefined));
});

test('that do not start keep it from running', async () => {
  const printed = [];
  const sandbox = await Sandbox.create({ console: (level, text) => printed.push(text) });
  const other = { name: 'other', start: ({ signal }) => { other.signal = signal; return new Promise(() => {}); } };
  for (const start of [() => { throw new RangeError('no quota'); }, () => 5, () => undefined]) {
    await assert.rejects(sandbox.run('console.log("ran")', { monitors: [other, { name: 'quota-of-mine', start }] }), (error) => {
      assert.equal(error.code, 'monitor_failed');
      assert.match(error.message, /^execution monitor "quota-of-mine" failed to start: (no quota|start\(\) returned no promise)$/);
      assert.ok(error.cause instanceof Error);
      return true;
    });
    assert.equal(other.signal.aborted, true);
  }
  assert.deepEqual(printed, []);
  assert.equal(sandbox.poisoned, false);
  assert.equal(await sandbox.run('2'), 2);
});

test('that fail later end it, and say why', async () => {
  const sandbox = await Sandbox.create({ handlers: { loop: kLoop } });
  await assert.rejects(sandbox.call('loop', 1, { monitors: [{ name: 'flaky', start: async ({ usage }) => { await running(usage); throw new Error('lost its database'); } }] }), (error) => {
    assert.equal(error.code, 'cancelled');
    assert.equal(error.terminatedBy, 'flaky');
    assert.match(error.message, /lost its database/);
    assert.equal(error.cause.message, 'lost its database');
    return true;
  });
});

test('one that is late changes nothing', async () => {
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho } });
  let fire;
  const monitor = { name: 'late', start: () => new Promise((resolve) => { fire = resolve; }) };
  assert.equal(await sandbox.call('echo', 1, { monitors: [monitor] }), 1);
  const next = sandbox.call('echo', 2);
  fire();
  assert.equal(await next, 2);
});

test('cannot use the sandbox that they watch, and see the caller\'s context', async () => {
  const storage = new AsyncLocalStorage();
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho } });
  let code;
  let who;
  const monitor = { name: 'm', start: () => {
    who = storage.getStore();
    return sandbox.call('echo', 1).catch((error) => { code = error.code; return new Promise(() => {}); });
  } };
  assert.equal(await storage.run('caller', () => sandbox.call('echo', 2, { monitors: [monitor] })), 2);
  assert.deepEqual([who, code], ['caller', 'reentrant']);
});

test('watch invocations that wait', async () => {
  const sandbox = await Sandbox.create({ tools: { ask: deferred }, handlers: { main: 'export const handler = async () => tools.ask();' } });
  let fire;
  let used;
  const monitor = { name: 'office-hours', start: ({ usage }) => new Promise((resolve) => { fire = resolve; used = usage; }) };
  const invocation = await sandbox.begin('main', null, { monitors: [monitor] });
  assert.equal(used().hostCalls, 1);
  fire();
  await rejectsWith('cancelled', invocation.result(), 'office-hours');
});

test('are checked', async () => {
  const sandbox = await Sandbox.create();
  const start = () => new Promise(() => {});
  for (const monitors of [1, [1], [{}], [{ name: 'a' }], [{ start }], [{ name: '', start }], [{ name: 'cpu-time', start }], [{ name: 'kill', start }]]) {
    await assert.rejects(sandbox.run('1', { monitors }), TypeError, JSON.stringify(monitors));
    await assert.rejects(Sandbox.create({ monitors }), TypeError);
  }
});
