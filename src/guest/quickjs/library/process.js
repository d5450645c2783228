// The global `process`, as bundlers give it to code for browsers: what packages ask of it before they can be loaded. It says nothing of the
// host, and has no `versions.node`, by which packages take what runs them for Node.js.
'use strict';

const { now, queueJob, typeError } = native;

const kNanoseconds = 1e6;  // in a millisecond

const nothing = () => process;

function unavailable(name, why) {
  return () => {
    const error = new Error('process.' + name + ' is not available in a cell: ' + why);
    error.code = 'ERR_NOT_IN_SANDBOX';
    throw error;
  };
}

function hrtime(before) {
  const time = now();
  let seconds = Math.floor(time / 1000);
  let rest = Math.floor((time % 1000) * kNanoseconds);
  if (before !== undefined) {
    seconds -= before[0];
    rest -= before[1];
    if (rest < 0) {
      --seconds;
      rest += 1e9;
    }
  }
  return [seconds, rest];
}
hrtime.bigint = () => BigInt(Math.floor(now() * kNanoseconds));

const process = {
  title: 'browser',
  browser: true,
  platform: 'browser',
  arch: 'javascript',
  env: {},
  argv: [],
  execArgv: [],
  execPath: '',
  version: '',
  versions: {},
  release: {},
  features: {},
  config: {},
  exitCode: undefined,

  nextTick(callback, ...rest) {
    if (typeof callback !== 'function') throw typeError('The "callback" argument must be of type function', 'ERR_INVALID_ARG_TYPE');
    queueJob(callback, ...rest);
  },
  cwd: () => '/',
  umask: () => 0,
  hrtime,
  uptime: () => now() / 1000,
  emitWarning(warning, type, code) {
    const isError = typeof warning === 'object' && warning !== null;
    const options = typeof type === 'object' && type !== null ? type : { type, code };
    const name = isError ? warning.name : options.type ?? 'Warning';
    const mark = options.code ?? warning.code;
    console.warn((mark === undefined ? '' : '[' + mark + '] ') + name + ': ' + (isError ? warning.message : warning));
  },

  // There are no events of a process, and so nothing listens.
  on: nothing,
  once: nothing,
  off: nothing,
  addListener: nothing,
  prependListener: nothing,
  prependOnceListener: nothing,
  removeListener: nothing,
  removeAllListeners: nothing,
  setMaxListeners: nothing,
  getMaxListeners: () => 10,
  emit: () => false,
  listeners: () => [],
  listenerCount: () => 0,
  eventNames: () => [],

  chdir: unavailable('chdir', 'there are no folders'),
  exit: unavailable('exit', 'there is no process to end'),
  abort: unavailable('abort', 'there is no process to end'),
  kill: unavailable('kill', 'there are no processes'),
  binding: unavailable('binding', 'there is nothing native to be bound'),
  dlopen: unavailable('dlopen', 'there is nothing native to be loaded'),
};

// What is written there is printed as it is.
function output(number, print) {
  let made;
  return {
    get() {
      if (made !== undefined) return made;
      const { Writable } = native.library('node_stream');
      made = new Writable({
        decodeStrings: false,
        write(chunk, encoding, done) {
          print(typeof chunk === 'string' ? chunk : native.utf8Decode(chunk));
          done();
        },
      });
      return Object.assign(made, { fd: number, isTTY: false, hasColors: () => false, getColorDepth: () => 1 });
    },
    enumerable: true,
    configurable: true,
  };
}

Object.defineProperties(process, {
  stdout: output(1, (text) => print(text)),
  stderr: output(2, (text) => console.error('%s', text.replace(/\n$/, ''))),
});

exports.process = process;
