// Ways to run other people's code in Node.js, each with the same few functions. The packages lie where the program is started.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'x.js'));

const kTimeout = 1000;  // milliseconds, of everything but runaway()
const kWorkers = 8;     // of run, a thread and an engine each
const kHandler = 'function handler(event) { event.request.uri = "/redirected.html"; return event; }';
const kEntry = '(text) => JSON.stringify(handler(JSON.parse(text)))';
const event = { request: { uri: '/index.html' } };
const kEvent = JSON.stringify(event);

// calls(): one call of the handler, awaited, in a state that is kept. fresh(): likewise, each in a state of its own. program(source): runs it
// in a clean state. tools(source, wait): likewise, with the host's function `wait`. runaway(source): must end it after 100 ms.
export const subjects = {
  async curfew() {
    const { Sandbox, Pool } = require(process.env.CURFEW_PACKAGE);
    const limits = { wall: kTimeout };
    return {
      async calls() {
        const sandbox = await Sandbox.create({ limits, handlers: { main: kHandler } });
        return () => sandbox.call('main', event);
      },
      async fresh() {
        const sandbox = await Sandbox.create({ limits, handlers: { main: kHandler } });
        const start = await sandbox.snapshot();
        return async () => {
          const result = await sandbox.call('main', event);
          await sandbox.restore(start);
          return result;
        };
      },
      async program() {
        const sandbox = await Sandbox.create({ limits });
        const start = await sandbox.snapshot();
        return async (source) => {
          const result = await sandbox.run(source);
          await sandbox.restore(start);
          return result;
        };
      },
      async tools(wait, size) {
        const pool = await Pool.create({ limits: { wall: 30_000 }, tools: { wait }, size });
        return (source) => pool.run(source);
      },
      async runaway() {
        const sandbox = await Sandbox.create({ limits: { wall: 100 }, heap: '64MiB' });
        return (source) => sandbox.run(source);
      },
    };
  },

  async 'isolated-vm'() {
    const ivm = require('isolated-vm');
    const timeout = kTimeout;
    const contextIn = async (isolate, script) => {
      const context = await isolate.createContext();
      await script.run(context);
      const entry = await context.eval(kEntry, { reference: true });
      return { context, call: async () => JSON.parse(await entry.apply(undefined, [kEvent], { timeout })) };
    };
    const inFunction = (source) => `(async () => {\n${source}\n})().then(JSON.stringify)`;
    return {
      async calls() {
        const isolate = new ivm.Isolate({ memoryLimit: 64 });
        return (await contextIn(isolate, await isolate.compileScript(kHandler))).call;
      },
      // An isolate that is kept, with a fresh context each. Released contexts wait for a collection.
      async fresh() {
        const isolate = new ivm.Isolate({ memoryLimit: 1024 });
        const script = await isolate.compileScript(kHandler);
        return async () => {
          const { context, call } = await contextIn(isolate, script);
          const result = await call();
          context.release();
          return result;
        };
      },
      // Of another tenant: a new isolate.
      async program() {
        return async (source) => {
          const isolate = new ivm.Isolate({ memoryLimit: 64 });
          try {
            return JSON.parse(await (await isolate.createContext()).eval(inFunction(source), { promise: true, timeout }));
          } finally {
            isolate.dispose();
          }
        };
      },
      async tools(wait) {
        const isolate = new ivm.Isolate({ memoryLimit: 4096 });
        return async (source) => {
          const context = await isolate.createContext();
          await context.evalClosure('globalThis.tools = { wait: (value) => $0.apply(undefined, [value], { result: { promise: true } }) };', [new ivm.Reference(wait)]);
          const result = JSON.parse(await context.eval(inFunction(source), { promise: true }));
          context.release();
          return result;
        };
      },
      async runaway() {
        const isolate = new ivm.Isolate({ memoryLimit: 64 });
        const context = await isolate.createContext();
        return (source) => context.eval(`(() => {\n${source}\n})()`, { timeout: 100 });
      },
    };
  },

  async 'quickjs-emscripten'() {
    const { getQuickJS, shouldInterruptAfterDeadline } = require('quickjs-emscripten');
    const quickjs = await getQuickJS();
    const limited = (context, milliseconds) => context.runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + milliseconds));
    const withHandler = () => {
      const context = quickjs.newContext();
      context.unwrapResult(context.evalCode(kHandler)).dispose();
      const entry = context.unwrapResult(context.evalCode(kEntry));
      const call = async () => {
        limited(context, kTimeout);
        const text = context.newString(kEvent);
        const result = context.unwrapResult(context.callFunction(entry, context.undefined, text));
        const value = JSON.parse(context.getString(result));
        result.dispose();
        text.dispose();
        return value;
      };
      return { call, end: () => { entry.dispose(); context.dispose(); } };
    };
    const valueOf = async (context, source) => {
      const promise = context.unwrapResult(context.evalCode(`(async () => {\n${source}\n})().then(JSON.stringify)`));
      const settled = context.resolvePromise(promise);
      context.runtime.executePendingJobs();
      const value = context.unwrapResult(await settled);
      const text = context.getString(value);
      value.dispose();
      promise.dispose();
      return JSON.parse(text);
    };
    return {
      calls: async () => withHandler().call,
      fresh: async () => async () => {
        const { call, end } = withHandler();
        const result = await call();
        end();
        return result;
      },
      program: async () => async (source) => {
        const context = quickjs.newContext();
        limited(context, kTimeout);
        try {
          return await valueOf(context, source);
        } finally {
          context.dispose();
        }
      },
      tools: async (wait) => async (source) => {
        const context = quickjs.newContext();
        try {
          const waits = context.newFunction('wait', (value) => {
            const given = context.dump(value);
            const promise = context.newPromise();
            wait(given).then((result) => {
              const handle = context.newNumber(result);
              promise.resolve(handle);
              handle.dispose();
            });
            promise.settled.then(() => context.runtime.executePendingJobs());
            return promise.handle;
          });
          const tools = context.newObject();
          context.setProp(tools, 'wait', waits);
          context.setProp(context.global, 'tools', tools);
          waits.dispose();
          tools.dispose();
          return await valueOf(context, source);
        } finally {
          context.dispose();
        }
      },
      runaway: async () => async (source) => {
        const context = quickjs.newContext();
        context.runtime.setMemoryLimit(64 << 20);
        limited(context, 100);
        context.unwrapResult(context.evalCode(`(() => {\n${source}\n})()`)).dispose();
      },
    };
  },

  async run() {
    const { run, setMaxWorkers } = await import(require.resolve('run'));
    const limits = { timeoutMs: kTimeout };
    return {
      program: async () => async (source) => (await run({ source, limits })).value,
      async tools(wait) {
        let free = kWorkers;
        setMaxWorkers(kWorkers);
        const waiting = [];
        // It refuses what is more than its workers, rather than wait.
        return async (source) => {
          if (free === 0) await new Promise((resolve) => waiting.push(resolve));
          else --free;
          try {
            return (await run({ source, hostFunctions: { tools: { wait } }, limits: { timeoutMs: 30_000 } })).value;
          } finally {
            const next = waiting.shift();
            if (next === undefined) ++free;
            else next();
          }
        };
      },
      runaway: async () => (source) => run({ source, limits: { timeoutMs: 100 } }),
    };
  },
};
