// Functions of the host.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { SandboxBuilder, HostFunctionModule, throwsWith, rejectsWith, loaded, kLoop } = require('./helper.js');

// What `expression` is in a handler that has the host module `m`, with `event`.
async function evaluate(functions, expression, event = {}) {
  const sandbox = await loaded(
    { main: `import * as m from 'host:m'; function handler(event) { return ${expression}; }` },
    { register: (proto) => Object.entries(functions).forEach(([name, f]) => proto.register('m', name, f)) });
  return sandbox.callHandler('main', event);
}

test('are imported with the prefix only', async () => {
  const sandbox = await loaded(
    { main: `import * as host from 'host:host'; import * as own from 'host:crypto'; import { createHmac } from 'crypto';
             function handler() { return [host.f(), own.f(), typeof createHmac]; }` },
    { register: (proto) => { proto.register('host', 'f', () => 'host'); proto.hostModule('crypto').register('f', () => 'own'); } });
  assert.deepEqual(await sandbox.callHandler('main', {}), ['host', 'own', 'function']);
  await rejectsWith('ERR_INTERNAL', loaded({ main: "import 'm'; function handler() {}" },
                                           { register: (proto) => proto.register('m', 'f', () => 1) }));
});

test('names are checked, and taken again', async () => {
  const proto = await new SandboxBuilder().build();
  throwsWith('ERR_INVALID_ARG', () => proto.hostModule(''));
  throwsWith('ERR_INVALID_ARG', () => proto.register('', 'f', () => {}));
  throwsWith('ERR_INVALID_ARG', () => proto.register('m', '', () => {}));
  const first = proto.hostModule('m');
  const second = proto.hostModule('m');
  throwsWith('ERR_INVALID_ARG', () => first.register('', () => {}));
  assert.equal(first.register('a', () => 1), undefined);
  assert.equal(proto.register('m', 'b', () => 2), undefined);
  second.register('a', () => 3);
  const sandbox = await proto.loadRuntime();
  sandbox.addHandler('main', "import * as m from 'host:m'; function handler() { return [m.a(), m.b(), Object.keys(m)]; }");
  assert.deepEqual(await (await sandbox.getLoadedSandbox()).callHandler('main', {}), [3, 2, ['a', 'b']]);
});

test('arguments are spread', async () => {
  const seen = [];
  assert.equal(await evaluate({ f: (...args) => { seen.push(...args); } },
                              'm.f(1, "ä", true, null, undefined, [1, {a: 2}], {b: {c: "d"}})'), null);
  assert.deepEqual(seen, [1, 'ä', true, null, null, [1, { a: 2 }], { b: { c: 'd' } }]);
});

test('results are what JSON makes of them', async () => {
  const values = {
    undef: undefined, nan: NaN, infinite: -Infinity, func: () => 1, symbol: Symbol('s'), big: 1n, date: new Date(0),
    nested: { nan: NaN, list: [undefined, 1n, () => 1], date: new Date(0), gone: undefined }, floats: new Float32Array([1, 2]),
  };
  const result = await evaluate(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => value])),
                                'Object.fromEntries(Object.keys(m).map((name) => [name, m[name]()]))');
  assert.deepEqual(result, {
    undef: null, nan: null, infinite: null, func: null, symbol: null, big: null, date: '1970-01-01T00:00:00.000Z',
    nested: { nan: null, list: [null, null, null], date: '1970-01-01T00:00:00.000Z' }, floats: { 0: 1, 1: 2 },
  });
});

test('results that are nested too deeply are an error', async () => {
  let deep = 1;
  for (let i = 0; i < 70; ++i) deep = [deep];
  await assert.rejects(evaluate({ f: () => deep }, 'm.f()'), /nested deeper than 64 levels/);
  const circular = {};
  circular.self = circular;
  await rejectsWith('ERR_INTERNAL', evaluate({ f: () => circular }, 'm.f()'));
});

test('bytes come and go as bytes', async () => {
  const bytes = Buffer.from([0, 1, 255]);
  let seen;
  const functions = {
    take: (value) => { seen = value; return value.length; },
    buffer: () => bytes, array: () => new Uint8Array(bytes), empty: () => new Uint8Array(0), later: async () => bytes,
  };
  assert.deepEqual(await evaluate(functions, `[m.take(new Uint8Array([5, 6])),
    ...['buffer', 'array', 'empty', 'later'].map((name) => { const got = m[name](); return [got instanceof Uint8Array, Array.from(got)]; })]`),
                   [2, [true, [0, 1, 255]], [true, [0, 1, 255]], [true, []], [true, [0, 1, 255]]]);
  assert.ok(Buffer.isBuffer(seen));
  assert.deepEqual([...seen], [5, 6]);
});

test('bytes inside of arrays and objects', async () => {
  const seen = [];
  const functions = {
    take: (...args) => { seen.push(...args); },
    give: () => ({ a: Buffer.from([1, 0, 255]), list: [new Uint8Array(0), 'x', '\0y', { deep: [new Uint8Array([128])] }], date: new Date(0) }),
    zero: () => '\0text', marked: () => ({ '\0': 'b' }), later: async () => [new Uint8Array([3])],
  };
  assert.deepEqual(await evaluate(functions, `(() => {
    m.take({ a: new Uint8Array([1, 2]), list: [new Uint8Array(0), ['\\0b0', 5]], gone: undefined, date: new Date(0) }, new Uint8Array([7]), '\\0b9', null);
    const got = m.give();
    const bytes = (value) => [value instanceof Uint8Array, Array.from(value)];
    return [bytes(got.a), bytes(got.list[0]), got.list[1], got.list[2], bytes(got.list[3].deep[0]), got.date, m.zero(), m.marked(), bytes(m.later()[0]), m.give.name];
  })()`), [[true, [1, 0, 255]], [true, []], 'x', '\0y', [true, [128]], '1970-01-01T00:00:00.000Z', '\0text', { '\0': 'b' }, [true, [3]], 'give']);
  assert.deepEqual(seen, [{ a: Buffer.from([1, 2]), list: [Buffer.alloc(0), ['\0b0', 5]], date: '1970-01-01T00:00:00.000Z' }, Buffer.from([7]), '\0b9', null]);
  assert.ok(Buffer.isBuffer(seen[0].a));
});

test('functions may have any name', async () => {
  assert.deepEqual(await evaluate({ default: () => 1, 'with spaces': () => 2, 'ä/😊': () => 3, __proto__x: () => 4 },
                                  "[m.default(), m['with spaces'](), m['ä/😊'](), m['__proto__x']()]"), [1, 2, 3, 4]);
});

test('promises and thenables are waited for', async () => {
  let ticks = 0;
  const timer = setInterval(() => ++ticks, 2);
  assert.deepEqual(await evaluate({
    later: async (value) => { await sleep(30); return value + 1; },
    thenable: () => ({ then: (resolve) => setTimeout(resolve, 5, 'then') }),
  }, '[m.later(1), m.thenable(), m.later(2)]'), [2, 'then', 3]);
  clearInterval(timer);
  assert.ok(ticks > 0);
});

test('errors reach the guest with their message', async () => {
  assert.deepEqual(await evaluate({
    thrown: () => { throw new Error('thrown 😊'); },
    rejected: async () => { await sleep(1); throw new TypeError('rejected'); },
    text: () => { throw 'just text'; },
    nothing: () => { throw null; },
  }, `['thrown', 'rejected', 'text', 'nothing'].map((name) => { try { return m[name](); } catch (error) { return [error instanceof Error, error.message]; } })`),
                   [[true, 'thrown 😊'], [true, 'rejected'], [true, 'just text'], [true, 'null']]);
  await rejectsWith('ERR_INTERNAL', evaluate({ f: () => { throw new Error('x'); } }, 'm.f()'));
});

test('a callback cannot use the sandbox that called it', async () => {
  let sandbox;
  const codes = [];
  const note = (promise) => promise.then(() => codes.push('done'), (error) => codes.push(error.code));
  sandbox = await loaded({ main: "import { f } from 'host:m'; function handler() { return f(); }" }, {
    register: (proto) => proto.register('m', 'f', async () => {
      const snapshot = saved;
      await note(sandbox.callHandler('main', {}));
      await note(sandbox.snapshot());
      await note(sandbox.restore(snapshot));
      await note(sandbox.unload());
      return sandbox.poisoned;
    }),
  });
  const saved = await sandbox.snapshot();
  assert.equal(await sandbox.callHandler('main', {}), false);
  assert.deepEqual(codes, Array(4).fill('ERR_REENTRANT'));
});

test('a callback can use another sandbox, and what it left running its own', async () => {
  const other = await loaded({ main: 'function handler(e) { return e + 1; }' });
  let sandbox;
  let over;
  const isOver = new Promise((resolve) => { over = resolve; });
  let late;
  sandbox = await loaded({ main: "import { f } from 'host:m'; function handler(e) { return e === 0 ? f() : e; }" }, {
    register: (proto) => proto.register('m', 'f', async () => {
      late = isOver.then(() => sandbox.callHandler('main', 5));
      return other.callHandler('main', 1);
    }),
  });
  assert.equal(await sandbox.callHandler('main', 0), 2);
  over();
  assert.equal(await late, 5);
});

test('a limit ends a call whose callback never settles', async () => {
  const sandbox = await loaded({ main: "import { f } from 'host:m'; function handler() { return f(); }" },
                               { register: (proto) => proto.register('m', 'f', () => new Promise(() => {})) });
  const snapshot = await sandbox.snapshot();
  await rejectsWith('ERR_CANCELLED', sandbox.callHandler('main', {}, { wallClockTimeoutMs: 50 }));
  await sandbox.restore(snapshot);
  const call = sandbox.callHandler('main', {});
  setTimeout(() => sandbox.interruptHandle.kill(), 20);
  await rejectsWith('ERR_CANCELLED', call);
});

test('a late result is dropped', async () => {
  let resolve;
  const sandbox = await loaded({ main: "import { f } from 'host:m'; function handler(e) { return e === 0 ? f() : e; }" },
                               { register: (proto) => proto.register('m', 'f', () => new Promise((r) => { resolve = r; })) });
  const snapshot = await sandbox.snapshot();
  await rejectsWith('ERR_CANCELLED', sandbox.callHandler('main', 0, { wallClockTimeoutMs: 1000 }));
  await sandbox.restore(snapshot);
  resolve('late');
  assert.equal(await sandbox.callHandler('main', 1), 1);
});

test('two sandboxes with the same names do not meet', async () => {
  const make = (answer) => loaded({ main: "import { f } from 'host:m'; function handler(e) { return [f(e), f(e)]; }" },
                                  { register: (proto) => proto.register('m', 'f', async (e) => { await sleep(3); return answer + e; }) });
  const [a, b] = await Promise.all([make('a'), make('b')]);
  assert.deepEqual(await Promise.all([a.callHandler('main', 1), b.callHandler('main', 2), a.callHandler('main', 3)]),
                   [['a1', 'a1'], ['b2', 'b2'], ['a3', 'a3']]);
});

test('restore does not take callbacks back', async () => {
  let calls = 0;
  const sandbox = await loaded({ main: "import { f } from 'host:m'; let n = 0; function handler() { return [++n, f()]; }" },
                               { register: (proto) => proto.register('m', 'f', () => ++calls) });
  const snapshot = await sandbox.snapshot();
  assert.deepEqual(await sandbox.callHandler('main', {}), [1, 1]);
  await sandbox.restore(snapshot);
  assert.deepEqual(await sandbox.callHandler('main', {}), [1, 2]);
});

test('modules that were made before', async () => {
  throwsWith('ERR_INVALID_ARG', () => new HostFunctionModule(''));
  const module = new HostFunctionModule('m');
  assert.equal(module.register('f', () => 'first'), module);
  throwsWith('ERR_INVALID_ARG', () => module.register('', () => {}));
  assert.throws(() => new SandboxBuilder().setHostFunctionModules(1), TypeError);
  assert.throws(() => new SandboxBuilder().setHostFunctionModules(() => module), TypeError);
  throwsWith('ERR_INVALID_ARG', () => new SandboxBuilder().setHostFunctionModules(() => [module, module]));

  // A builder that is consumed calls the factory, and leaves the modules alone.
  const used = new SandboxBuilder();
  await used.build();
  let called = 0;
  throwsWith('ERR_CONSUMED', () => used.setHostFunctionModules(() => { ++called; return [module]; }));
  assert.equal(called, 1);

  const builder = new SandboxBuilder();
  assert.equal(builder.setHostFunctionModules(() => { ++called; return [module]; }), builder);
  assert.equal(called, 2);
  throwsWith('ERR_CONSUMED', () => module.register('g', () => 1));

  // One that was handed over spoils no other, and no builder.
  const other = new HostFunctionModule('n');
  const second = new SandboxBuilder();
  throwsWith('ERR_CONSUMED', () => second.setHostFunctionModules(() => [other, module]));
  other.register('g', () => 'second');
  second.setHostFunctionModules(() => [other]);

  for (const [which, name, expected] of [[builder, 'm', 'first'], [second, 'n', 'second']]) {
    const sandbox = await (await which.build()).loadRuntime();
    sandbox.addHandler('main', `import * as m from 'host:${name}'; function handler() { return Object.values(m)[0](); }`);
    assert.equal(await (await sandbox.getLoadedSandbox()).callHandler('main', {}), expected);
  }
});

test('callbacks can be called while scripts are loaded', async () => {
  const sandbox = await loaded({ main: "import { f } from 'host:m'; const at = f(); function handler() { return at; }" },
                               { register: (proto) => proto.register('m', 'f', async () => 9) });
  assert.equal(await sandbox.callHandler('main', {}), 9);
});

test('a loop beside a callback that waits', async () => {
  const waiting = await loaded({ main: "import { f } from 'host:m'; function handler() { return f(); }" },
                               { register: (proto) => proto.register('m', 'f', () => sleep(20, 'waited')) });
  const looping = await loaded({ loop: kLoop });
  const results = await Promise.allSettled([waiting.callHandler('main', {}), looping.callHandler('loop', {}, { cpuTimeoutMs: 50 })]);
  assert.equal(results[0].value, 'waited');
  assert.equal(results[1].reason.code, 'ERR_CANCELLED');
});
