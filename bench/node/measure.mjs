// Measures one subject, in a process of its own, and prints a line of JSON. Started by compare.mjs:
//
//   node measure.mjs SUBJECT calls|fresh|program|tools ROUNDS
//   node measure.mjs SUBJECT runaway INDEX       one of the handlers of runaways.mjs
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { runaways } from './runaways.mjs';
import { subjects } from './subjects.mjs';

const [name, what, count] = process.argv.slice(2);
const rounds = Number(count);
const kProgram = `const people = [{ name: 'Ada', age: 36 }, { name: 'Alan', age: 41 }, { name: 'Grace', age: 85 }];
const byAge = (limit) => people.filter((one) => one.age > limit);
async function greet({ name }) {
  return \`Hello, \${name}!\`;
}
const greetings = await Promise.all(byAge(40).map(greet));
const ages = Object.fromEntries(people.map(({ name, age }) => [name, age]));
let total = 0;
for (const age of Object.values(ages)) total += age;
return { greetings, total, text: JSON.stringify(ages) };`;
const kConcurrent = 32;  // sandboxes for 1,000 programs at once: more are done sooner, and leave the event loop less of the CPUs

async function timed(once, expected) {
  const times = [];
  for (let i = 0; i < rounds + 20; ++i) {
    const began = performance.now();
    const result = JSON.stringify(await once());
    const took = performance.now() - began;
    if (result !== expected) throw new Error(`${name} gave ${result}`);
    if (i >= 20) times.push(took * 1000);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], p99: times[Math.ceil(times.length * 0.99) - 1] };
}

const subject = await subjects[name]();
const measurements = {
  async calls() { return timed(await subject.calls(), '{"request":{"uri":"/redirected.html"}}'); },
  async fresh() { return timed(await subject.fresh(), '{"request":{"uri":"/redirected.html"}}'); },
  async program() {
    const run = await subject.program();
    return timed(() => run(kProgram), '{"greetings":["Hello, Alan!","Hello, Grace!"],"total":162,"text":"{\\"Ada\\":36,\\"Alan\\":41,\\"Grace\\":85}"}');
  },
  async tools() {
    const run = await subject.tools((value) => new Promise((resolve) => setTimeout(resolve, 10, value)), kConcurrent);
    const all = () => Promise.all(Array.from({ length: rounds }, () => run('return await tools.wait(1)')));
    await Promise.all(Array.from({ length: kConcurrent }, () => run('return await tools.wait(1)')));
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    const began = performance.now();
    const results = await all();
    const took = performance.now() - began;
    delays.disable();
    if (results.length !== rounds || results.some((result) => result !== 1)) throw new Error('a wrong result');
    return { took, delay: Math.max(0, delays.percentile(99) / 1e6 - 1) };  // beyond the millisecond at which it looks
  },
  async runaway() {
    const run = await subject.runaway();
    const began = performance.now();
    await run(runaways[rounds].source).catch(() => {});
    return { took: performance.now() - began };
  },
};
const result = await measurements[what]();
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
