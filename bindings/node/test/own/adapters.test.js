// Drivers for others' code modes, by the shapes of their interfaces. test/adapters.sh tries them with the packages themselves.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const adapter = (name) => require(path.join(process.env.CURFEW_PACKAGE, 'adapters', `${name}.js`));
const { createDriver } = adapter('tanstack');
const { createTransport } = adapter('mastra');
const { createExecutor } = adapter('ai-sdk');

test('the driver for TanStack', async () => {
  const driver = createDriver();
  const seen = [];
  const bindings = {
    external_add: { name: 'external_add', execute: async ({ a, b }) => { seen.push([a, b]); await sleep(1); return { sum: a + b }; } },
    external_bad: { name: 'external_bad', execute: async () => { throw new Error('no such city'); } },
  };
  const context = await driver.createContext({ bindings, timeout: 1000, memoryLimit: 8 });
  assert.deepEqual(await context.execute('console.log("adds", 1);\nconst { sum } = await external_add({ a: 1, b: 2 });\nreturn { sum };'),
                   { success: true, value: { sum: 3 }, logs: ['adds 1'] });
  assert.deepEqual(seen, [[1, 2]]);
  const failed = await context.execute('await external_bad({})');
  assert.equal(failed.success, false);
  assert.match(failed.error.message, /no such city/);
  assert.equal(failed.error.code, 'handler_error');
  const ended = await context.execute('for (;;) {}');
  assert.equal(ended.error.name, 'LimitError');
  assert.match(ended.error.message, /wall-clock/);
  assert.match((await context.execute('return "x".repeat(64 << 20).length')).error.code, /out_of_memory|handler_error/);
  assert.equal((await context.execute('return 5')).value, 5);
  await context.dispose();
  assert.throws(() => createDriver({ tools: {} }), TypeError);
});

test('the transport for Mastra', async () => {
  const transport = createTransport({ limits: { cpu: '5s' } });
  assert.equal(transport.requiresSandbox, false);
  const calls = [];
  const run = (program, more) => transport.run({
    program, toolIds: ['get-weather'], timeout: 5000,
    dispatch: async (tool, args) => { if (args.city === 'none') throw new Error('unknown city'); return { tool, args }; },
    onExternalCall: (tool) => calls.push(tool), onExternalResult: (tool, took, error) => calls.push([tool, took >= 0, error?.message]), ...more,
  });
  assert.deepEqual(await run('const city: string = "Oslo";\nconsole.log("asks");\nreturn await external_get_weather({ city });'),
                   { success: true, result: { tool: 'get-weather', args: { city: 'Oslo' } }, logs: ['asks'] });
  assert.deepEqual(calls, ['get-weather', ['get-weather', true, undefined]]);
  const failed = await run('const a = 1;\nnull.x;');
  assert.equal(failed.success, false);
  assert.equal(failed.error.line, 2);
  assert.match((await run('await external_get_weather({ city: "none" })')).error.message, /unknown city/);
  assert.match((await run('for (;;) {}', { timeout: 100 })).error.message, /wall-clock/);
  const aborted = await run('for (;;) {}', { abortSignal: AbortSignal.timeout(50) });
  assert.equal(aborted.success, false);
});

test('the executor for the AI SDK', async () => {
  const executor = createExecutor();
  const add = async ({ a, b }) => a + b;
  assert.deepEqual(await executor.execute('async () => {\n  console.log("x");\n  return await codemode.add({ a: 1, b: 2 });\n}', { add }),
                   { result: 3, logs: ['x'] });
  assert.equal((await executor.execute('return await codemode.add({ a: 1, b: 3 });', { add })).result, 4);
  const providers = [{ name: 'db', fns: { get: async (key) => ({ key }) }, prelude: 'db.twice = async (key) => [await db.get(key), await db.get(key)];' }];
  assert.deepEqual((await executor.execute('async () => db.twice("k")', providers)).result, [{ key: 'k' }, { key: 'k' }]);
  const connectors = [{ name: 'mail', binding: { callTool: async (method, args) => `${method} ${args.to}` } }];
  assert.equal((await executor.execute('() => mail.send({ to: "bob" })', providers, { connectors })).result, 'send bob');
  const failed = await executor.execute('async () => nothing.there', {});
  assert.match(failed.error, /nothing/);
  assert.match((await createExecutor({ limits: { cpu: '50ms' } }).execute('() => { for (;;) {} }', {})).error, /cpu-time/);
  assert.match((await executor.execute('async () => {', {})).error, /./);
});
