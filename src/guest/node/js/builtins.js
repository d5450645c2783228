// Node's own modules, as scripts get them: by an allow list, and with what has no place in a sandbox replaced by functions
// that say so. Packages import modules such as child_process without ever using them, so those can be imported, too.
'use strict';

const {
  ArrayPrototypeFilter,
  Error,
  ObjectDefineProperty,
  ObjectKeys,
  SafeMap,
  SafeSet,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = node.primordials;
const requireOfNode = node.require;

// `import "fs"` and `import "node:fs"`.
const kNames = new SafeSet([
  '_http_agent', '_http_client', '_http_common', '_http_incoming', '_http_outgoing', '_http_server', '_stream_duplex',
  '_stream_passthrough', '_stream_readable', '_stream_transform', '_stream_wrap', '_stream_writable', '_tls_common', '_tls_wrap',
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'crypto', 'dgram',
  'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'events', 'fs', 'fs/promises', 'http', 'http2', 'https', 'inspector',
  'inspector/promises', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode',
  'querystring', 'readline', 'readline/promises', 'repl', 'stream', 'stream/consumers', 'stream/promises', 'stream/web',
  'string_decoder', 'sys', 'timers', 'timers/promises', 'tls', 'trace_events', 'tty', 'url', 'util', 'util/types', 'v8', 'vm',
  'wasi', 'worker_threads', 'zlib',
]);

// Only with "node:" before them.
const kNamesWithScheme = new SafeSet(['sqlite', 'test', 'test/reporters']);

// What is refused, by module: functions that only say so. `true`: all functions of the module.
const kRefused = {
  __proto__: null,
  'child_process': true,
  'cluster': ['fork', 'disconnect', 'setupMaster', 'setupPrimary'],
  'inspector': ['Session', 'close', 'open', 'url', 'waitForDebugger'],
  'inspector/promises': ['Session', 'close', 'open', 'url', 'waitForDebugger'],
  'repl': ['REPLServer', 'start'],
  'trace_events': ['createTracing', 'getEnabledCategories'],
  'v8': ['getHeapSnapshot', 'setFlagsFromString', 'setHeapSnapshotNearHeapLimit', 'startCpuProfile', 'stopCoverage',
         'takeCoverage', 'writeHeapSnapshot'],
  'wasi': ['WASI'],
  'worker_threads': ['Worker'],
};

// Modules that Node refuses to load without an inspector.
const kAbsent = new SafeSet(['inspector', 'inspector/promises', 'trace_events']);

function refusal(what) {
  const error = new Error(`${what} is not available in a sandbox`);
  ObjectDefineProperty(error, 'code', { __proto__: null, value: 'ERR_NOT_IN_SANDBOX', enumerable: true, writable: true, configurable: true });
  return error;
}

// A function, or class, that only says that it is not there.
function refusing(what, name) {
  const refused = function() {
    throw refusal(what);
  };
  ObjectDefineProperty(refused, 'name', { __proto__: null, value: name, configurable: true });
  return refused;
}

const ready = new SafeMap();

function refuse(name, exports) {
  const refused = kRefused[name];
  if (refused === undefined) return;
  const keys = refused === true ? ObjectKeys(exports) : refused;
  for (let i = 0; i < keys.length; ++i) {
    const key = keys[i];
    if (refused === true && typeof exports[key] !== 'function') continue;
    const value = refusing(`${name}.${key}`, key);
    ObjectDefineProperty(exports, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }
}

// What our options make of `vm` beyond what others find there.
function hideModules(vm) {
  delete vm.Module;
  delete vm.SourceTextModule;
  delete vm.SyntheticModule;
}

function hideFrames(util) {
  const { getCallSites: all } = util;
  util.getCallSites = function getCallSites(count = 10, options = undefined) {
    const isCount = typeof count === 'number';
    const most = isCount && count >= 1 && count < 200 ? count + 1 : count;  // this function is one of them
    const sites = isCount ? all(most, options) : all(11, count);
    return ArrayPrototypeFilter(sites, ({ scriptName }) => !StringPrototypeStartsWith(scriptName, 'curfew:'));
  };
}

// The name of Node's module that a specifier means, or undefined.
function nameOf(specifier) {
  if (kNames.has(specifier)) return specifier;
  if (!StringPrototypeStartsWith(specifier, 'node:')) return undefined;
  const name = StringPrototypeSlice(specifier, 5);
  return kNames.has(name) || kNamesWithScheme.has(name) ? name : undefined;
}

// What Node's module exports. REQUIRES: nameOf gave the name.
function get(name) {
  let exports = ready.get(name);
  if (exports !== undefined) return exports;
  exports = kAbsent.has(name) ? {} : requireOfNode(kNamesWithScheme.has(name) ? `node:${name}` : name);
  refuse(name, exports);
  if (name === 'os') use('os.js').replace(exports);
  if (name === 'vm') hideModules(exports);
  if (name === 'util') hideFrames(exports);
  ready.set(name, exports);
  return exports;
}

// The names that `module.builtinModules` lists.
function publicNames() {
  const names = [];
  for (const name of kNames) names[names.length] = name;
  for (const name of kNamesWithScheme) names[names.length] = `node:${name}`;
  return names;
}

exports.nameOf = nameOf;
exports.get = get;
exports.publicNames = publicNames;
exports.refusal = refusal;
exports.refusing = refusing;
