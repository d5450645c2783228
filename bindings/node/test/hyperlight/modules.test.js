// Modules by name.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { throwsWith, rejectsWith, runtime, loaded, kEcho } = require('./helper.js');

const kUsesMath = "import { twice } from 'user:math'; function handler(e) { return twice(e); }";
const kMath = 'export const twice = (n) => 2 * n;';

test('are added, removed and cleared', async () => {
  const sandbox = await runtime();
  sandbox.addModule('math', kMath);
  throwsWith('ERR_INTERNAL', () => sandbox.addModule('math', kMath));
  throwsWith('ERR_INTERNAL', () => sandbox.addModule('math', kMath, 'user'));
  throwsWith('ERR_INTERNAL', () => sandbox.addModule('math', kMath, null));
  sandbox.addModule('math', kMath, 'lib');
  sandbox.removeModule('math', 'lib');
  throwsWith('ERR_INTERNAL', () => sandbox.removeModule('math', 'lib'));
  throwsWith('ERR_INTERNAL', () => sandbox.removeModule('other'));
  sandbox.removeModule('math');
  sandbox.addModule('math', kMath);
  sandbox.clearModules();
  sandbox.clearModules();
  sandbox.addModule('math', kMath);
  sandbox.addHandler('main', kUsesMath);
  assert.equal(await (await sandbox.getLoadedSandbox()).callHandler('main', 4), 8);
});

test('names are checked, before anything else', async () => {
  const sandbox = await runtime();
  const wrong = ['', ' ', '\t\n', 'a:b', 'a\u0001', 'a\u007f', 'x'.repeat(257), 'ä'.repeat(129)];
  const check = () => {
    for (const name of wrong) {
      throwsWith('ERR_INVALID_ARG', () => sandbox.addModule(name, kMath));
      throwsWith('ERR_INVALID_ARG', () => sandbox.addModule('a', kMath, name));
      throwsWith('ERR_INVALID_ARG', () => sandbox.removeModule(name));
      throwsWith('ERR_INVALID_ARG', () => sandbox.removeModule('a', name));
    }
    throwsWith('ERR_INVALID_ARG', () => sandbox.addModule('a', kMath, 'host'));
    throwsWith('ERR_INVALID_ARG', () => sandbox.removeModule('a', 'host'));
  };
  check();
  sandbox.addModule('x'.repeat(256), kMath);
  sandbox.addModule('with spaces/and-dots.js', kMath, 'my space');
  sandbox.dispose();
  check();
  throwsWith('ERR_CONSUMED', () => sandbox.addModule('a', kMath));
  throwsWith('ERR_CONSUMED', () => sandbox.removeModule('a'));
  throwsWith('ERR_CONSUMED', () => sandbox.clearModules());
});

test('import each other, in whatever order, and in a ring', async () => {
  const sandbox = await loaded({ main: "import { a } from 'user:a'; function handler() { return a(3); }" }, {
    modules: {
      a: "import { b } from 'user:b'; export function a(n) { return n === 0 ? 'a' : b(n - 1); }",
      b: "import { a } from 'user:a'; export function b(n) { return n === 0 ? 'b' : a(n - 1); }",
    },
  });
  assert.equal(await sandbox.callHandler('main', {}), 'b');
});

test('use what is built in, and functions of the host', async () => {
  const sandbox = await loaded({ main: "import { sum } from 'user:m'; function handler() { return sum(); }" }, {
    register: (proto) => proto.register('math', 'add', (a, b) => a + b),
    modules: { m: "import { add } from 'host:math'; import { createHmac } from 'crypto'; export const sum = () => [add(1, 2), createHmac('sha256', 'k').update('x').digest('hex').length];" },
  });
  assert.deepEqual(await sandbox.callHandler('main', {}), [3, 64]);
});

const kState = 'let n = 0; export const next = () => ++n;';
const kNext = "import { next } from 'user:state'; function handler() { return next(); }";

test('have one state for all handlers, which snapshots hold', async () => {
  const sandbox = await loaded({ a: kNext, b: kNext }, { modules: { state: kState } });
  assert.equal(await sandbox.callHandler('a', {}), 1);
  const snapshot = await sandbox.snapshot();
  assert.equal(await sandbox.callHandler('b', {}), 2);
  await sandbox.restore(snapshot);
  assert.equal(await sandbox.callHandler('b', {}), 2);
});

test('are gone after unload, and may be others then', async () => {
  const sandbox = await loaded({ main: kNext }, { modules: { state: kState } });
  await sandbox.callHandler('main', {});
  const bare = await sandbox.unload();
  bare.addModule('state', kState.replace('n = 0', 'n = 10'));
  bare.addHandler('main', kNext);
  const again = await bare.getLoadedSandbox();
  assert.equal(await again.callHandler('main', {}), 11);
  const empty = await again.unload();
  empty.addHandler('main', kNext);
  await rejectsWith('ERR_INTERNAL', empty.getLoadedSandbox());
});

test('that are missing, or do not compile, fail to load', async () => {
  for (const modules of [{}, { state: 'export const = 1;' }, { state: 'export const other = 1;' }, { state: 'throw new Error("no");' }]) {
    await rejectsWith('ERR_INTERNAL', loaded({ main: kNext }, { modules }));
  }
  // What nobody imports is not compiled.
  assert.equal(await (await loaded({ echo: kEcho }, { modules: { broken: '{' } })).callHandler('echo', 1), 1);
});

test('are in snapshots of sandboxes that are not loaded', async () => {
  const sandbox = await runtime();
  sandbox.addModule('math', kMath);
  sandbox.addHandler('main', kUsesMath);
  const snapshot = await sandbox.snapshot();
  sandbox.clearModules();
  await sandbox.restore(snapshot);
  throwsWith('ERR_INTERNAL', () => sandbox.addModule('math', kMath));
  assert.equal(await (await sandbox.getLoadedSandbox()).callHandler('main', 2), 4);
});
