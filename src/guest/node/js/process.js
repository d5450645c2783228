// `process`, without what a script need not see, and with an error for what has no place in a sandbox. Also what else
// would abort Node: the time limit of `vm`.
'use strict';

const {
  ArrayPrototypeForEach,
  FunctionPrototypeBind,
  ObjectDefineProperty,
  ObjectGetOwnPropertyNames,
  ReflectApply,
  StringPrototypeStartsWith,
} = node.primordials;
const { process } = node;
const { refusal, refusing } = use('builtins.js');

const kWarn = 3;  // the level

function define(object, name, value) {
  ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: true });
}

const kRefused = [
  'abort', 'binding', 'chdir', 'constrainedMemory', 'dlopen', 'execve', 'initgroups', 'kill', 'loadEnvFile', 'setegid', 'seteuid',
  'setgid', 'setgroups', 'setSourceMapsEnabled', 'setuid', 'umask',
];

// Names with an underscore that Node's own code uses.
const kKept = ['_events', '_eventsCount', '_exiting', '_fatalException', '_maxListeners', '_preload_modules', '_tickCallback'];

function hideNames() {
  for (const name of kRefused) {
    if (name in process) define(process, name, refusing(`process.${name}`, name));
  }
  for (const name of ObjectGetOwnPropertyNames(process)) {
    if (StringPrototypeStartsWith(name, '_') && !kKept.includes(name)) delete process[name];
  }
  delete process.mainModule;
  delete process.moduleLoadList;
  delete process.openStdin;
}

function setValues() {
  const values = {
    argv: ['node'],
    config: { target_defaults: {}, variables: {} },
    debugPort: 0,
    env: {},
    execArgv: [],
    execPath: 'node',
    pid: 1,
    ppid: 0,
    title: 'node',
    getgroups: () => [],
  };
  for (const name of Object.keys(values)) {
    if (Object.getOwnPropertyDescriptor(process, name)?.configurable !== false) define(process, name, values[name]);
  }
  // Node's own code reads it on every exception that nobody catches.
  define(process, 'report', {
    reportOnFatalError: false,
    reportOnSignal: false,
    reportOnUncaughtException: false,
    getReport: refusing('process.report', 'getReport'),
    writeReport: refusing('process.report', 'writeReport'),
  });
}

// The end of the process is the end of the call.
function setExit() {
  const leave = FunctionPrototypeBind(process.reallyExit, process);
  let isLeaving = false;
  function exit(code) {
    if (code !== undefined) process.exitCode = code;  // which checks it
    const status = process.exitCode ?? 0;
    if (!isLeaving) {
      isLeaving = true;
      try {
        process.emit('exit', status);
      } finally {
        isLeaving = false;
      }
    }
    leave(process.exitCode ?? status);
  }
  define(process, 'exit', exit);
  define(process, 'reallyExit', exit);
}

// Memory as the engine counts it: nothing can be asked of the machine.
function setMemory() {
  const { getHeapStatistics } = node.require('v8');
  const memoryUsage = () => {
    const heap = getHeapStatistics();
    return {
      rss: heap.total_physical_size + heap.external_memory,
      heapTotal: heap.total_heap_size,
      heapUsed: heap.used_heap_size,
      external: heap.external_memory,
      arrayBuffers: heap.external_memory,
    };
  };
  memoryUsage.rss = () => memoryUsage().rss;
  define(process, 'memoryUsage', memoryUsage);
}

// Signals never come: listening for one would open a pipe.
function dropSignals() {
  for (const event of ['newListener', 'removeListener']) process.removeAllListeners(event);
}

// Node's warnings, such as that something is deprecated, are printed like others.
function printWarnings() {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    const code = typeof warning.code === 'string' ? `[${warning.code}] ` : '';
    native.print(kWarn, `${code}${warning.name}: ${warning.message}`);
  });
}

function refuseTimeouts() {
  const vm = node.require('vm');
  const untimed = (holder, name) => {
    const run = holder[name];
    const wrapped = function(...args) {
      ArrayPrototypeForEach(args, (arg) => {
        if (arg !== null && typeof arg === 'object' && arg.timeout !== undefined) throw refusal('the timeout of vm');
      });
      return ReflectApply(run, this, args);
    };
    ObjectDefineProperty(wrapped, 'name', { __proto__: null, value: name, configurable: true });
    define(holder, name, wrapped);
  };
  for (const name of ['runInContext', 'runInNewContext', 'runInThisContext']) {
    untimed(vm, name);
    if (name in vm.Script.prototype) untimed(vm.Script.prototype, name);
  }
}

function install() {
  dropSignals();
  hideNames();
  setValues();
  setExit();
  setMemory();
  printWarnings();
  refuseTimeouts();
}

exports.install = install;
