// Invocations that wait for somebody's answer.
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { setTimeout: sleep } = require('node:timers/promises');
const { Sandbox, Snapshot, PendingInvocation, deferred, rejectsWith, kEcho, kLoop } = require('./helper.js');

const kDelete = `export async function handler({ names }) {
  const deleted = [];
  for (const name of names) {
    if (!await tools.approve('delete ' + name)) continue;
    await tools.remove(name);
    deleted.push(name);
  }
  return { deleted };
}`;

async function deleting(removed = []) {
  return Sandbox.create({ handlers: { main: kDelete, echo: kEcho, loop: kLoop }, tools: { approve: deferred, remove: (name) => { removed.push(name); } } });
}

test('answers lead to the end', async () => {
  const removed = [];
  const sandbox = await deleting(removed);
  const invocation = await sandbox.begin('main', { names: ['ada', 'bob', 'eve'] });
  assert.ok(invocation instanceof PendingInvocation);
  assert.equal(invocation.handler, 'main');
  assert.equal(sandbox.waits, true);
  const asked = [];
  while (!invocation.done) {
    for (const call of invocation.openCalls) {
      assert.equal(call.tool, 'approve');
      asked.push(...call.arguments);
      await invocation.resume(call.id, !call.arguments[0].includes('bob'));
    }
  }
  assert.deepEqual(await invocation.result(), { deleted: ['ada', 'eve'] });
  assert.deepEqual(asked, ['delete ada', 'delete bob', 'delete eve']);
  assert.deepEqual(removed, ['ada', 'eve']);
  assert.equal(sandbox.waits, false);
  assert.equal(sandbox.usage.hostCalls, 5);
  assert.equal(await sandbox.call('echo', 1), 1);
});

test('what has nothing to wait for is over', async () => {
  const sandbox = await deleting();
  const invocation = await sandbox.begin('echo', 7);
  assert.equal(invocation.done, true);
  assert.deepEqual(invocation.openCalls, []);
  assert.equal(await invocation.result(), 7);
  await rejectsWith('invalid_argument', sandbox.begin('nobody'));
  await rejectsWith('invalid_argument', invocation.resume(1, 1));
  const thrown = await sandbox.begin('main', null);
  assert.equal(thrown.done, true);
  await rejectsWith('handler_error', thrown.result());
  assert.throws(() => new PendingInvocation(), TypeError);
});

test('tools and timers are waited for', async () => {
  const sandbox = await Sandbox.create({
    tools: { later: (n) => sleep(5, n), ask: deferred },
    handlers: {
      main: `export async function handler() {
        const a = await tools.later(1);
        await new Promise((done) => setTimeout(done, 5));
        return a + await tools.later(2) + await tools.ask();
      }`,
    },
  });
  const invocation = await sandbox.begin('main');
  assert.deepEqual(invocation.openCalls.map(({ tool }) => tool), ['ask']);
  await invocation.resume(invocation.openCalls[0].id, 10);
  assert.equal(await invocation.result(), 13);
});

test('programs wait, too', async () => {
  const sandbox = await Sandbox.create({ tools: { ask: deferred } });
  for (let i = 0; i < 2; ++i) {
    const invocation = await sandbox.beginRun('const name = await tools.ask("who");\n`Hello, ${name}!`');
    assert.deepEqual(invocation.openCalls.map((call) => call.arguments), [['who']]);
    await invocation.resume(invocation.openCalls[0].id, 'Ada');
    assert.equal(await invocation.result(), 'Hello, Ada!');
  }
  assert.deepEqual((await sandbox.snapshot()).handlers, []);
  await rejectsWith('syntax_error', sandbox.beginRun('1 +'));
  await rejectsWith('handler_error', (await sandbox.beginRun('null.x')).result());
  const invocation = await sandbox.beginRun('await tools.ask(1)');
  const other = await Sandbox.from(await sandbox.snapshot(), { tools: { ask: deferred } });
  const going = await other.continue();
  await going.resume(going.openCalls[0].id, 5);
  assert.equal(await going.result(), 5);
  await invocation.dispose();
});

test('errors, bytes and refused answers', async () => {
  const sandbox = await Sandbox.create({
    tools: { ask: deferred, group: { bytes: deferred } },
    handlers: {
      main: `export async function handler() {
        let caught;
        try { await tools.ask(1); } catch (error) { caught = error.message; }
        const { part } = await tools.group.bytes(new Uint8Array([1]), { in: [new Uint8Array([2])] });
        const top = await tools.group.bytes('x');
        return [caught, Array.from(part), Array.from(top)];
      }`,
    },
  });
  const invocation = await sandbox.begin('main');
  await rejectsWith('invalid_argument', invocation.resume(99, 1));
  await assert.rejects(invocation.resume('x', 1), TypeError);
  await invocation.fail(invocation.openCalls[0].id, new Error('not today'));
  const [call] = invocation.openCalls;
  assert.equal(call.tool, 'group.bytes');
  assert.deepEqual(call.arguments, [new Uint8Array([1]), { in: [new Uint8Array([2])] }]);
  await invocation.resume(call.id, { part: new Uint8Array([3, 4]) });
  await invocation.resume(invocation.openCalls[0].id, new Uint8Array([5]));
  assert.deepEqual(await invocation.result(), ['not today', [3, 4], [5]]);
});

test('next() waits for what is new', async () => {
  let answer;
  const sandbox = await Sandbox.create({
    tools: { ask: deferred, slow: () => new Promise((resolve) => { answer = resolve; }) },
    handlers: {
      main: `export async function handler() {
        const first = tools.ask('first');
        await tools.slow();
        return [await first, await tools.ask('second')];
      }`,
    },
  });
  const invocation = await sandbox.begin('main');
  assert.deepEqual(invocation.openCalls.map((call) => call.arguments), [['first']]);
  await assert.rejects(invocation.next({ signal: AbortSignal.timeout(20) }), (error) => error.name === 'TimeoutError');
  answer();
  const resumed = invocation.resume(invocation.openCalls[0].id, 1);
  await invocation.next();
  await resumed;
  assert.deepEqual(invocation.openCalls.map((call) => call.arguments), [['second']]);
  await invocation.resume(invocation.openCalls[0].id, 2);
  assert.deepEqual(await invocation.result(), [1, 2]);
});

test('the sandbox does nothing else meanwhile', async () => {
  const sandbox = await deleting();
  const fresh = await sandbox.snapshot();
  const invocation = await sandbox.begin('main', { names: ['ada'] });
  await rejectsWith('invalid_argument', sandbox.call('echo', 1));
  await rejectsWith('invalid_argument', sandbox.begin('echo', 1));
  await sandbox.restore(fresh);
  await rejectsWith('consumed', invocation.result());
  assert.equal(sandbox.poisoned, false);
  assert.equal(await sandbox.call('echo', 1), 1);
  const other = await sandbox.begin('main', { names: ['ada'] });
  await sandbox.dispose();
  await rejectsWith('consumed', other.result());
});

test('limits, signals and kills end it', async () => {
  const sandbox = await deleting();
  const fresh = await sandbox.snapshot();
  const limited = await sandbox.begin('main', { names: ['ada'] }, { limits: { wall: '1s' } });
  assert.equal(limited.done, false);
  await rejectsWith('cancelled', limited.result(), 'wall-clock');
  assert.equal(sandbox.poisoned, true);
  assert.ok(limited.usage.waitingMs > 0);
  await sandbox.restore(fresh);

  const reason = new Error('enough');
  const controller = new AbortController();
  const aborted = await sandbox.begin('main', { names: ['ada'] }, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(aborted.result(), reason);
  await sandbox.restore(fresh);
  await assert.rejects(sandbox.begin('loop', 1, { signal: AbortSignal.timeout(50) }), (error) => error.name === 'TimeoutError');
  await sandbox.restore(fresh);

  const killed = await sandbox.begin('main', { names: ['ada'] });
  sandbox.kill();
  await rejectsWith('cancelled', killed.result(), 'kill');
  await sandbox.restore(fresh);
  const disposed = await sandbox.begin('main', { names: ['ada'] });
  await disposed[Symbol.asyncDispose]();
  assert.equal(disposed.done, true);
  await sandbox.restore(fresh);
  assert.equal(await sandbox.call('echo', 1), 1);
});

test('saved, gone on with elsewhere, and forked', async () => {
  const sandbox = await deleting();
  const invocation = await sandbox.begin('main', { names: ['ada', 'bob'] });
  await invocation.resume(invocation.openCalls[0].id, true);
  const snapshot = await sandbox.snapshot();
  await sandbox.dispose();
  const { waiting } = snapshot;
  assert.equal(waiting.handler, 'main');
  assert.deepEqual(waiting.openCalls.map(({ tool, arguments: args }) => [tool, args]), [['approve', ['delete bob']]]);
  const bytes = await snapshot.toBuffer();
  assert.ok(Buffer.isBuffer(bytes));

  for (const yes of [true, false]) {
    const saved = await Snapshot.fromBuffer(bytes);
    const other = await Sandbox.from(saved, { tools: { approve: deferred, remove: () => {} } });
    assert.equal(other.waits, true);
    const going = await other.continue();
    assert.deepEqual(going.openCalls.map(({ tool }) => tool), ['approve']);
    await going.resume(going.openCalls[0].id, yes);
    assert.deepEqual(await going.result(), { deleted: yes ? ['ada', 'bob'] : ['ada'] });
    assert.equal(other.waits, false);
    await rejectsWith('invalid_argument', other.continue());
    await other.dispose();
  }
});

test('calls of tools that were under way are open in what was saved', async () => {
  const sandbox = await Sandbox.create({
    tools: { never: () => new Promise(() => {}), ask: deferred },
    handlers: { main: 'export const handler = async () => (await Promise.all([tools.never(1), tools.ask(2)])).join();' },
  });
  const invocation = await sandbox.begin('main');
  assert.deepEqual(invocation.openCalls.map(({ tool }) => tool), ['ask']);
  const snapshot = await sandbox.snapshot();
  await sandbox.dispose();
  const other = await Sandbox.from(snapshot, { tools: { never: () => 1, ask: deferred } });
  const going = await other.continue();
  const calls = going.openCalls;
  assert.deepEqual(calls.map(({ tool }) => tool), ['never', 'ask']);
  await Promise.all(calls.map(({ id, tool }) => going.resume(id, tool)));
  assert.equal(await going.result(), 'never,ask');
});

test('files, with and without a signature', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'curfew-node-'));
  const file = path.join(folder, 'state.snap');
  const sandbox = await deleting();
  const invocation = await sandbox.begin('main', { names: ['ada'] });
  const snapshot = await sandbox.snapshot();
  invocation.kill();
  const key = randomBytes(32);
  await snapshot.saveFile(file, { key });
  assert.equal((await Snapshot.loadFile(file, { key })).waiting.handler, 'main');
  await rejectsWith('invalid_argument', Snapshot.loadFile(file, { key: randomBytes(32) }));
  await rejectsWith('invalid_argument', Snapshot.loadFile(file, { key: randomBytes(4) }));
  await rejectsWith('invalid_argument', Snapshot.loadFile(path.join(folder, 'none')));
  await rejectsWith('invalid_argument', Snapshot.fromBuffer(randomBytes(1000)));
  await assert.rejects(Snapshot.fromBuffer('x'), TypeError);
  await assert.rejects(snapshot.saveFile(file, { key: 'secret' }), TypeError);

  // Another process goes on.
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', `
    const { Sandbox, Snapshot, deferred } = require(${JSON.stringify(process.env.CURFEW_PACKAGE)});
    (async () => {
      const snapshot = await Snapshot.loadFile(${JSON.stringify(file)}, { key: Buffer.from('${key.toString('hex')}', 'hex') });
      const sandbox = await Sandbox.from(snapshot, { tools: { approve: deferred, remove: () => {} } });
      const invocation = await sandbox.continue();
      await invocation.resume(invocation.openCalls[0].id, true);
      console.log(JSON.stringify(await invocation.result()));
    })();`]);
  assert.equal(stdout, '{"deleted":["ada"]}\n');
  fs.rmSync(folder, { recursive: true });
});

test('in calls that do not wait nobody answers', async () => {
  const sandbox = await deleting();
  await rejectsWith('handler_error', sandbox.call('main', { names: ['ada'] }));
});

test('a process ends while one waits, and waits for what is awaited', async () => {
  const run = async (rest) => (await promisify(execFile)(process.execPath, ['-e', `
    const { Sandbox, deferred } = require(${JSON.stringify(process.env.CURFEW_PACKAGE)});
    (async () => {
      const sandbox = await Sandbox.create({ tools: { ask: deferred }, handlers: { main: 'export const handler = async () => tools.ask();' } });
      const invocation = await sandbox.begin('main', null, { limits: { wall: '1s' } });
      ${rest}
    })();`], { timeout: 60_000 })).stdout;
  assert.equal(await run("console.log('left')"), 'left\n');
  assert.equal(await run('invocation.result().catch((error) => console.log(error.terminatedBy))'), 'wall-clock\n');
});
