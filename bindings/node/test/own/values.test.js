// Values beyond JSON, in every direction.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const path = require('node:path');
const { Sandbox, CurfewError, deferred, rejectsWith, kEcho } = require('./helper.js');

const part = (name) => require(path.join(process.env.CURFEW_PACKAGE, 'lib', name));
const { encode } = part('cbor_write.js');
const { decode } = part('cbor_read.js');

const shared = { shared: true };
const kValues = [
  undefined, null, true, 0, -0, 1.5, NaN, -Infinity, -1, 2 ** 53 - 1, 2 ** 60, 'ä😊\u0000', 'x'.repeat(70_000), 0n, -1n, 2n ** 200n, -(2n ** 64n),
  [], {}, [1, [2, [undefined]]], { a: undefined, b: { c: [null] } }, new Date(1234567890123), /a+(b)/giu,
  new Uint8Array([1, 2]), new Uint8Array(), new Int8Array([-1]), new Uint8ClampedArray([9]), new Uint16Array([1, 65535]), new Int32Array([-5]),
  new Float32Array([1.5]), new Float64Array([NaN, 2]), new BigInt64Array([-1n]), new BigUint64Array([2n ** 64n - 1n]), new ArrayBuffer(4),
  new DataView(new ArrayBuffer(3)), new Map([['a', 1], [{ k: 1 }, new Set([1, 'a'])]]), new Set(), [shared, shared], JSON.parse('{"__proto__":{"x":1}}'),
];

test('pass as what they are', async () => {
  const seen = [];
  const sandbox = await Sandbox.create({
    handlers: { echo: kEcho, tool: 'export const handler = async (value) => tools.take(value);', now: 'export const handler = (value) => tools.now(value);' },
    tools: { take: (value) => { seen.push(value); return value; }, now: require(process.env.CURFEW_PACKAGE).blocking((value) => value) },
  });
  for (const value of kValues) {
    assert.deepStrictEqual(decode(encode(value, 'it')), value);
    for (const handler of ['echo', 'tool', 'now']) assert.deepStrictEqual(await sandbox.call(handler, value), value, handler);
    assert.deepStrictEqual(seen.pop(), value);
    const invocation = await sandbox.begin('echo', value);
    assert.deepStrictEqual(await invocation.result(), value);
  }
  assert.ok(Number.isNaN((await sandbox.call('echo', new Date(NaN))).getTime()));
  const [one, two] = await sandbox.call('echo', [shared, shared]);
  assert.equal(one, two);
  const ring = { list: [] };
  ring.list.push(ring, new Map([[ring, 1]]));
  const back = await sandbox.call('tool', ring);
  assert.equal(back.list[0], back);
  assert.ok(back.list[1].has(back));
});

test('errors are values, too, without stacks of this process', async () => {
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho, read: 'export const handler = (e) => [e instanceof RangeError, e.message, e.code, e.cause.message, e.stack];' } });
  const error = Object.assign(new RangeError('far', { cause: new Error('why') }), { code: 'E_FAR' });
  assert.deepEqual(await sandbox.call('read', error), [true, 'far', 'E_FAR', 'why', '']);
  const back = await sandbox.call('echo', error);
  assert.ok(back instanceof RangeError);
  assert.deepEqual([back.message, back.code, back.cause.message], ['far', 'E_FAR', 'why']);
});

test('programs give them, and answers are them', async () => {
  const sandbox = await Sandbox.create({ tools: { ask: deferred } });
  assert.deepEqual(await sandbox.run('new Map([[1n, new Date(5)]])'), new Map([[1n, new Date(5)]]));
  assert.equal(await sandbox.run('undefined'), undefined);
  const invocation = await sandbox.beginRun('const { set } = await tools.ask(new Map([["at", new Date(7)]]), 5n); [...set].length');
  assert.deepEqual(invocation.openCalls[0].arguments, [new Map([['at', new Date(7)]]), 5n]);
  await assert.rejects(invocation.resume(invocation.openCalls[0].id, () => 1), TypeError);
  await invocation.resume(invocation.openCalls[0].id, { set: new Set([1, 2]) });
  assert.equal(await invocation.result(), 2);
});

test('what cannot be passed is named, with its place', async () => {
  const sandbox = await Sandbox.create({ handlers: { echo: kEcho }, tools: { bad: () => ({ list: [() => 1] }) } });
  for (const [value, text] of [[() => 1, /the event is a function/], [{ a: [Symbol('x')] }, /holds a symbol at \.a\[0\]/], [{ 'odd name': Promise.resolve() }, /holds a Promise at \["odd name"\]/],
                               ['\ud800', /half of a surrogate pair/], [new WeakMap(), /a WeakMap/]]) {
    await assert.rejects(sandbox.call('echo', value), (error) => error instanceof CurfewError && error.code === 'invalid_argument' && text.test(error.message));
  }
  let deep = [];
  for (let i = 0; i < 300; ++i) deep = [deep];
  await rejectsWith('invalid_argument', sandbox.call('echo', deep));
  await assert.rejects(sandbox.run('await tools.bad()'), /the tool's result holds a function at \.list\[0\]/);
  await assert.rejects(sandbox.run('({ later: Promise.resolve() })'), /Promise at \.later/);
  await assert.rejects(sandbox.run('(() => 1)'), /function/);
  assert.equal(await sandbox.call('echo', { toJSON: () => 'as text' }), 'as text');
});

test('whatever a guest sends is a value or a TypeError', () => {
  let seed = 12345;
  const random = (below) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % below; };
  const whole = encode(kValues, 'all');
  for (let i = 0; i < 20_000; ++i) {
    const bytes = i % 2 === 0 ? Buffer.from(Array.from({ length: 1 + random(24) }, () => random(256))) : Buffer.from(whole.subarray(0, 1 + random(400)));
    for (let j = random(4); j > 0; --j) bytes[random(bytes.length)] = random(256);
    try {
      decode(bytes);
    } catch (error) {
      assert.ok(error instanceof TypeError || error instanceof SyntaxError, String(error.stack));
    }
  }
  for (const bytes of [[], [0x9b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], [0x7a, 0xff, 0xff, 0xff, 0xff], [0x5f], [0xd8, 29, 0], [0xd8, 28, 0xd8, 29, 0], [0xf6, 0xf6], Array(500).fill(0x81)]) {
    assert.throws(() => decode(Buffer.from(bytes)), TypeError, String(bytes));
  }
});
