// What is printed, read piece by piece.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Sandbox, rejectsWith } = require('./helper.js');

test('is read while it is printed', async () => {
  let answer;
  const answered = new Promise((resolve) => { answer = resolve; });
  const sandbox = await Sandbox.create({ tools: { wait: () => answered } });
  const texts = [];
  const output = sandbox.output();
  const done = sandbox.run('console.log("a"); console.error("b"); await tools.wait(); console.log("c")');
  for await (const { level, text, dropped } of output) {
    texts.push([level, text, dropped]);
    if (text === 'b\n') answer();
    if (text === 'c\n') break;
  }
  await done;
  assert.deepEqual(texts, [['log', 'a\n', 0], ['error', 'b\n', 0], ['log', 'c\n', 0]]);
});

test('what a print function throws is told, and changes nothing', async (t) => {
  const reported = t.mock.method(console, 'error', () => {});
  const sandbox = await Sandbox.create({ console: () => { throw new Error('full'); } });
  assert.equal(await sandbox.run('console.log(1); 2'), 2);
  assert.equal(reported.mock.calls[0].arguments[1].message, 'full');
});

test('ends with the sandbox, after what was printed', async () => {
  const printed = [];
  const sandbox = await Sandbox.create({ console: (level, text) => printed.push(text) });
  const [one, two] = [sandbox.output(), sandbox.output()];
  await sandbox.run('console.log(1)');
  await two.return();
  await sandbox.run('console.log(2)');
  await sandbox.dispose();
  const texts = [];
  for await (const { text } of one) texts.push(text);
  assert.deepEqual(texts, ['1\n', '2\n']);
  assert.deepEqual(await two.next(), { value: undefined, done: true });
  assert.deepEqual(printed, ['1\n', '2\n']);
  await assert.rejects(async () => sandbox.output(), (error) => error.code === 'consumed');
});

test('is bounded', async () => {
  const sandbox = await Sandbox.create();
  const output = sandbox.output({ limit: '1KiB' });
  await sandbox.run('for (let i = 0; i < 1000; ++i) print("x".repeat(100))');
  let kept = 0;
  for (let i = 0; i < 10; ++i) kept += (await output.next()).value.text.length;
  assert.equal(kept, 1000);
  await sandbox.run('print("last")');
  assert.deepEqual(await output.next(), { value: { level: 'print', text: 'last', dropped: 99_000 }, done: false });
  await sandbox.dispose();
});

test('a signal ends the reading', async () => {
  const sandbox = await Sandbox.create();
  const controller = new AbortController();
  const reading = sandbox.output({ signal: controller.signal }).next();
  controller.abort(new Error('enough'));
  await assert.rejects(reading, /enough/);
  assert.throws(() => sandbox.output({ limit: 'x' }), TypeError);
  assert.throws(() => sandbox.output({ max: 1 }), TypeError);
  await rejectsWith('handler_error', sandbox.run('throw 1'));
});
