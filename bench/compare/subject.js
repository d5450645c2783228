// One way to run handlers in an ordinary Node.js, measured: isolated-vm or Node's own vm. A process of its own for each turn, so that
// neither sees the other's garbage. Prints one JSON object: names of measurements, each with its samples (nanoseconds; bytes for
// memory; requests per second for rates).
//
//   node subject.js isolated-vm|vm FOLDER_OF_ISOLATED_VM
'use strict';

const { createRequire } = require('node:module');
const fs = require('node:fs');
const vm = require('node:vm');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

// The same handler, event and result as in table/redirect.h. Text goes in and comes out, as with handle_event.
const kHandler = 'function handler(event) { event.request.uri = "/redirected.html"; return event; }';
const kEntry = '(text) => JSON.stringify(handler(JSON.parse(text)))';
const kEvent = '{"request":{"uri":"/index.html"}}';
const kResult = '{"request":{"uri":"/redirected.html"}}';
const kTimeout = 1000;  // milliseconds

const now = () => Number(process.hrtime.bigint());

function check(result) {
  if (result !== kResult) throw new Error(`a wrong result: ${result}`);
}

function isolatedVm(folder) {
  const ivm = createRequire(`${folder}/`)('isolated-vm');
  const options = { timeout: kTimeout };
  const contextIn = (isolate, script) => {
    const context = isolate.createContextSync();
    script.runSync(context);
    const entry = context.evalSync(kEntry, { reference: true });
    return { call: () => entry.applySync(undefined, [kEvent], options), release: () => context.release() };
  };
  return {
    // A new isolate, as another tenant has to have it.
    start() {
      const isolate = new ivm.Isolate({ memoryLimit: 64 });
      const { call } = contextIn(isolate, isolate.compileScriptSync(kHandler));
      return { call, end: () => isolate.dispose() };
    },
    // An isolate that is kept, with a fresh context for each request.
    // Contexts that were released wait for a garbage collection: with less room the isolate is ended for want of memory now and then.
    requests() {
      const isolate = new ivm.Isolate({ memoryLimit: 1024 });
      const script = isolate.compileScriptSync(kHandler);
      return () => {
        const { call, release } = contextIn(isolate, script);
        check(call());
        release();
      };
    },
  };
}

function nodesVm() {
  const script = new vm.Script(kHandler);
  const run = new vm.Script('result = JSON.stringify(handler(JSON.parse(text)))');
  const fresh = () => {
    const context = vm.createContext({ text: kEvent, result: '' });
    script.runInContext(context);
    return () => {
      run.runInContext(context, { timeout: kTimeout });
      return context.result;
    };
  };
  return {
    start: () => ({ call: fresh(), end: () => {} }),
    requests: () => () => check(fresh()()),
  };
}

function subjectOf(name, folder) {
  return name === 'vm' ? nodesVm() : isolatedVm(folder);
}

// Memory of this process, page tables included.
function memory() {
  const pss = /^Pss:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/smaps_rollup', 'utf8'))[1];
  const tables = /^VmPTE:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1];
  return (Number(pss) + Number(tables)) * 1024;
}

function measureCalls(subject) {
  const { call } = subject.start();
  for (let i = 0; i < 3000; ++i) check(call());
  const samples = [];
  for (let i = 0; i < 5000; ++i) {
    const begin = now();
    const result = call();
    samples.push(now() - begin);
    check(result);
  }
  return samples;
}

function measureStarts(subject) {
  const samples = [];
  for (let i = 0; i < 110; ++i) {
    const begin = now();
    const { call, end } = subject.start();
    check(call());
    if (i >= 10) samples.push(now() - begin);
    end();
  }
  return samples;
}

function measureMemory(subject) {
  const kCount = 100;
  const kept = [];
  const more = () => {
    const started = subject.start();
    check(started.call());
    kept.push(started);
  };
  for (let i = 0; i < 5; ++i) more();
  globalThis.gc?.();
  const before = memory();
  for (let i = 0; i < kCount; ++i) more();
  globalThis.gc?.();
  return [(memory() - before) / kCount];
}

const kSlice = 200e6;  // nanoseconds

function sendFor(request, slices) {
  const rates = [];
  for (let slice = 0; slice <= slices; ++slice) {
    let count = 0;
    const begin = now();
    while (now() - begin < kSlice) {
      request();
      ++count;
    }
    if (slice > 0) rates.push(count * 1e9 / (now() - begin));
  }
  return rates;
}

async function measureThreads(name, folder, count) {
  const workers = Array.from({ length: count }, () => new Worker(__filename, { workerData: { name, folder } }));
  const rates = await Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
  })));
  return rates[0].map((_, slice) => rates.reduce((sum, of) => sum + of[slice], 0));
}

async function main() {
  const [name, folder] = process.argv.slice(2);
  const subject = subjectOf(name, folder);
  const measured = { call: measureCalls(subject), start: measureStarts(subject), memory: measureMemory(subject) };
  for (const threads of [1, 2]) measured[`pool, ${threads}`] = await measureThreads(name, folder, threads);
  process.stdout.write(JSON.stringify(measured), () => process.exit());
}

if (isMainThread) {
  main();
} else {
  parentPort.postMessage(sendFor(subjectOf(workerData.name, workerData.folder).requests(), 5));
}
