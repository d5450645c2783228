// Sandboxes: programs, handlers, limits, signals, snapshots, and their end.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { Sandbox, Snapshot, CurfewError, limits, version, rejectsWith, kLoop, kEcho, kCount } = require('./helper.js');

test('ES modules have the same objects', async () => {
  const esm = await import(pathToFileURL(path.join(process.env.CURFEW_PACKAGE, 'curfew.mjs')));
  const cjs = require(process.env.CURFEW_PACKAGE);
  assert.deepEqual(Object.keys(esm).filter((name) => name !== 'default').sort(), Object.keys(cjs).sort());
  for (const [name, value] of Object.entries(cjs)) assert.equal(esm[name], value);
  assert.match(version, /^\d+\.\d+\.\d+$/);
});

test('programs', async () => {
  const sandbox = await Sandbox.create();
  assert.equal(await sandbox.run('1 + 2'), 3);
  assert.deepEqual(await sandbox.run('const a = await Promise.resolve([1]); return { a };'), { a: [1] });
  assert.equal(await sandbox.run('var kept = 5; kept'), 5);
  assert.equal(await sandbox.run('kept + 1'), 6);
  await assert.rejects(sandbox.run('nothing.there'), (error) => {
    assert.ok(error instanceof CurfewError && error instanceof Error);
    assert.equal(error.code, 'handler_error');
    assert.match(error.message, /nothing/);
    return true;
  });
  await rejectsWith('syntax_error', sandbox.run('1 +'));
  assert.equal(sandbox.poisoned, false);
});

test('programs in TypeScript', async () => {
  const sandbox = await Sandbox.create();
  const program = 'const add = (a: number, b: number): number => a + b;\nreturn add(1, 2);';
  assert.equal(await sandbox.run(program, { typescript: true }), 3);
  assert.equal(await (await sandbox.beginRun(program, { typescript: true })).result(), 3);
  await assert.rejects(sandbox.run('enum A { b }', { typescript: true }), /enum/);
  await assert.rejects(sandbox.run('1', { typescript: 1 }), TypeError);
});

test('handlers and modules', async () => {
  const sandbox = await Sandbox.create({
    handlers: { double: "import { twice } from 'user:math'; import { one } from 'lib:more'; export const handler = (n) => twice(n) + one;", echo: kEcho },
    modules: { math: 'export const twice = (n) => 2 * n;', 'lib:more': 'export const one = 1;' },
  });
  assert.equal(await sandbox.call('double', 4), 9);
  assert.deepEqual(await sandbox.call('echo', { a: [1, 'ä', null] }), { a: [1, 'ä', null] });
  assert.equal(await sandbox.call('echo'), undefined);
  await rejectsWith('invalid_argument', sandbox.call('nobody', 1));
  await rejectsWith('invalid_argument', sandbox.call('echo', () => 1));
  assert.ok(sandbox.usage.wallClockMs >= 0);
});

test('handlers that come later', async () => {
  const sandbox = await Sandbox.create();
  await sandbox.run('globalThis.base = 10; null');
  assert.equal(await sandbox.addHandler('add', 'const handler = (n) => base + n; export { handler };'), undefined);
  assert.equal(await sandbox.call('add', 1), 11);
  await rejectsWith('invalid_argument', sandbox.addHandler('add', kEcho));
  await rejectsWith('syntax_error', sandbox.addHandler('bad', '{'));
  await rejectsWith('cancelled', sandbox.addHandler('loop', 'for (;;) {}', { limits: { wall: '50ms' } }), 'wall-clock');
});

test('what does not load makes no sandbox', async () => {
  await rejectsWith('handler_error', Sandbox.create({ handlers: { a: 'throw new Error("no");' } }));
  await rejectsWith('syntax_error', Sandbox.create({ handlers: { a: '{' } }));
});

test('options are checked', async () => {
  for (const options of [1, null, { heep: 1 }, { heap: 'x' }, { heap: -1 }, { limits: { cpu: -1 } }, { limits: { cqu: 1 } },
                         { limits: { cpu: {} } }, { limits: { cpu: 'soon' } }, { tools: 1 }, { tools: { a: 1 } }, { handlers: { a: 1 } },
                         { engine: 'spidermonkey' }, { console: 1 }, { signal: {} }]) {
    await assert.rejects(Sandbox.create(options), TypeError, JSON.stringify(options));
  }
  const sandbox = await Sandbox.create({ heap: '8MiB', stack: 512 << 10, handlers: { echo: kEcho } });
  await assert.rejects(sandbox.call('echo', 1, { timeout: 5 }), /cannot have "timeout"; they can have limits/);
  await assert.rejects(sandbox.call(1), TypeError);
  await assert.rejects(sandbox.run(1), TypeError);
  await assert.rejects(sandbox.restore({}), TypeError);
  assert.throws(() => new Sandbox(), TypeError);
  assert.throws(() => new Snapshot(), TypeError);
  assert.equal(await sandbox.call('echo', 1, { limits: { wall: null, cpu: 'none', memory: Infinity } }), 1);
});

test('how far isolation goes, and what else a sandbox is made of', async () => {
  const sandbox = await Sandbox.create({ strict: true, isolation: { branchBarrier: 'none' }, spinning: true, jitless: false, openCalls: 2, tools: { never: () => new Promise(() => {}) } });
  const fresh = await sandbox.snapshot();
  assert.equal(await sandbox.run('1 + 1'), 2);
  await assert.rejects(sandbox.run('await Promise.all([1, 2, 3].map(() => tools.never()))'), /2/);
  await sandbox.restore(fresh);
  for (const options of [{ strict: 1 }, { isolation: 1 }, { isolation: { sideChannels: 'none' } }, { isolation: { walls: 'thick' } }, { openCalls: 0 }, { spinning: 'yes' },
                         { jitless: null }, { folder: 1 }, { folder: '/nowhere/at/all' }, { cgroup: 1 }, { cgroup: { cpus: 0 } }, { cgroup: { memory: 'x' } }, { cgroup: { swap: 1 } }]) {
    await assert.rejects(Sandbox.create(options), TypeError, JSON.stringify(options));
  }
});

test('files of a folder', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'curfew-node-'));
  fs.mkdirSync(path.join(folder, 'lib'));
  fs.writeFileSync(path.join(folder, 'lib', 'tax.js'), 'export const tax = (price) => price / 4;');
  const sandbox = await Sandbox.create({ folder, handlers: { main: "import { tax } from '/lib/tax.js'; export const handler = (price) => tax(price);" } });
  assert.equal(await sandbox.call('main', 8), 2);
  await assert.rejects(sandbox.run("await import('/lib/other.js')"), /other/);
  await assert.rejects(sandbox.run("await import('/etc/passwd')"));
  fs.rmSync(folder, { recursive: true });
});

test('limits end calls, and going back goes on', async () => {
  const sandbox = await Sandbox.create({ limits: { cpu: '100ms' }, handlers: { loop: kLoop, count: kCount } });
  const fresh = await sandbox.snapshot();
  await rejectsWith('cancelled', sandbox.call('loop'), 'cpu-time');
  assert.equal(sandbox.poisoned, true);
  assert.ok(sandbox.usage.cpuTimeMs >= 95);
  await rejectsWith('poisoned', sandbox.call('count'));
  await sandbox.restore(fresh);
  assert.equal(sandbox.poisoned, false);
  await rejectsWith('cancelled', sandbox.call('loop', null, { limits: { wall: 50, cpu: null } }), 'wall-clock');
  await sandbox.restore(fresh);
  await rejectsWith('cancelled', sandbox.call('loop', null, { limits: { deadline: new Date(Date.now() + 500), cpu: null } }), 'deadline');
  await sandbox.restore(fresh);
  await rejectsWith('cancelled', sandbox.run('const all = []; for (;;) all.push("x".repeat(1000) + all.length)', { limits: { memory: '2MiB', cpu: null } }), 'memory');
  await sandbox.restore(fresh);
  assert.equal(await sandbox.call('count'), 1);
  await rejectsWith('cancelled', Sandbox.create({ limits: { wall: '50ms' }, handlers: { a: 'for (;;) {}' } }), 'wall-clock');
});

test('the table of limits', () => {
  assert.deepEqual(limits.map(({ key }) => key), ['wall', 'cpu', 'memory', 'hostCalls', 'output', 'deadline']);
  const types = fs.readFileSync(path.join(process.env.CURFEW_PACKAGE, 'curfew.d.ts'), 'utf8');
  for (const { key } of limits) assert.match(types, new RegExp(`^  ${key}\\?:`, 'm'));
});

test('signals', async () => {
  const sandbox = await Sandbox.create({ handlers: { loop: kLoop, echo: kEcho } });
  const fresh = await sandbox.snapshot();
  const reason = new Error('enough');
  await assert.rejects(sandbox.call('echo', 1, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(await sandbox.call('echo', 2, { signal: new AbortController().signal }), 2);

  const running = new AbortController();
  const waiting = new AbortController();
  const first = sandbox.call('loop', 1, { signal: running.signal });
  const second = sandbox.call('echo', 3, { signal: waiting.signal });
  waiting.abort(reason);
  await assert.rejects(second, reason);
  running.abort(reason);
  await assert.rejects(first, reason);  // whether it had begun or not
  await sandbox.restore(fresh);
  await assert.rejects(sandbox.call('loop', 1, { signal: AbortSignal.timeout(50) }), (error) => error.name === 'TimeoutError');
  await sandbox.restore(fresh);
  assert.equal(await sandbox.call('echo', 4), 4);
  await assert.rejects(Sandbox.create({ signal: AbortSignal.timeout(100), handlers: { a: 'for (;;) {}' } }), (error) => error.name === 'TimeoutError');
});

test('a kill', async () => {
  const sandbox = await Sandbox.create({ handlers: { loop: kLoop } });
  sandbox.kill();
  const call = sandbox.call('loop');
  sandbox.kill();
  await assert.rejects(call, (error) => error.terminatedBy === 'kill' && ['cancelled', 'not_run'].includes(error.code));
});

test('snapshots', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'curfew-node-'));
  const sandbox = await Sandbox.create({ handlers: { count: kCount }, tools: { f: () => 1, group: { g: () => 2 } } });
  await sandbox.call('count');
  const snapshot = await sandbox.snapshot();
  assert.equal(snapshot.kind, 'loaded_sandbox');
  assert.deepEqual(snapshot.handlers, ['count']);
  assert.deepEqual(snapshot.requirements, { hostModules: [{ module: 'host:tools', functions: ['f'] }, { module: 'host:tools/group', functions: ['g'] }] });
  assert.ok(snapshot.size > 0);
  const digest = await snapshot.save(folder, 'one');
  const tools = { f: () => 10, group: { g: () => 20 } };
  for (const [name, options] of [['one', undefined], [digest, {}], ['one', { verify: false }]]) {
    const other = await Sandbox.from(await Snapshot.load(folder, name, options), { tools });
    assert.equal(await other.call('count'), 2);
    assert.equal(await other.run('await tools.f() + await tools.group.g()'), 30);
    await other.dispose();
  }
  await rejectsWith('invalid_argument', Sandbox.from(snapshot));
  await rejectsWith('invalid_argument', Snapshot.load(folder, 'none'));
  await assert.rejects(Sandbox.from(snapshot, { tools, handlers: { a: kEcho } }), TypeError);
  fs.rmSync(folder, { recursive: true });
});

test('what is printed', async () => {
  const printed = [];
  const sandbox = await Sandbox.create({ console: (level, text) => printed.push([level, text]) });
  await sandbox.run('console.log("a", 1); console.error("b"); print("c"); null');
  assert.deepEqual(printed, [['log', 'a 1\n'], ['error', 'b\n'], ['print', 'c']]);
});

test('disposal', async () => {
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho } });
  const call = sandbox.call('echo', 1);
  await sandbox[Symbol.asyncDispose]();
  await sandbox.dispose();
  assert.equal(await call, 1);
  assert.equal(sandbox.disposed, true);
  await rejectsWith('consumed', sandbox.call('echo', 1));
  await rejectsWith('consumed', sandbox.snapshot());
});
