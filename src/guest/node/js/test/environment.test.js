// What stands around a handler: console, process, crypto, random numbers, clocks, Node's modules, fetch.
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { guest, run } = require('./run.js');

function printed(body) {
  const [loaded, called] = guest({ steps: [{ source: `export async function handler() { ${body}; return 0; }`, script: 'main.js' }, { event: 'null' }] });
  assert.strictEqual(loaded.error ?? called.error, undefined);
  return called.printed;
}

const value = (expression) => {
  const result = run(`export async function handler() { return ${expression}; }`);
  try {
    return JSON.parse(result);
  } catch {
    return result;
  }
};

test('console has levels, groups and tables', () => {
  assert.deepStrictEqual(printed("console.log('%s is %d', 'a', 1, { b: 2 }); console.info('i'); console.warn('w'); console.error('e'); console.debug('d'); console.log(); console.log('50%'); console.log(new Map([[1, { a: [1, 2] }]]))"),
                         ['log a is 1 { b: 2 }', 'info i', 'warn w', 'error e', 'debug d', 'log', 'log 50%', 'log Map(1) { 1 => { a: [ 1, 2 ] } }']);
  assert.deepStrictEqual(printed("console.group('g'); console.log('in\\nside'); console.warn('w'); console.group(); console.log('deep'); console.groupEnd(); console.groupEnd(); console.log('out')"),
                         ['log g', 'log   in\n  side', 'warn   w', 'log     deep', 'log out']);
  assert.deepStrictEqual(printed("console.table([{ a: 1 }]); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); console.count(); console.count(); console.countReset(); console.count(); console.assert(false, 'no %s', 'way'); console.assert(true)"),
                         ['log ┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘', 'log { a: [Object] }', 'log default: 1', 'log default: 2', 'log default: 1', 'warn Assertion failed: no way']);
  const times = printed("console.time('t'); console.timeLog('t', 'x'); console.timeEnd('t'); console.trace('here')");
  assert.match(times[0], /^log t: [\d.]+m?s x$/);
  assert.match(times[1], /^log t: [\d.]+m?s$/);
  assert.match(times[2], /^error Trace: here\n    at handler \(main.js:1:\d+\)/);
});

test('print, process.stdout and process.stderr', () => {
  assert.deepStrictEqual(printed("print('a', 1, { b: 1 }); print(''); process.stdout.write('out'); process.stderr.write('one\\ntw'); process.stderr.write('o\\nrest'); await new Promise((done) => process.stdout.write(Buffer.from('bytes\\n'), done))"),
                         ['print a1{ b: 1 }', 'print out', 'error one', 'error two', 'print bytes\n', 'error rest']);
});

test('warnings are printed as such', () => {
  assert.deepStrictEqual(printed("process.emitWarning('careful', 'CustomWarning', 'C001'); new Buffer(1)").map((line) => line.slice(0, 40)),
                         ['warn [C001] CustomWarning: careful', 'warn [DEP0005] DeprecationWarning: Buffe']);
});

test('process tells nothing and does nothing', () => {
  assert.deepStrictEqual(value('[process.env, process.argv, process.execArgv, process.execPath, process.pid, process.ppid, process.title]'), [{}, ['node'], [], 'node', 1, 0, 'node']);
  for (const call of ['kill(1)', 'abort()', "chdir('/')", "binding('fs')", 'setuid(1)', 'umask(1)', "dlopen({}, 'x')", 'report.getReport()']) {
    assert.match(value(`process.${call}`), /Error: process\.\w+ is not available in a sandbox/, call);
  }
  assert.deepStrictEqual(value('[typeof process.version, process.platform, process.release.name, typeof process.memoryUsage().heapUsed, typeof process.hrtime.bigint(), typeof process.uptime()]'), ['string', 'linux', 'node', 'number', 'bigint', 'number']);
});

test('what has no place in a sandbox can be imported, not used', () => {
  for (const [module, call] of [['child_process', "spawn('ls')"], ['child_process', "execSync('ls')"], ['worker_threads', "Worker('x')"], ['cluster', 'fork()'], ['inspector', 'open()'], ['repl', 'start()'],
                                ['v8', "setFlagsFromString('--x')"], ['v8', 'writeHeapSnapshot()'], ['wasi', 'WASI()'], ['trace_events', 'createTracing()'], ['inspector', 'Session()']]) {
    const how = /^[A-Z]/.test(call) ? 'new ' : '';
    assert.match(value(`(await import('${module}'), ${how}(require('node:${module}')).${call})`), /is not available in a sandbox/, `${module}.${call}`);
  }
  assert.match(value("require('vm').runInNewContext('1', {}, { timeout: 5 })"), /the timeout of vm is not available in a sandbox/);
  assert.strictEqual(value("require('vm').runInNewContext('a + 1', { a: 1 })"), 2);
  assert.deepStrictEqual(value("[require('worker_threads').isMainThread, typeof require('worker_threads').MessageChannel]"), [true, 'function']);
});

test('what our options bring is not seen', () => {
  assert.deepStrictEqual(value("[Object.keys(require('vm')).filter((name) => /Module/.test(name)), require('util').getCallSites().filter((site) => site.scriptName.startsWith('curfew:')).length, require('util').getCallSites(1)[0].scriptName]"), [[], 0, 'main.js']);
});

test('fetch fails with one sentence', () => {
  assert.match(value("fetch('https://example.com/')"), /^call: TypeError: fetch failed: this sandbox has no way to the network/);
  assert.match(value("fetch('no url')"), /^call: TypeError/);
  assert.strictEqual(value("fetch('https://example.com/').catch(() => 'caught')"), 'caught');
});

test('random numbers are drawn anew after a reseed', () => {
  const draw = "[Math.random(), crypto.randomUUID(), require('crypto').randomUUID(), require('crypto').randomInt(1e9), require('crypto').randomUUIDv7?.()]";
  const [, one, two] = guest({ steps: [{ source: `export const handler = () => ${draw};` }, { event: '0' }, { event: '0', reseed: true }] });
  const seen = new Set([...JSON.parse(one.result), ...JSON.parse(two.result)]);
  assert.strictEqual(seen.size, 10);
  assert.strictEqual(value("Array.from({ length: 2000 }, () => require('crypto').randomInt(5, 8)).every((x) => x >= 5 && x < 8)"), true);
  assert.strictEqual(value("new Promise((done) => require('crypto').randomInt(3, (error, x) => done(error === undefined && x >= 0 && x < 3)))"), true);
  assert.match(value("require('crypto').randomInt(3, 1)"), /ERR_OUT_OF_RANGE/);
  assert.match(value("Reflect.apply(Crypto.prototype.randomUUID, {}, [])"), /TypeError/);
});

test('clocks begin with the sandbox', () => {
  assert.deepStrictEqual(value('[Number.isInteger(performance.now() * 8), Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000, performance.timeOrigin === performance.timeOrigin]'), [true, true, true]);
  assert.match(value('Reflect.apply(performance.now, {}, [])'), /TypeError/);
});

test('Math.random and the like keep their shape', () => {
  assert.deepStrictEqual(value("[Math.random.name, Math.random.length, fetch.name, require('crypto').randomInt.name, Object.keys(globalThis).includes('print'), setTimeout.name]"), ['random', 0, 'fetch', 'randomInt', false, 'setTimeout']);
});

test('base64 and hexadecimal', () => {
  assert.strictEqual(value(`(() => {
    const all = new Uint8Array(5000).map((x, i) => i * 7);
    for (let i = 0; i < 1000; ++i) {
      const view = all.subarray(i, i + i % 97);
      const same = Buffer.from(view);
      if (view.toHex() !== same.toString('hex') || Buffer.compare(Uint8Array.fromHex(view.toHex()), view) !== 0) return 'hex ' + i;
      if (view.toBase64() !== same.toString('base64') || Buffer.compare(Uint8Array.fromBase64(view.toBase64()), view) !== 0) return 'base64 ' + i;
      const url = view.toBase64({ alphabet: 'base64url', omitPadding: true });
      if (url !== same.toString('base64url') || Buffer.compare(Uint8Array.fromBase64(url, { alphabet: 'base64url' }), view) !== 0) return 'base64url ' + i;
      if (view.toBase64({ alphabet: 'base64url' }).length !== view.toBase64().length) return 'padding ' + i;
    }
    return Uint8Array.fromBase64('YQ').buffer.byteLength;
  })()`), 1);
  const decoded = (text, options) => value(`(() => { try { return [...Uint8Array.fromBase64(${JSON.stringify(text)}, ${JSON.stringify(options)})]; } catch (e) { return e.name; } })()`);
  assert.deepStrictEqual([decoded(' Y\nQ = ='), decoded('YQ'), decoded('YQ', { lastChunkHandling: 'strict' }), decoded('YWJjYQ', { lastChunkHandling: 'stop-before-partial' }), decoded('YR=='), decoded('YR==', { lastChunkHandling: 'strict' }),
                          decoded('YWK=', { lastChunkHandling: 'strict' }), decoded('YWI=', { lastChunkHandling: 'strict' }), decoded('YQ='), decoded('Y'), decoded('a-_b'), decoded('a-_b', { alphabet: 'base64url' }), decoded('YQ===')],
                         [[97], [97], 'SyntaxError', [97, 98, 99], [97], 'SyntaxError', 'SyntaxError', [97, 98], 'SyntaxError', 'SyntaxError', 'SyntaxError', [107, 239, 219], 'SyntaxError']);
  assert.match(value('Uint8Array.fromHex("abc")'), /SyntaxError/);
  assert.match(value('Uint8Array.prototype.toHex.call([])'), /TypeError/);
});

test('the warm-up works, and leaves nothing behind', () => {
  const [, one] = guest({ steps: [{ warm: true, source: "export const handler = () => [typeof createHash, Object.keys(globalThis).length];" }, { event: '0' }] });
  assert.match(one.result, /^\["undefined",\d+\]$/);
});
