// Modules as scripts see them: once each, cycles, require, CommonJS, and loads that fail.
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { guest, run } = require('./run.js');

test('modules import each other', () => {
  assert.strictEqual(run("import a from './lib/a.js'; import data from './data.json'; import { s } from 'pkg/s.js'; export const handler = () => [...a, data, s];", {
    files: {
      '/lib/a.js': "import { b } from './b.mjs'; export default ['a', ...b];",
      '/lib/b.mjs': "import c from '../c'; export const b = ['b', c];",
      '/c.js': "export default 'c';",
      '/data.json': '{"d": 4}',
      '/node_modules/pkg/s.js': "export const s = 's';",
    },
  }), '["a","b","c",{"d":4},"s"]');
});

test('modules are evaluated once however they are asked for', () => {
  assert.strictEqual(run("import {n} from './count.js'; const again = require('./count.js'); export async function handler() { return [n, again.n, (await import('./count.js')).n]; }", {
    files: { '/count.js': 'globalThis.n = (globalThis.n ?? 0) + 1; export const n = globalThis.n;' },
  }), '[1,1,1]');
});

test('modules import each other in a circle', () => {
  assert.strictEqual(run("import { even } from './even.js'; import { odd } from './odd.js'; import { same } from './self.js'; export const handler = () => [even(10), odd(10), same()];", {
    files: {
      '/even.js': "import { odd } from './odd.js'; export const even = (n) => n === 0 || odd(n - 1);",
      '/odd.js': "import { even } from './even.js'; export const odd = (n) => n !== 0 && even(n - 1);",
      '/self.js': "import * as me from './self.js'; export const same = () => me.same === same;",
    },
  }), '[true,false,true]');
});

test('require in a cycle gives what there is so far', () => {
  const a = "export function early() { return 'early'; } export const late = require('./b.js').seen;";
  const source = "import {late} from './a.js'; export function handler() { return late; }";
  assert.strictEqual(run(source, { files: { '/a.js': a, '/b.js': "const a = require('./a.js'); export const seen = a.early();" } }), '"early"');
  assert.strictEqual(run(source, { files: { '/a.js': a, '/b.js': "import {early} from './a.js'; export const seen = early() + 1;" } }), '"early1"');
});

test('modules may await at their top level', () => {
  assert.strictEqual(run("import { value } from './slow.js'; export const handler = () => value;", {
    files: { '/slow.js': 'export const value = await new Promise((done) => setTimeout(done, 5, 7));' },
  }), '7');
});

test('modules of a load that failed are loaded anew', () => {
  assert.strictEqual(run("export async function handler() { const seen = []; for (const name of ['a', 'd', 'a', 'c']) { try { seen.push((await import('./' + name + '.js'))[name]); } catch (e) { seen.push(e.name); } } return seen; }", {
    files: {
      '/a.js': "import './b.js'; export const a = 1;",
      '/b.js': "import './d.js'; import './missing.js';",
      '/d.js': "import * as a from './a.js'; export const d = 2;",
      '/c.js': 'export const c = 3;',
    },
  }), '["ReferenceError","ReferenceError","ReferenceError",3]');
});

test('JSON modules', () => {
  const files = { '/data.json': '{"x": [1]}', '/code.js': 'export default 1;', '/bad.json': '{' };
  assert.strictEqual(run("import data from './data.json' with {type: 'json'}; export function handler() { return [data, require('./data.json').default.x]; }", { files }), '[{"x":[1]},[1]]');
  assert.match(run("import code from './code.js' with {type: 'json'}; export function handler() { return code; }", { files }), /TypeError: the module "\/code.js" is not JSON, as its import says/);
  assert.match(run("import data from './bad.json'; export function handler() {}", { files }), /SyntaxError: \/bad.json/);
  assert.match(run("import data from './data.json' with {type: 'css'}; export function handler() {}", { files }), /unknown import attribute type: "css"; there is only type: "json"/);
});

test('a chain of modules that is too long for the stack', () => {
  const files = {};
  for (let i = 0; i < 3000; ++i) files[`/m${i}.js`] = `import './m${i + 1}.js';`;
  files['/m3000.js'] = '';
  assert.match(run("import './m0.js'; export function handler() { return 1; }", { files }), /^1$|stack/);
});

test('bad modules are named', () => {
  const load = (bad) => guest({ files: { '/app/bad.js': bad, '/app/data.json': '{' }, steps: [{ source: "import { x } from './bad.js'; export const handler = () => x;", folder: '/app' }] })[0];
  const said = (bad) => { const { error, stack } = load(bad); return `${error}\n${stack}`; };
  assert.match(said('export const x = 1;\nlet y = ;'), /\/app\/bad.js:2:9/);
  assert.strictEqual(load('export const x = 1;\nlet y = ;').flags, 'syntax-error');
  assert.match(said("export const x = 1;\n\nthrow new TypeError('no way');"), /\/app\/bad.js:3/);
  assert.match(said('export const y = 1;'), /'x'/);
  assert.match(said("import './gone.js';"), /\/app\/bad.js imports ".\/gone.js"/);
});

test('host modules come first, and by both names', () => {
  const functions = "{ math: { add: (a, b) => a + b }, fs: { readFileSync: () => 'the host' } }";
  for (const how of ["import * as math from 'math';", "import * as math from 'host:math';", "const math = require('math');", "const math = require('host:math');", "import {require as load} from 'require'; const math = load('math');", "const math = await import('math');"]) {
    assert.strictEqual(run(`${how} function handler(event) { return math.add(event.a, event.b); }`, { functions, event: '{"a":2,"b":40}' }), '42', how);
  }
  assert.strictEqual(run("import { readFileSync } from 'fs'; import { sep } from 'node:path'; function handler() { return [readFileSync(), sep]; }", { functions }), '["the host","/"]');
  assert.match(run("import 'host:nowhere'; function handler() {}", { functions }), /main.js imports "host:nowhere", but the host has registered no module of that name/);
  assert.match(run("import {two} from 'math'; function handler() {}", { functions }), /two/);
});

test('what cannot be passed to the host is refused', () => {
  const evaluate = (expression, f = '(x) => x') => run(`import * as m from 'm'; function handler() { try { return ${expression}; } catch (error) { return String(error); } }`, { functions: `{ m: { f: ${f} } }` });
  assert.strictEqual(evaluate('m.f(() => 1)'), '"TypeError: argument 1 of \\"f\\" of the host module \\"m\\" is a function, which cannot be passed to the host"');
  assert.match(evaluate('m.f(1, Symbol())'), /argument 2 .* is a symbol/);
  assert.match(evaluate('m.f(1n)'), /is a BigInt/);
  assert.match(evaluate('m.f({deep: 1n})'), /TypeError/);
  assert.match(evaluate("m.f({toJSON() { throw new RangeError('mine'); }})"), /RangeError: mine/);
  assert.match(evaluate('(() => { const b = new ArrayBuffer(8); b.transfer(); return m.f(b); })()'), /a buffer that was detached/);
  assert.match(evaluate('(() => { const b = new ArrayBuffer(8, {maxByteLength: 16}); const v = new Uint8Array(b, 4); b.resize(2); return m.f(v); })()'), /a buffer that was detached or has shrunk/);
  assert.strictEqual(evaluate('[m.f(undefined), m.f(), m.f(null), m.f("é"), m.f(-0), m.f(1e300), m.f(NaN)]'), '[null,null,null,"é",0,1e+300,null]');
  assert.strictEqual(evaluate('[typeof m.f(), m.f.length, m.f.name]', '() => undefined'), '["undefined",0,"f"]');
  assert.strictEqual(evaluate('[...m.f(new Uint16Array([1, 2]).subarray(1)), ...m.f(new Uint8Array([3]).buffer), ...m.f(new DataView(new ArrayBuffer(2), 1))]'), '[2,0,3,0]');
  assert.match(evaluate("m.f(1)", "() => { throw new Error('of the host'); }"), /Error: of the host/);
});

test('CommonJS modules', () => {
  const files = {
    '/a.js': "exports.early = 'a'; const b = require('./b'); exports.b = b; exports.self = module.id; exports.paths = [__filename, __dirname];",
    '/b.js': "module.exports = { of: require('./a').early, data: require('./data.json'), fs: require('fs') === require('node:fs') };",
    '/data.json': '{"x": 1}',
    '/esm.mjs': "export const named = 1; export default 'd';",
    '/uses.js': "const m = require('./esm.mjs'); module.exports = [m.named, m.default, m.__esModule];",
    '/reexport.js': "Object.defineProperty(exports, '__esModule', { value: true }); __exportStar(require('./named'), exports); function __exportStar(m, e) { for (const k in m) e[k] = m[k]; }",
    '/named.js': 'exports.one = 1; exports.two = 2;',
    '/late.js': "module.exports = () => import('./esm.mjs');",
    '/node_modules/esm/package.json': '{"type": "module", "main": "main.js"}',
    '/node_modules/esm/main.js': 'globalThis.strict = this === undefined;',
    '/throws.js': "exports.x = 1; throw new Error('no');",
  };
  assert.strictEqual(run("import a, { early, b } from './a.js'; export const handler = () => [a === require('./a'), early, b, a.self, a.paths];", { files }),
                     '[true,"a",{"of":"a","data":{"x":1},"fs":true},"/a.js",["/a.js","/"]]');
  assert.strictEqual(run("import uses from './uses.js'; export const handler = () => uses;", { files }), '[1,"d",true]');
  assert.strictEqual(run("import { one, two } from './reexport.js'; export const handler = () => [one, two];", { files }), '[1,2]');
  assert.strictEqual(run("import late from './late.js'; export const handler = async () => (await late()).named;", { files }), '1');
  assert.strictEqual(run("import 'esm'; export const handler = () => strict;", { files }), 'true');
  assert.strictEqual(run("export const handler = () => { const seen = []; for (let i = 0; i < 2; ++i) { try { require('./throws.js'); } catch (e) { seen.push(e.message); } } return seen; };", { files }), '["no","no"]');
  assert.match(run("import { nothing } from './named.js'; export const handler = () => nothing;", { files }), /does not provide an export named 'nothing'/);
});

test('createRequire, import.meta and the module "module"', () => {
  const files = { '/lib/x.js': 'module.exports = 7;', '/lib/y.mjs': "import { createRequire } from 'node:module'; export const x = createRequire(import.meta.url)('./x'); export const meta = { ...import.meta };" };
  assert.strictEqual(run("import { x, meta } from './lib/y.mjs'; export const handler = () => [x, meta];", { files }),
                     '[7,{"dirname":"/lib","filename":"/lib/y.mjs","url":"file:///lib/y.mjs"}]');
  assert.strictEqual(run("import m from 'module'; export const handler = () => [m.builtinModules.includes('fs'), m.builtinModules.some((n) => n.startsWith('internal')), m.isBuiltin('internal/util'), m.isBuiltin('node:sqlite')];"), '[true,false,false,true]');
  for (const how of ["import('internal/util')", "require('internal/util')", "process.getBuiltinModule('internal/util').x", "require('module').createRequire('/x.js')('internal/util')", "new (require('module'))('/x').require('internal/util')",
                     "require('vm').runInThisContext('import(\"internal/util\")', { importModuleDynamically: require('vm').constants.USE_MAIN_CONTEXT_DEFAULT_LOADER })"]) {
    assert.match(run(`export const handler = async () => { await ${how}; return 'got it'; };`), /^call: /, how);
  }
});

test('a module that is evaluated now can be imported', () => {
  assert.strictEqual(run("import './self.js'; export const handler = async () => [await globalThis.later, (await globalThis.seen).x];", {
    files: { '/self.js': "export let x = 1; globalThis.seen = import('./self.js'); globalThis.later = globalThis.seen.then((m) => m.x); x = 2;" },
  }), '[2,2]');
  assert.match(run("export const handler = () => require('./slow.js');", { files: { '/slow.js': 'await null; export {};' } }), /cannot wait for in a promise's job: use import\(\)/);
});

test('scripts that are CommonJS modules', () => {
  const files = { '/lib.js': 'exports.x = 7;' };
  assert.strictEqual(run("exports.handler = async (event) => [event, require('./lib').x, typeof module, __filename];", { files, event: '1' }), '[1,7,"object","main.js"]');
  assert.strictEqual(run("const { sep } = require('path'); module.exports = { handler }; async function handler() { return sep; }"), '"/"');
  assert.strictEqual(run("var x_exports = {}; module.exports = x_exports; x_exports.handler = () => handler(); async function handler() { return 'bundled'; } 0 && (module.exports = { handler });"), '"bundled"');
  assert.match(run('exports.handler = 1;'), /^load: main.js has a handler that is a number: it has to be a function$/);
  assert.match(run("const text = 'module.exports = { handler }'; function handler() { return typeof module; }"), /^"undefined"$/);
  assert.match(run("exports.handler = () => { null.x; }; throw new RangeError('at once');"), /^load: RangeError: at once$/);
});
