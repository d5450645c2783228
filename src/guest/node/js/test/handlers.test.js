// Handlers: what they give and how they fail, uncaught exceptions, the end of a call, and scripts that replace what they can.
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { guest, run } = require('./run.js');

// The answers of a handler to these events.
function answers(source, ...events) {
  const [loaded, ...called] = guest({ steps: [{ source, script: 'main.js' }, ...events.map((event) => ({ event }))] });
  assert.strictEqual(loaded.error, undefined);
  return called;
}

const calls = (source, count = 1) => answers(source, ...Array(count).fill('null'));

test('handlers are kept apart, and the newest of a name counts', () => {
  const load = (name, source) => ({ name, source, script: 'same.js' });
  const results = guest({
    steps: [load('one', "let n = 1; function handler() { return 'one ' + n++; }"), load('two/😊', "let n = 10; function handler() { return 'two ' + n++; }"),
            { name: 'one', event: '0' }, { name: 'two/😊', event: '0' }, { name: 'one', event: '0' }, { name: 'three', event: '0' }, load('broken', 'function handler( {'),
            { name: 'one', event: '0' }, { name: 'broken', event: '0' }, load('one', 'export const handler = () => "new";'), { name: 'one', event: '0' }],
  });
  assert.deepStrictEqual(results.map(({ result, error }) => result ?? error?.split(' (')[0]),
                         ['', '', '"one 1"', '"two 10"', '"one 2"', 'there is no handler "three"', 'SyntaxError: Unexpected end of input', '"one 3"', 'there is no handler "broken"', '', '"new"']);
});

test('a failure has a message of its own, the frames of the script, and what lies behind it', () => {
  const [{ error, stack }] = calls("function handler() {\n  inner();\n}\nfunction inner() {\n  throw new TypeError('a\\n    at nowhere', { cause: new AggregateError([new RangeError('r')], 'g') });\n}");
  assert.strictEqual(error, 'TypeError: a\n    at nowhere');
  const lines = stack.split('\n').filter((line) => !line.includes('mock.js'));
  assert.deepStrictEqual(lines.slice(0, 4), ['    at inner (main.js:5:9)', '    at handler (main.js:2:3)', '  [cause]: AggregateError: g', '      at inner (main.js:5:53)']);
  assert.match(stack, /\[errors\]: \[\n +RangeError: r/);
});

test('asynchronous frames are those of the script', () => {
  const [{ stack }] = calls("const later = () => new Promise((done) => setImmediate(done));\nasync function inner() {\n  await later();\n  throw new Error('x');\n}\nasync function handler() {\n  await inner();\n}");
  assert.strictEqual(stack, '    at inner (main.js:4:9)\n    at async handler (main.js:7:3)');
});

test('no frames of the inside are seen, whoever looks', () => {
  const [{ result }] = calls("function handler() { const seen = []; Error.stackTraceLimit = 50; seen.push(new Error('x').stack); Error.prepareStackTrace = (e, t) => t.map((f) => f.getFileName()).join(); seen.push(new Error('y').stack); return seen; }");
  assert.doesNotMatch(result, /curfew:|node:internal/);
});

test("Node's errors keep their codes", () => {
  const [{ error, stack }] = calls("function handler() { Buffer.from(7); }");
  assert.match(error, /^TypeError \[ERR_INVALID_ARG_TYPE\]: The first argument/);
  assert.match(stack, /^    at .*\n.*at handler \(main.js:1:29\)/);
});

test('what is thrown may be anything', () => {
  const values = ['"text"', '{ code: 7, list: [1, { a: { b: { c: {} } } }], long: "x".repeat(100) }', 'null', 'undefined', '42', 'Symbol("s")', '1n', '() => 1',
                  'Object.defineProperty(new Error("x"), "message", { get() { throw 1; } })', 'Object.defineProperty(new Error("x"), "stack", { get() { throw 1; } })',
                  'new Proxy(new Error("x"), { get() { throw 1; }, getPrototypeOf() { throw 2; }, has() { throw 3; } })', '{ [Symbol.for("nodejs.util.inspect.custom")]() { throw 1; } }',
                  'Object.assign(new Error("m"), { name: "" })', 'Object.create(Error.prototype)'];
  const results = answers(`const values = [${values}]; function handler(i) { throw values[i]; }`, ...values.map((value, i) => `${i}`));
  const said = results.map(({ error }) => error);
  assert.deepStrictEqual([said[0], ...said.slice(2, 6), said[6], said[8], said[9], said[12]], ['text', 'null', 'undefined', '42', 'Symbol(s)', '1n', 'Error', 'Error: x', 'm']);
  assert.doesNotMatch(said[1], /\n/);
  for (const one of said) assert.strictEqual(typeof one, 'string');
});

test('a promise that never settles, and one that settles in a later call', () => {
  const results = calls("let settle; let n = 0; function handler() { if (++n === 1) return new Promise((done) => { settle = done; }); settle('late'); return n; }", 2);
  assert.match(results[0].error, /^the handler waits for a promise that can never settle: nothing is left to run that could settle it$/);
  assert.strictEqual(results[1].result, '2');
});

test('uncaught exceptions are printed, or given to who listens', () => {
  const [first] = calls("function handler() { setTimeout(() => { throw 1; }, 1); process.nextTick(() => { throw 'tick'; }); queueMicrotask(() => { throw null; }); setImmediate(() => { throw new Error('i'); }); return new Promise((done) => setTimeout(done, 20, 'ok')); }");
  assert.strictEqual(first.result, '"ok"');
  assert.deepStrictEqual(first.printed.map((line) => line.split('\n')[0]).sort(), ['error Uncaught 1', 'error Uncaught Error: i', 'error Uncaught null', 'error Uncaught tick']);
  const [second] = calls("function handler() { process.on('uncaughtException', (e, origin) => console.log('got', e, origin)); setTimeout(() => { throw 1; }, 1); return new Promise((done) => setTimeout(done, 20, 'ok')); }");
  assert.deepStrictEqual(second.printed, ['log got 1 uncaughtException']);
  const [third] = calls("function handler() { process.setUncaughtExceptionCaptureCallback((e) => console.log('own', e)); setTimeout(() => { throw 1; }, 1); return new Promise((done) => setTimeout(() => { process.setUncaughtExceptionCaptureCallback(null); setTimeout(() => { throw 2; }, 1); setTimeout(done, 20, process.hasUncaughtExceptionCaptureCallback()); }, 20)); }");
  assert.deepStrictEqual([third.result, ...third.printed], ['false', 'log own 1', 'error Uncaught 2']);
});

test('rejections that nobody handles are printed at the end, or given to who listens', () => {
  const [one, two] = calls("let n = 0; async function handler() { if (++n === 1) { const late = Promise.reject('handled late'); Promise.reject(new Error('lost')); await new Promise((done) => setTimeout(done, 5)); late.catch(() => {}); return 1; } process.on('unhandledRejection', (reason, promise) => console.log(reason, promise instanceof Promise)); Promise.reject('x'); return 2; }", 2);
  assert.strictEqual(one.result, '1');
  assert.deepStrictEqual(one.printed.map((line) => line.split('\n')[0]), ['error Unhandled promise rejection: Error: lost']);
  assert.deepStrictEqual([two.result, ...two.printed], ['2', 'log x true']);
});

test('nothing runs on after a call', () => {
  const results = calls("const log = []; let n = 0; function handler() { if (++n === 2) return new Promise((done) => setTimeout(done, 30, log)); const note = (what) => () => log.push(what); setTimeout(note('timeout'), 1); setInterval(note('interval'), 1).unref(); setImmediate(note('immediate')); AbortSignal.timeout(1).onabort = note('abort'); require('timers/promises').setTimeout(1).then(note('promise')); process.nextTick(note('tick')); queueMicrotask(note('microtask')); Promise.resolve().then(() => setTimeout(note('later'), 0)); return 1; }", 2);
  assert.deepStrictEqual(results.map(({ result }) => result), ['1', '["tick","microtask"]']);
});

test('timers work as ever after some were dropped', () => {
  const results = calls("let n = 0; async function handler() { ++n; for (let i = 0; i < 50; ++i) setTimeout(() => {}, i * 7); const log = []; const interval = setInterval(() => log.push('i'), 2); await new Promise((done) => setTimeout(done, 15)); clearInterval(interval); await new Promise((done) => setImmediate(done)); return log.length > 1; }", 3);
  assert.deepStrictEqual(results.map(({ result }) => result), ['true', 'true', 'true']);
});

test('a script that replaces what it can reach changes nothing for the dispatcher', () => {
  const tampering = `
    const evil = function() { throw new Error('reached'); };
    const objects = [Array.prototype, Map.prototype, Set.prototype, WeakMap.prototype, String.prototype, RegExp.prototype, Function.prototype, Promise.prototype, Promise, Object, Reflect, JSON,
                          Error, Number.prototype, Uint8Array.prototype, Object.getPrototypeOf(Uint8Array.prototype), ArrayBuffer.prototype, Math, Date];
    for (let i = 0; i < objects.length; ++i) {
      const object = objects[i];
      const names = Reflect.ownKeys(object);
      for (let k = 0; k < names.length; ++k) {
        const name = names[k];
        if (name === 'constructor' || name === 'prototype' || name === 'defineProperty' || name === 'getOwnPropertyDescriptor') continue;
        const property = Object.getOwnPropertyDescriptor(object, name);
        if (property.configurable && typeof property.value === 'function') object[name] = evil;
      }
    }
    globalThis.Error = globalThis.Map = globalThis.Array = globalThis.Promise = globalThis.console = globalThis.setTimeout = evil;
    Object.defineProperty(Object.prototype, 'get', { get: evil, configurable: true });`;
  const ownKeys = 'const { ownKeys } = Reflect, { defineProperty, getOwnPropertyDescriptor } = Object;';
  const source = `${ownKeys} let n = 0; export function handler(event) { if (event === 'throw') { null.x; } if (event === 'async') return (async () => { await null; return 'late'; })(); if (event === 'number') return { a: [++n] }; }
    export const tamper = (() => { ${tampering.replace('Reflect.ownKeys', 'ownKeys').replace('Object.getOwnPropertyDescriptor(object', 'getOwnPropertyDescriptor(object').replace('Object.defineProperty(Object', 'defineProperty(Object')} })();`;
  const [loaded, ...results] = guest({ steps: [{ source, script: 'main.js' }, ...['"number"', '"async"', '"throw"', '"none"', '{', '"number"'].map((event) => ({ event }))] });
  assert.strictEqual(loaded.error, undefined);
  assert.deepStrictEqual(results.map(({ result, error }) => result ?? error.split('(')[0].trim()),
                         ['{"a":[1]}', '"late"', 'TypeError: Cannot read properties of null', 'the handler returned undefined, which is not JSON: return something else, such as null',
                          'the event is not JSON: Expected property name or \'}\' at byte 1', '{"a":[2]}']);
});

test('nobody gets at the native functions', () => {
  assert.strictEqual(run("export const handler = () => [typeof __curfew, typeof internalBinding, typeof primordials, process.binding === undefined, (() => { try { process.binding('fs'); } catch (e) { return e.code; } })(), typeof process._linkedBinding, typeof process._rawDebug];"),
                     '["undefined","undefined","undefined",false,"ERR_NOT_IN_SANDBOX","undefined","undefined"]');
});
