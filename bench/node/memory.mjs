// What stays in a process that makes and drops many sandboxes: memory, processes, descriptors.
//
//   node --expose-gc memory.mjs PACKAGE [COUNT]        100,000 by default; some minutes
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const [folder, count = '100000'] = process.argv.slice(2);
const { Sandbox } = createRequire(import.meta.url)(path.resolve(folder, 'curfew.js'));
const kSteps = 10;
const kAtOnce = 8;

const first = await Sandbox.create({ handlers: { main: 'let n = 0; function handler() { return ++n; }' } });
const snapshot = await first.snapshot();

// Half of them are disposed of, half are dropped.
async function one(index) {
  const sandbox = await Sandbox.from(snapshot);
  if (await sandbox.call('main') !== 1) throw new Error('a wrong result');
  if (index % 2 === 0) await sandbox.dispose();
}

async function settle() {
  for (let i = 0; i < 20; ++i) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function state() {
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  const resident = Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024;
  return `${resident.toFixed(1)} MiB, JavaScript's heap ${(process.memoryUsage().heapUsed / (1 << 20)).toFixed(1)} MiB, ${fs.readdirSync('/proc/self/fd').length} descriptors, ${/^Threads:\s+(\d+)/m.exec(status)[1]} threads`;
}

const each = Math.ceil(Number(count) / kSteps);
let made = 0;
for (let step = 0; step <= kSteps; ++step) {
  await settle();
  console.log(`${String(made).padStart(7)} sandboxes: ${state()}`);
  if (step === kSteps) break;
  for (let i = 0; i < each; i += kAtOnce) {
    await Promise.all(Array.from({ length: kAtOnce }, (_, j) => one(i + j)));
    made += kAtOnce;
  }
}
