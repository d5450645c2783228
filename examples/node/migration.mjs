// What programs do with isolated-vm, quickjs-emscripten, vm2, run and hyperlight-js, with Curfew. docs/migration-node.md has the other side.
import assert from 'node:assert/strict';
import { Sandbox, CurfewError, deferred } from 'curfew';

async function isolated_vm(log) {
  const sandbox = await Sandbox.create({
    heap: '128MiB',
    limits: { wall: '1s', cpu: '100ms' },
    tools: { log: (...texts) => log(texts) },
    handlers: { add: 'export const handler = ([a, b]) => a + b;' },
  });
  await sandbox.run('await tools.log("hello"); globalThis.counter = 41;');
  const answer = await sandbox.run('++counter');
  const sum = await sandbox.call('add', [1, 2]);
  await sandbox.dispose();
  return [answer, sum];
}

async function clean_state(requests) {
  const sandbox = await Sandbox.create({ handlers: { main: 'let seen = 0; export const handler = (name) => `${name} ${++seen}`;' } });
  const start = await sandbox.snapshot();
  const answers = [];
  for (const request of requests) {
    answers.push(await sandbox.call('main', request));
    await sandbox.restore(start);
  }
  await sandbox.dispose();
  return answers;
}

async function quickjs_emscripten(readFile) {
  const sandbox = await Sandbox.create({
    limits: { cpu: '100ms', memory: '8MiB' },
    tools: { readFile },
  });
  const text = await sandbox.run(`
    const content = await tools.readFile('a.txt');
    return content.toUpperCase();`);
  await sandbox.dispose();
  return text;
}

async function vm2(code) {
  const sandbox = await Sandbox.create({
    limits: { wall: '1s' },
    tools: { fetchUser: async (id) => ({ id, name: 'Ada' }) },
    modules: { greeting: "export const hello = (name) => 'Hello, ' + name;" },
    console: (level, text) => process.stdout.write(text),
  });
  try {
    return await sandbox.run(code);
  } catch (error) {
    if (error instanceof CurfewError && error.code === 'cancelled') return `too slow: ${error.terminatedBy}`;
    throw error;
  } finally {
    await sandbox.dispose();
  }
}

async function run(source, controller) {
  const sandbox = await Sandbox.create({
    limits: { wall: '30s', memory: '64MiB', hostCalls: 256 },
    tools: { search: async (words) => [words], pay: deferred },
  });
  const invocation = await sandbox.beginRun(source, { signal: controller.signal });
  const [{ id, arguments: [amount] }] = invocation.openCalls;
  const saved = await (await sandbox.snapshot()).toBuffer();  // goes on with Snapshot.fromBuffer(), and runs nothing again
  await invocation.resume(id, { paid: amount });
  const value = await invocation.result();
  await sandbox.dispose();
  return [value, saved.length > 0];
}

const logged = [];
assert.deepEqual(await isolated_vm((texts) => logged.push(...texts)), [42, 3]);
assert.deepEqual(logged, ['hello']);
assert.deepEqual(await clean_state(['a', 'b']), ['a 1', 'b 1']);
assert.equal(await quickjs_emscripten(async (name) => `text of ${name}`), 'TEXT OF A.TXT');
assert.equal(await vm2("const { hello } = await import('user:greeting'); hello((await tools.fetchUser(1)).name)"), 'Hello, Ada');
assert.equal(await vm2('for (;;) {}'), 'too slow: wall-clock');
const program = 'const [found] = await tools.search("tea"); const { paid } = await tools.pay(5); return { found, paid };';
assert.deepEqual(await run(program, new AbortController()), [{ found: 'tea', paid: 5 }, true]);
console.log('all as expected');
