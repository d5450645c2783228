// The npm package beside others', by turns in one run: prints a table, in Markdown. Started by compare.sh where the packages are.
//
//   node compare.mjs ROUNDS
import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import { runaways } from './runaways.mjs';

const rounds = Number(process.argv[2] ?? 1000);
const kTurns = 3;
const kNames = ['curfew', 'isolated-vm', 'quickjs-emscripten', 'run'];
const kRows = [
  { what: 'calls', text: 'call of the redirect handler, awaited, warm', of: ['curfew', 'isolated-vm', 'quickjs-emscripten'] },
  { what: 'fresh', text: 'the same, each in a clean state (a restore; a fresh context)', of: ['curfew', 'isolated-vm', 'quickjs-emscripten'] },
  { what: 'program', text: 'a program of ten lines in a clean state (a restore; a new isolate; a new context)', of: kNames },
  { what: 'tools', text: '1,000 programs at once, each with an async tool of 10 ms: all; event loop\'s delay, p99', of: kNames, rounds: 1000 },
];

// Null if it failed, or took too long.
async function measure(name, what, count, timeout = 300_000) {
  const began = performance.now();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-node-snapshot', '--no-warnings', 'measure.mjs', name, what, String(count)], { timeout, killSignal: 'SIGKILL' });
    return JSON.parse(stdout);
  } catch (error) {
    if (performance.now() - began < timeout - 1000) console.error(`${name} ${what}: ${String(error.stderr ?? error).split('\n').slice(-8).join(' ')}`);
    return null;
  }
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const shown = (microseconds) => (microseconds < 1000 ? `${microseconds.toPrecision(3)} us` : `${(microseconds / 1000).toPrecision(3)} ms`);

console.log(`Node.js ${process.versions.node}, ${os.availableParallelism()} CPUs (${os.cpus()[0].model}), load ${os.loadavg()[0].toFixed(1)}; ${rounds} rounds, ${kTurns} turns; median / p99.\n`);
console.log(`| what | ${kNames.join(' | ')} |`);
console.log(`|---|${kNames.map(() => '---|').join('')}`);
for (const { what, text, of, rounds: count = rounds, turns = kTurns } of kRows) {
  const found = Object.fromEntries(of.map((name) => [name, []]));
  for (let turn = 0; turn < turns; ++turn) {
    for (const name of of) {
      const measured = await measure(name, what, name === 'run' && what === 'program' ? Math.min(count, 100) : count);
      if (measured !== null) found[name].push(measured);
    }
  }
  const cells = kNames.map((name) => {
    const all = found[name];
    if (all === undefined) return '-';
    if (all.length === 0) return 'failed';
    if (what === 'tools') return `${middle(all.map(({ took }) => took)).toFixed(0)} ms; ${middle(all.map(({ delay }) => delay)).toFixed(1)} ms`;
    return `${shown(middle(all.map(({ median }) => median)))} / ${shown(middle(all.map(({ p99 }) => p99)))}`;
  });
  console.log(`| ${text} | ${cells.join(' | ')} |`);
}

// Each in a process of its own, which is killed after three seconds.
const kInTime = 200;
const late = Object.fromEntries(kNames.map((name) => [name, []]));
for (const [index, { what }] of runaways.entries()) {
  for (const name of kNames) {
    const measured = await measure(name, 'runaway', index, 6000);
    if (measured === null || measured.took > kInTime) late[name].push(`${what} (${measured === null ? 'never' : `${measured.took.toFixed(0)} ms`})`);
  }
}
console.log(`| of ${runaways.length} handlers that run long in native code, limit 100 ms: over within ${kInTime} ms | ${kNames.map((name) => runaways.length - late[name].length).join(' | ')} |`);
for (const name of kNames) {
  if (late[name].length > 0) console.log(`\nLate, ${name}: ${late[name].join(', ')}.`);
}
