// The end: of the process, of worker threads, and of sandboxes that nobody disposes of.
'use strict';

const assert = require('node:assert/strict');
const { execFile, fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { Sandbox, deferred, kEcho } = require('./helper.js');

const kPackage = JSON.stringify(process.env.CURFEW_PACKAGE);
const kUse = `const { Sandbox, Pool, deferred } = require(${kPackage});`;

async function run(script) {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', `${kUse} (async () => { ${script} })();`], { timeout: 60_000 });
  return stdout;
}

test('a process ends by itself', async () => {
  assert.equal(await run("const s = await Sandbox.create(); console.log(await s.run('1 + 1'));"), '2\n');
  assert.equal(await run("const p = await Pool.create({ size: 2 }); console.log(await p.run('1 + 1')); p.output;"), '2\n');
  assert.equal(await run("const s = await Sandbox.create(); s.output().next(); await s.run('1'); console.log('over');"), 'over\n');
});

test('a process ends in the middle', async () => {
  for (const program of ['for (;;) {}', 'await tools.never()', '/^(a+)+$/.test("a".repeat(40) + "b")']) {
    assert.equal(await run(`const s = await Sandbox.create({ tools: { never: () => new Promise(() => {}) } });
      s.run(${JSON.stringify(program)}).catch(() => {});
      setTimeout(() => { console.log('exits'); process.exit(0); }, 50);`), 'exits\n');
  }
});

// Cells are children, or children of a launcher.
function processes() {
  const childrenOf = (pid) => {
    try {
      return fs.readdirSync(`/proc/${pid}/task`)
        .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
        .filter((child) => child !== '');
    } catch {
      return [];
    }
  };
  return childrenOf('self').flatMap((pid) => [pid, ...childrenOf(pid)]).length;
}

async function returnsTo(before) {
  for (let i = 0; i < 500 && processes() > before; ++i) {
    global.gc();
    await sleep(20);
  }
  assert.ok(processes() <= before, `${processes()} processes, ${before} before`);
}

test('sandboxes that are dropped are freed, also those that wait', async () => {
  const before = processes() + 4;
  await (async () => {
    for (let i = 0; i < 30; ++i) {
      const sandbox = await Sandbox.create({ tools: { f: async () => 1, ask: deferred }, handlers: { echo: kEcho, wait: 'export const handler = async () => tools.ask();' } });
      sandbox.output();
      await sandbox.run('await tools.f()');
      await sandbox.snapshot();
      if (i % 2 === 0) await sandbox.begin('wait');
    }
  })();
  await returnsTo(before);
});

test('worker threads end in the middle of everything', async () => {
  const before = processes() + 4;
  for (const what of ["s.run('for (;;) {}')", "s.run('await tools.never()')", "s.begin('wait')", "s.begin('wait').then((i) => i.result())",
                      "s.snapshot()", "Sandbox.create()", "s.run('await tools.f()', { monitors: [{ name: 'm', start: () => new Promise(() => {}) }] })"]) {
    for (const ending of ['terminate', 'exit']) {
      const worker = new Worker(`${kUse}
        (async () => {
          const s = await Sandbox.create({
            tools: { never: () => new Promise(() => {}), f: async () => 1, ask: deferred },
            handlers: { wait: 'export const handler = async () => tools.ask();' },
          });
          await s.run('1');
          Promise.resolve(${what}).catch(() => {});
          require('node:worker_threads').parentPort.postMessage('begun');
          if (${ending === 'exit'}) setImmediate(() => process.exit(3));
          setInterval(() => {}, 1000);
        })();`, { eval: true });
      const exited = once(worker, 'exit');
      await once(worker, 'message');
      if (ending === 'terminate') await worker.terminate();
      await exited;
    }
  }
  await returnsTo(before);
  const sandbox = await Sandbox.create();
  assert.equal(await sandbox.run('1 + 1'), 2);
  await sandbox.dispose();
});

test('child processes have their own', async () => {
  const sandbox = await Sandbox.create();
  const file = `${fs.mkdtempSync(`${require('node:os').tmpdir()}/curfew-node-`)}/child.js`;
  fs.writeFileSync(file, `${kUse} (async () => { const s = await Sandbox.create(); process.send(await s.run('6 * 7')); process.disconnect(); })();`);
  const child = fork(file);
  assert.equal((await once(child, 'message'))[0], 42);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal(await sandbox.run('1'), 1);
  await sandbox.dispose();
});
