// Curfew beside isolated-vm and Node's own vm, by turns in one run: prints a table, in Markdown.
//
//   node compare.js CURFEW_BENCH [ROUNDS]
//
// With the Node.js that sandboxes are made of. npm fetches isolated-vm, in the version below, into a folder that is removed
// afterwards; its prebuilt program is used, or it is compiled. The subjects take turns, so that what else the machine does hits all.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const kIsolatedVm = '7.0.1';

// A row of `curfew bench` for each of ours.
const kRows = [
  { what: 'a call of the redirect handler, under a limit of time for the others', ours: 'Node.js: handle_event of the redirect handler', key: 'call' },
  { what: 'the same, WaitMode::spin (a spare CPU)', ours: 'Node.js: handle_event of the redirect handler, spinning', key: 'call' },
  { what: 'from nothing to the first result: a new isolate; a new sandbox from a snapshot', ours: 'Node.js: cold start, from a Snapshot to the first result', key: 'start' },
  { what: 'one more that is idle, page tables included', ours: 'Node.js: memory of one more idle sandbox, page tables included', key: 'memory' },
  { what: 'requests, each in a clean state, 1 thread', ours: 'Node.js: requests through a pool with restore every time, 1 thread', key: 'pool, 1' },
  { what: 'requests, each in a clean state, 2 threads', ours: 'Node.js: requests through a pool with restore every time, 2 threads', key: 'pool, 2' },
];
const kBenchmarks = ['node: calls', 'node: cold start', 'node: memory', 'node: pool'];

const median = (samples) => samples.toSorted((a, b) => a - b)[Math.floor((samples.length - 1) / 2)];

const digits = (value) => value >= 100 ? value.toFixed(0) : value.toPrecision(3);
function shown(value, key) {
  if (value === undefined) return '-';
  if (key === 'memory') return `${digits(value / 1024)} KiB`;
  if (key.startsWith('pool')) return `${digits(value)} /s`;
  return value < 1e6 ? `${digits(value / 1e3)} us` : `${digits(value / 1e6)} ms`;
}

function run(program, args) {
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 }));
}

function fetchIsolatedVm(folder) {
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  const env = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', `isolated-vm@${kIsolatedVm}`], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function main() {
  const [bench, rounds = '3'] = process.argv.slice(2);
  if (bench === undefined) {
    console.error('Usage: node compare.js CURFEW_BENCH [ROUNDS]');
    process.exit(2);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'curfew-compare-'));
  const ours = {};    // row of ours -> medians, one a round
  const quick = {};   // the same of QuickJS, where the row stands beside it
  const others = { 'isolated-vm': {}, 'vm': {} };
  try {
    fetchIsolatedVm(folder);
    for (let round = 0; round < Number(rounds); ++round) {
      for (const benchmark of kBenchmarks) {
        for (const row of run(bench, ['--json', '--only', benchmark])) {
          (ours[row.what] ??= []).push(row.median);
          if (row.beside?.what.includes('QuickJS')) (quick[row.what] ??= []).push(row.beside.median);
        }
      }
      for (const name of Object.keys(others)) {
        const measured = run(process.execPath, ['--expose-gc', path.join(__dirname, 'subject.js'), name, folder]);
        for (const key of Object.keys(measured)) (others[name][key] ??= []).push(median(measured[key]));
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  console.log(`Node.js ${process.versions.node}, isolated-vm ${kIsolatedVm}, ${os.availableParallelism()} CPUs (${os.cpus()[0].model}), Linux ${os.release()}; medians of ${rounds} rounds.\n`);
  console.log('| what | Curfew, Node.js | Curfew, QuickJS | isolated-vm | vm (no isolation) |');
  console.log('|---|---|---|---|---|');
  for (const { what, ours: row, key } of kRows) {
    const of = (samples) => shown(samples && median(samples), key);
    console.log(`| ${what} | ${of(ours[row])} | ${of(quick[row])} | ${of(others['isolated-vm'][key])} | ${of(others.vm[key])} |`);
  }
}

main();
