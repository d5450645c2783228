// The program of bench/table/program.cc in other engines, each time in a state of its own.
import { getQuickJS } from 'quickjs-emscripten';
import { run } from 'run';
import ivm from 'isolated-vm';

const rounds = Number(process.argv[2]);
const program = `const people = [{ name: 'Ada', age: 36 }, { name: 'Alan', age: 41 }, { name: 'Grace', age: 85 }];
const byAge = (limit) => people.filter((one) => one.age > limit);
async function greet({ name }) {
  return \`Hello, \${name}!\`;
}
const greetings = await Promise.all(byAge(40).map(greet));
const ages = Object.fromEntries(people.map(({ name, age }) => [name, age]));
let total = 0;
for (const age of Object.values(ages)) total += age;
return { greetings, total, text: JSON.stringify(ages) };
`;
const wrapped = `(async () => {\n${program}\n})().then(JSON.stringify)`;
const expected = JSON.stringify({
  greetings: ['Hello, Alan!', 'Hello, Grace!'], total: 162, text: '{"Ada":36,"Alan":41,"Grace":85}',
});

async function withRun() {
  const done = await run({ source: program });
  return JSON.stringify(done.value);
}

const isolate = new ivm.Isolate({ memoryLimit: 64 });
async function withIsolatedVm() {
  const context = await isolate.createContext();
  try {
    return await context.eval(wrapped, { promise: true });
  } finally {
    context.release();
  }
}

const quickjs = await getQuickJS();
async function withQuickJs() {
  const context = quickjs.newContext();
  try {
    const promise = context.unwrapResult(context.evalCode(wrapped));
    const settled = context.resolvePromise(promise);
    context.runtime.executePendingJobs();
    const value = context.unwrapResult(await settled);
    const text = context.getString(value);
    value.dispose();
    promise.dispose();
    return text;
  } finally {
    context.dispose();
  }
}

async function measure(name, once) {
  const times = [];
  for (let i = 0; i < rounds + 10; ++i) {
    const begin = process.hrtime.bigint();
    const result = await once();
    const took = Number(process.hrtime.bigint() - begin) / 1e3;
    if (result !== expected) throw new Error(`${name} gave ${result}`);
    if (i >= 10) times.push(took);
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: median ${times[times.length >> 1].toFixed(0)} us, 99% within ${times[Math.ceil(times.length * 0.99) - 1].toFixed(0)} us`);
}

await measure('run 2.1.5', withRun);
await measure('isolated-vm 7.0.1, a new context', withIsolatedVm);
await measure('quickjs-emscripten 0.32.0, a new context', withQuickJs);
