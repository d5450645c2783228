// What errors say.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { Sandbox, Pool, Snapshot, CurfewError, kLoop, kEcho } = require('./helper.js');

const errorOf = async (promise) => {
  const error = await promise.then(() => undefined, (thrown) => thrown);
  assert.ok(error instanceof CurfewError, String(error));
  return error;
};

test('the stack begins where the guest threw', async () => {
  const sandbox = await Sandbox.create({ handlers: { greet: 'function check(name) {\n  if (!name) throw new TypeError("no name");\n}\nfunction handler({ name }) {\n  check(name);\n}' } });
  const error = await errorOf(sandbox.call('greet', {}));
  const [header, first, second] = error.stack.split('\n');
  assert.match(header, /^CurfewError: .*no name/);
  assert.match(first, /^ {4}at check \(greet\.js:2:\d+\)$/);
  assert.match(second, /^ {4}at handler \(greet\.js:5:\d+\)$/);
  assert.match(error.guestStack, /check \(greet\.js:2/);
  assert.equal(error.name, 'CurfewError');
  assert.equal(Object.hasOwn(error, 'name'), false);
});

test('what the guest threw, piece by piece', async () => {
  const sandbox = await Sandbox.create({ handlers: { main: 'function handler() {\n  throw Object.assign(new RangeError("far", { cause: new TypeError("why") }), { code: "E_FAR", at: new Date(5) });\n}' } });
  const error = await errorOf(sandbox.call('main'));
  assert.equal(error.guestName, 'RangeError');
  assert.deepEqual(error.guestFields, { code: 'E_FAR', at: new Date(5) });
  assert.deepEqual([error.file, error.line], ['main.js', 2]);
  assert.match(error.sourceLine, /throw Object/);
  assert.ok(error.cause instanceof Error);
  assert.deepEqual([error.cause.name, error.cause.message], ['TypeError', 'why']);
  const many = await errorOf(sandbox.run('await Promise.any([Promise.reject(new Error("a")), Promise.reject(5)])'));
  assert.equal(many.guestName, 'AggregateError');
  assert.deepEqual(many.errors.map(({ message }) => message), ['a', '5']);
  const syntax = await errorOf(sandbox.run('const a = 1;\nconst b = ;'));
  assert.deepEqual([syntax.code, syntax.line], ['syntax_error', 2]);
});

test('usage, and who ended it', async () => {
  const sandbox = await Sandbox.create({ handlers: { loop: kLoop } });
  const error = await errorOf(sandbox.call('loop', 1, { limits: { cpu: '30ms' } }));
  assert.equal(error.terminatedBy, 'cpu-time');
  assert.ok(error.usage.cpuTimeMs >= 25);
  assert.deepEqual(error.usage, sandbox.usage);
});

test('signals are heard everywhere', async () => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'curfew-node-'));
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho } });
  const snapshot = await sandbox.snapshot();
  const pool = await Pool.create({ snapshot, size: 1 });
  for (const work of [() => sandbox.call('echo', 1, { signal }), () => sandbox.run('1', { signal }), () => sandbox.begin('echo', 1, { signal }),
                      () => sandbox.addHandler('more', kEcho, { signal }), () => sandbox.snapshot({ signal }), () => sandbox.restore(snapshot, { signal }),
                      () => Sandbox.create({ signal }), () => Sandbox.from(snapshot, { signal }), () => Pool.create({ signal }),
                      () => pool.call('echo', 1, { signal }), () => pool.run('1', { signal }), () => pool.use(() => 1, { signal }),
                      () => snapshot.save(folder, 'tag', { signal }), () => snapshot.saveFile(path.join(folder, 'file'), { signal }),
                      () => snapshot.toBuffer({ signal }), () => Snapshot.load(folder, 'tag', { signal }), () => Snapshot.loadFile(folder, { signal }),
                      () => Snapshot.fromBuffer(Buffer.alloc(1), { signal })]) {
    await assert.rejects(work(), reason, String(work));
  }
  for (const work of [() => sandbox.call('echo', 1, { signal: 1 }), () => sandbox.snapshot({ signal: {} }), () => sandbox.restore(snapshot, { signal: null }),
                      () => snapshot.save(folder, 'tag', { signal: 1 })]) {
    await assert.rejects(work(), TypeError, String(work));
  }
  assert.equal(await sandbox.call('echo', 1), 1);
  await pool.dispose();
  fs.rmSync(folder, { recursive: true, force: true });
});
