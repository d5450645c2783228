// util, path, url, querystring, assert, vm, v8, os, process, module, fs and the like.
import assert from 'node:assert';
import fs from 'node:fs';
import http from 'node:http';
import { builtinModules, createRequire, isBuiltin, stripTypeScriptTypes } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import querystring from 'node:querystring';
import { DatabaseSync } from 'node:sqlite';
import tls from 'node:tls';
import url from 'node:url';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { MessageChannel, isMainThread, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { byDesign } from './support.js';

const require = createRequire(import.meta.url);

export default [
  // util
  () => util.inspect({ a: { b: { c: { d: 1 } } }, [Symbol('s')]: 1n, f() {}, g: class A {}, h: new Map([[{}, new Set([1])]]), get x() { return 1; } }),
  () => util.inspect([1, , 3, ...Array(200)]),
  () => util.inspect('it\'s'),
  () => util.inspect(new Proxy({ a: 1 }, {}), { showProxy: true }),
  () => util.inspect({ a: [[[[1]]]] }, { depth: null, compact: false }),
  () => { const a = { n: 1 }; a.self = a; return util.inspect(a); },
  () => util.inspect(Object.create(null, { a: { value: 1, enumerable: true } })),
  () => util.inspect({ [util.inspect.custom]: (depth, options) => `custom ${depth} ${typeof options.stylize}` }),
  () => util.inspect(new (class Foo extends Map {})([[1, 2]])),
  () => util.inspect(new Date(0)),
  () => util.inspect(Promise.resolve(4)),
  () => util.inspect((function* () {})()),
  () => util.inspect(new WeakMap()),
  () => util.inspect(Buffer.from('ab')),
  () => util.inspect({ a: 1 }, { colors: true }),
  () => util.inspect(new Uint8Array(3)),
  () => util.format('%s %d %i %f %j %o %O %c %%', 'a', '1', 2.5, '3.5', { a: 1 }, [1], { b: 2 }, 'css'),
  () => util.format('%s', Symbol('x'), 'rest', 5n),
  () => util.format('%d', '0x10'),
  () => util.isDeepStrictEqual({ a: [1, NaN] }, { a: [1, NaN] }),
  () => util.types.isProxy(new Proxy({}, {})),
  async () => util.promisify((x, done) => done(null, x + 1))(1),
  () => new Promise((done) => util.callbackify(async (x) => x)(7, (e, v) => done([e, v]))),
  () => util.styleText('red', 'x', { validateStream: false }),
  () => util.stripVTControlCharacters('\u001b[31mx\u001b[0m'),
  () => util.parseArgs({ args: ['-a', '--b=1', 'c'], options: { a: { type: 'boolean', short: 'a' }, b: { type: 'string' } }, allowPositionals: true }),
  () => util.parseArgs({ args: ['--no'], options: {} }),
  () => util.toUSVString('a\ud800'),
  () => util.getSystemErrorName(-2),
  () => util.deprecate(() => 5, 'old')(),
  () => { function A() {} function B() {} util.inherits(A, B); return new A() instanceof B; },
  () => new util.TextDecoder().encoding,
  () => util.parseEnv('A=1\nB="x y"'),
  () => new util.MIMEType('text/html; charset=utf-8').params.get('charset'),
  () => util.debuglog('none').enabled,
  () => util.aborted === undefined ? 0 : typeof util.aborted,
  () => util.getCallSites().length > 0,
  () => util.diff?.('a', 'b'),
  () => util.inspect.defaultOptions,

  // path, url, querystring
  () => [path.join('/a', '../b', './c'), path.resolve('/a', 'b'), path.basename('/x/y.tar.gz', '.gz'), path.extname('a.b.c'), path.relative('/a/b', '/a/c/d'), path.normalize('/a//b/../c/.')],
  () => path.parse('/home/u/f.txt'),
  () => path.win32.join('a', '..', 'C:\\x'),
  () => path.format({ dir: '/d', base: 'b' }),
  () => path.join(7),
  () => path.matchesGlob?.('a/b.js', 'a/*.js'),
  () => url.parse('http://u:p@h:80/p?q=1#f').auth,
  () => url.format({ protocol: 'https', host: 'h', pathname: '/p', query: { a: 1 } }),
  () => url.resolve('/one/two', '../three'),
  () => url.fileURLToPath('file:///a%20b'),
  () => url.pathToFileURL('/a b#').href,
  () => url.domainToASCII('español.com'),
  () => url.urlToHttpOptions(new URL('https://a:b@c/d')).auth,
  () => url.fileURLToPath('https://x'),
  () => querystring.parse('a=1&b=2&a=3&c='),
  () => querystring.stringify({ a: [1, 2], b: 'ü', c: true }),
  () => querystring.escape('a b&c'),

  // assert
  () => assert.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }),
  () => assert.strictEqual(1, 2),
  () => assert(0),
  () => assert.throws(() => { throw new TypeError('x'); }, /x/),
  () => assert.throws(() => {}),
  async () => assert.rejects(Promise.resolve(1)),
  () => assert.match('abc', /x/),
  () => assert.ok(true),
  () => new assert.AssertionError({ actual: 1, expected: 2, operator: 'x' }).code,
  () => assert.partialDeepStrictEqual({ a: 1, b: 2 }, { a: 1 }),

  // vm, v8, module
  () => vm.runInNewContext('a + (() => typeof process)()', { a: 1 }),
  () => vm.runInThisContext('typeof require'),
  () => { const c = vm.createContext({ x: 1 }); vm.runInContext('x += 41; var y = 2', c); return [c.x, c.y, vm.isContext(c)]; },
  () => new vm.Script('syntax error'),
  () => vm.compileFunction('return a + b', ['a', 'b'])(1, 2),
  () => vm.runInNewContext('this.constructor.name'),
  byDesign('the time limit of vm would take a thread', () => vm.runInNewContext('1 + 1', {}, { timeout: 1000 })),
  () => v8.deserialize(v8.serialize({ a: new Map([[1, /x/]]), b: 2n })),
  () => Object.keys(v8.getHeapStatistics()).length > 10,
  byDesign('flags of the engine are the host\'s', () => v8.setFlagsFromString('--allow-natives-syntax')),
  () => typeof v8.cachedDataVersionTag(),
  () => new v8.GCProfiler().constructor.name,
  () => [isBuiltin('fs'), isBuiltin('node:test'), isBuiltin('x'), builtinModules.includes('zlib')],
  () => stripTypeScriptTypes('const a: number = 1;'),
  () => stripTypeScriptTypes('enum A { B }'),
  () => require('node:path') === path,
  () => require('util') === util,
  byDesign('it says where it was looked for', () => require('no-such-package-anywhere')),
  () => { try { require('no-such-package-anywhere'); } catch (e) { return e.code; } },
  async () => import('no-such-package-anywhere').catch((e) => e.code),

  // sqlite
  () => { const d = new DatabaseSync(':memory:'); d.exec('CREATE TABLE t (a INTEGER, b TEXT)'); const s = d.prepare('INSERT INTO t VALUES (?, ?)'); s.run(1, 'x'); s.run(2, 'y'); return [d.prepare('SELECT * FROM t ORDER BY a DESC').all(), d.prepare('SELECT count(*) AS n FROM t').get()]; },
  () => new DatabaseSync(':memory:').exec('nonsense'),

  // worker_threads without threads, perf_hooks
  () => { const { port1, port2 } = new MessageChannel(); port1.postMessage([1]); return [receiveMessageOnPort(port2), receiveMessageOnPort(port2), isMainThread]; },
  byDesign('there are no threads', () => new Worker('1', { eval: true }).constructor.name),
  () => { const h = createHistogram(); h.record(5); h.record(7); return [h.min, h.max, h.mean, h.count]; },
  () => typeof monitorEventLoopDelay,

  // http without a network
  () => [http.STATUS_CODES[418], http.METHODS.length, http.maxHeaderSize],
  () => http.validateHeaderName('bad name'),
  () => new http.Agent().keepAlive,
  () => typeof http.createServer().listen,
  () => tls.rootCertificates.length,
  () => [net.isIP('::1'), net.isIPv4('1.2.3.4'), net.isIP('x')],
  () => new net.BlockList().check('1.1.1.1'),
  () => net.SocketAddress.parse('1.2.3.4:80').port,
  () => new http.IncomingMessage().headers,
  () => tls.getCiphers().length > 30,

  // os and process
  () => [os.EOL, os.platform(), os.type(), os.arch(), os.endianness(), os.devNull, os.constants.signals.SIGINT],
  byDesign('a cell has no home', () => os.homedir()),
  () => [process.platform, process.version, process.arch, process.versions.v8, process.release.name],
  () => [typeof process.uptime(), process.hrtime().length, typeof process.hrtime.bigint()],
  () => Object.keys(process.memoryUsage()),
  byDesign('a script has no environment', () => process.env.PATH),
  byDesign('a script is no program', () => process.execPath),
  byDesign('a process tells its number', () => process.pid),
  () => process.emitWarning.name,
  () => process.exitCode,
  () => { process.exitCode = 'x'; },
  () => process.getBuiltinModule('fs') === fs,
  () => process.features.typescript !== undefined,
  () => process.allowedNodeEnvironmentFlags.has('--max-old-space-size'),
  () => new Promise((done) => process.nextTick((...a) => done(a), 1, 2)),
  () => process.on.name,
  () => process.listenerCount('exit'),
  () => [process.stdout.writable, process.stdout.fd, process.stderr.fd],
  byDesign('there are no signals to send', () => process.kill(process.pid, 0)),
  byDesign('there is no folder to go to', () => process.chdir('/')),
  () => process.cpuUsage().user >= 0,

  // fs without files
  byDesign('there are no files', () => fs.readFileSync('/etc/passwd', 'utf8').length > 0),
  byDesign('there are no files', () => fs.readdirSync('/').length > 0),
  () => fs.existsSync('/no/such/file'),
  () => fs.constants.O_RDONLY,
  () => fs.readFileSync(7.5),
  () => typeof fs.promises.readFile,
  byDesign('there are no files', async () => (await fs.promises.stat('/')).isDirectory()),
  () => fs.openAsBlob.name,
];
