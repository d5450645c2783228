// The end: of the process, of worker threads, and of sandboxes that nobody disposes of.
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { folder, loaded, kEcho, kLoop, SandboxBuilder } = require('./helper.js');

const kMake = `
  const { SandboxBuilder } = require(${JSON.stringify(path.join(folder, 'lib.js'))});
  async function make(source, f) {
    const proto = await new SandboxBuilder().build();
    if (f) proto.register('m', 'f', f);
    const sandbox = await proto.loadRuntime();
    sandbox.addHandler('main', source);
    return sandbox.getLoadedSandbox();
  }`;

async function run(script) {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', `${kMake}\n${script}`], { timeout: 60_000 });
  return stdout;
}

test('a process ends by itself', async () => {
  assert.equal(await run(`make('function handler(e) { return e + 1; }').then((s) => s.callHandler('main', 1)).then(console.log);`), '2\n');
});

test('a process ends with a call under way', async () => {
  assert.equal(await run(`make(${JSON.stringify(kLoop)}).then((s) => {
    s.callHandler('main', 1).catch(() => {});
    setTimeout(() => { console.log('exits'); process.exit(0); }, 50);
  });`), 'exits\n');
});

test('a process ends with a callback under way', async () => {
  assert.equal(await run(`make("import { f } from 'host:m'; function handler() { return f(); }", () => new Promise(() => {
    setImmediate(() => { console.log('exits'); process.exit(0); });
  })).then((s) => s.callHandler('main', 1));`), 'exits\n');
});

test('a process waits for what is pending', async () => {
  assert.equal(await run(`make('async function handler() { await new Promise((r) => setTimeout(r, 100)); return 5; }')
    .then((s) => s.callHandler('main', 1)).then(console.log);`), '5\n');
});

test('worker threads have sandboxes, and end in the middle of a call', async () => {
  for (const ending of ['terminate', 'exit', 'return']) {
    const worker = new Worker(`${kMake}
      const { parentPort } = require('node:worker_threads');
      make("import { f } from 'host:m'; function handler(e) { return e === 0 ? f() : e; }", () => new Promise(() => {})).then(async (s) => {
        const answer = await s.callHandler('main', 7);
        if (${JSON.stringify(ending)} !== 'return') s.callHandler('main', 0).catch(() => {});
        parentPort.postMessage(answer);
        if (${JSON.stringify(ending)} === 'exit') setTimeout(() => process.exit(3), 20);
      });`, { eval: true });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    assert.equal(await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); }), 7);
    if (ending === 'terminate') await worker.terminate();
    const code = await ended;
    assert.equal(code, { terminate: 1, exit: 3, return: 0 }[ending], ending);
  }
  // This thread goes on.
  assert.equal(await (await loaded({ echo: kEcho })).callHandler('echo', 1), 1);
});

function childProcesses() {
  const children = fs.readdirSync('/proc/self/task')
    .flatMap((task) => {
      try {
        return fs.readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter((pid) => pid !== '');
      } catch {
        return [];
      }
    });
  // Cells are children of a launcher.
  return children.flatMap((pid) => [pid, ...grandchildren(pid)]).length;
}

function grandchildren(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((child) => child !== '');
  } catch {
    return [];
  }
}

test('sandboxes that are dropped are freed', async () => {
  await loaded({ echo: kEcho });
  const before = childProcesses();
  for (let i = 0; i < 40; ++i) {
    const sandbox = await loaded({ echo: kEcho });
    await sandbox.callHandler('echo', i);
  }
  for (let i = 0; i < 200 && childProcesses() > before + 5; ++i) {
    global.gc();
    await sleep(20);
  }
  assert.ok(childProcesses() <= before + 5, `${childProcesses()} processes, ${before} before`);
});

test('idle sandboxes have no threads', async () => {
  const threads = () => fs.readdirSync('/proc/self/task').length;
  const sandboxes = [];
  for (let i = 0; i < 30; ++i) {
    const sandbox = await loaded({ echo: kEcho });
    await sandbox.callHandler('echo', i);
    sandboxes.push(sandbox);
  }
  assert.ok(threads() < 30, String(threads()));
  await Promise.all(sandboxes.map((sandbox) => sandbox.dispose()));
});

test('wrong objects are refused', async () => {
  const native = require(path.join(folder, 'curfew.linux-x64-glibc.node'));
  assert.throws(() => native.call({}, {}, 'a', 'b', [], true), TypeError);
  assert.throws(() => native.call(), TypeError);
  assert.throws(() => native.snapshotInfo(native.open()), TypeError);
  assert.throws(() => native.create(native.open(), {}, { heap: 'x' }), TypeError);
  assert.throws(() => native.answer('x'), TypeError);
  native.answer(123456789, false, 'nobody asked');
  const proto = await new SandboxBuilder().build();
  assert.equal(typeof proto.loadRuntime, 'function');
});
