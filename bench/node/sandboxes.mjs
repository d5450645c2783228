// What calls, resets and new sandboxes cost a program on Node.js, each awaited, and how long the event loop is held up:
//
//   node bench/node/sandboxes.mjs build/release/bindings/node/curfew [ROUNDS]
//
// A round is one call; 1,000 by default. Let nothing else run beside it.
import { createRequire } from 'node:module';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const [folder, count = '1000'] = process.argv.slice(2);
const rounds = Number(count);
const { Sandbox, Pool } = createRequire(import.meta.url)(path.resolve(folder, 'curfew.js'));

const kTen = `const words = ['a', 'b', 'c'];
const lengths = {};
for (const word of words) {
  lengths[word] = word.length;
}
let sum = 0;
for (const length of Object.values(lengths)) {
  sum += length;
}
JSON.stringify({ sum, words })`;
const kEcho = 'function handler(event) { return event; }';

async function measure(what, work, times = rounds) {
  await work();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const began = performance.now();
  for (let i = 0; i < times; ++i) await work();
  const each = (performance.now() - began) / times;
  delays.disable();
  const text = each < 1 ? `${(each * 1000).toFixed(0)} us` : `${each.toFixed(2)} ms`;
  console.log(`${what.padEnd(52)} ${text.padStart(10)}   event loop p99 ${(delays.percentile(99) / 1e6).toFixed(1)} ms`);
}

const tools = { wait: (value) => new Promise((resolve) => setTimeout(resolve, 10, value)) };
const sandbox = await Sandbox.create({ handlers: { echo: kEcho }, tools });
const fresh = await sandbox.snapshot();

await measure('a call', () => sandbox.call('echo', { a: 1 }));
await measure('a call, and a restore', async () => { await sandbox.call('echo', { a: 1 }); await sandbox.restore(fresh); });
await measure('a program of ten lines, and a restore', async () => { await sandbox.run(kTen); await sandbox.restore(fresh); });
await measure('a new sandbox from a snapshot, a call, its end', async () => {
  const other = await Sandbox.from(fresh, { tools });
  await other.call('echo', 1);
  await other.dispose();
});
await measure('a new sandbox with a handler, a call, its end', async () => {
  const other = await Sandbox.create({ handlers: { echo: kEcho } });
  await other.call('echo', 1);
  await other.dispose();
});
const pool = await Pool.create({ snapshot: fresh, tools, size: 128 });
await measure(`${rounds} programs at once, each with a tool of 10 ms`, () =>
  Promise.all(Array.from({ length: rounds }, () => pool.run('await tools.wait(1)'))), 1);
await pool.dispose();
await sandbox.dispose();
