// The console and print: text goes straight to the host, with its level. What it looks like is Node's own affair.
'use strict';

const {
  ArrayPrototypeJoin,
  ObjectDefineProperty,
  ObjectGetOwnPropertySymbols,
  ReflectApply,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
  StringPrototypeSplit,
} = node.primordials;
const { format } = node.require('internal/util/inspect');
const { Writable } = node.require('stream');
const { loose } = use('errors.js');
const { print: printNative } = native;
const { console } = globalThis;

// wire::PrintLevel
const kPrint = 0;
const kLog = 1;
const kInfo = 2;
const kWarn = 3;
const kError = 4;
const kDebug = 5;

// Where console.group puts its blanks.
let indentation;

function printLine(level, line) {
  const blanks = console[indentation];
  if (typeof blanks === 'string' && blanks.length > 0) {
    printNative(level, blanks + ArrayPrototypeJoin(StringPrototypeSplit(line, '\n'), `\n${blanks}`));
  } else {
    printNative(level, line);
  }
}

// The arguments with nothing between them, and nothing behind.
function print(...values) {
  for (let i = 0; i < values.length; ++i) values[i] = loose(values[i]);
  const text = ArrayPrototypeJoin(values, '');
  if (text !== '') printNative(kPrint, text);
}

const formatted = (args) => (args.length === 1 && typeof args[0] === 'string' ? args[0] : ReflectApply(format, undefined, args));

const methods = {
  log(...args) { printLine(kLog, formatted(args)); },
  info(...args) { printLine(kInfo, formatted(args)); },
  warn(...args) { printLine(kWarn, formatted(args)); },
  error(...args) { printLine(kError, formatted(args)); },
  debug(...args) { printLine(kDebug, formatted(args)); },
};

// What console.table, .dir and the like write to, which end each text by a line's end. They indent it themselves.
function consoleStream(level) {
  return {
    write(text) { printNative(level, StringPrototypeEndsWith(text, '\n') ? StringPrototypeSlice(text, 0, -1) : text); },
    listenerCount: () => 1,
    once() {},
    removeListener() {},
  };
}

// What was written to process.stderr behind the last line's end.
let partialLine = '';

// The end of a call ends the line.
function flush() {
  if (partialLine === '') return;
  printNative(kError, partialLine);
  partialLine = '';
}

// process.stdout and process.stderr. What is written to the first is printed as it is, what is written to the other line by
// line, as an error.
function outputStream(fd) {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, done) {
      const text = typeof chunk === 'string' ? chunk : chunk.toString('utf8');
      if (fd === 1) {
        if (text !== '') printNative(kPrint, text);
      } else {
        const lines = StringPrototypeSplit(partialLine + text, '\n');
        for (let i = 0; i + 1 < lines.length; ++i) printNative(kError, lines[i]);
        partialLine = lines[lines.length - 1];
      }
      done();
    },
  });
  stream.fd = fd;
  stream._type = 'pipe';
  stream._isStdio = true;
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, done) => done(error);
  return stream;
}

function define(object, name, value, enumerable) {
  ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable });
}

function createTask(name) {
  if (typeof name !== 'string' || name === '') throw new Error('First argument must be a non-empty string.');
  return { run: (work) => work() };
}

function install() {
  for (const symbol of ObjectGetOwnPropertySymbols(console)) {
    if (symbol.description === 'kGroupIndentationString') indentation = symbol;
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) define(console, name, methods[name], true);
  define(console, 'dirxml', methods.log, true);
  if (!('createTask' in console)) define(console, 'createTask', createTask, true);  // it comes with an inspector
  define(console, '_stdout', consoleStream(kLog), false);
  define(console, '_stderr', consoleStream(kError), false);
  for (const [name, fd] of [['stdout', 1], ['stderr', 2]]) {
    let stream;
    ObjectDefineProperty(node.process, name, {
      __proto__: null,
      configurable: true,
      enumerable: true,
      get() {
        stream ??= outputStream(fd);
        return stream;
      },
    });
  }
  define(globalThis, 'print', print, false);
}


exports.install = install;
exports.print = print;
exports.flush = flush;
