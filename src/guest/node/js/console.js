// The console and print: text goes straight to the host, with its level. What it looks like is Node's own affair.
//
// Each handler has its own of both: whatever it puts in their place, or into its console, holds in its own calls and for all code that
// runs in them, and for no other handler.
'use strict';

const {
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  FunctionPrototypeBind,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf,
  ObjectPreventExtensions,
  ReflectApply,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
  StringPrototypeSplit,
} = node.primordials;
const { format } = node.require('internal/util/inspect');
const { Console, kBindProperties } = node.require('internal/console/constructor');
const { Writable } = node.require('stream');
const { loose } = use('errors.js');
const { print: printNative } = native;
const { console: nodeConsole } = globalThis;

// wire::PrintLevel
const kPrint = 0;
const kLog = 1;
const kInfo = 2;
const kWarn = 3;
const kError = 4;
const kDebug = 5;

// Where console.group puts its blanks.
let indentation;

function printLine(console, level, line) {
  const blanks = console[indentation];
  if (typeof blanks === 'string' && blanks.length > 0) {
    printNative(level, blanks + ArrayPrototypeJoin(StringPrototypeSplit(line, '\n'), `\n${blanks}`));
  } else {
    printNative(level, line);
  }
}

// The arguments with nothing between them, and nothing behind.
const makePrint = () => function print(...values) {
  for (let i = 0; i < values.length; ++i) values[i] = loose(values[i]);
  const text = ArrayPrototypeJoin(values, '');
  if (text !== '') printNative(kPrint, text);
};

const formatted = (args) => (args.length === 1 && typeof args[0] === 'string' ? args[0] : ReflectApply(format, undefined, args));

const kLevels = { __proto__: null, log: kLog, info: kInfo, warn: kWarn, error: kError, debug: kDebug, dirxml: kLog };

// One of the methods that print their arguments, for a console.
function lineMethod(console, name, level) {
  return { [name](...args) { printLine(console, level, formatted(args)); } }[name];
}

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

// What Node's console has, by key, taken before any script runs: a property as it is, or a method of all consoles.
const members = [];

function takeMembers() {
  const keys = ReflectOwnKeys(nodeConsole);
  for (let i = 0; i < keys.length; ++i) {
    const key = keys[i];
    const method = ReflectGetOwnPropertyDescriptor(Console.prototype, key)?.value;
    ArrayPrototypePush(members, {
      __proto__: null,
      key,
      method: typeof method === 'function' ? method : undefined,
      descriptor: ReflectGetOwnPropertyDescriptor(nodeConsole, key),
    });
  }
}

function makeConsole() {
  const made = { __proto__: {} };
  for (let i = 0; i < members.length; ++i) {
    const { key, method, descriptor } = members[i];
    if (kLevels[key] !== undefined) {
      define(made, key, lineMethod(made, key, kLevels[key]), true);
    } else if (method !== undefined) {
      const bound = FunctionPrototypeBind(method, made);
      ObjectDefineProperty(bound, 'name', { __proto__: null, value: method.name, configurable: true });
      define(made, key, bound, descriptor.enumerable);
    } else {
      ObjectDefineProperty(made, key, { __proto__: null, ...descriptor });
    }
  }
  made[kBindProperties](true, 'auto');
  return made;
}

const makeOutput = () => ({ __proto__: null, console: makeConsole(), print: makePrint() });

let output;  // of the handler at work

let firstOutput;

// Undefined: that which is there from the start.
function useOutput(next = firstOutput) {
  output = next;
}

function installOutput(name) {
  ObjectDefineProperty(globalThis, name, {
    __proto__: null,
    get: () => output[name],
    set: (value) => { output[name] = value; },
    enumerable: false,
    configurable: false,
  });
}

// Node's own console is what modules import, which all handlers share: with nothing that can be changed.
function freezeShared() {
  const keys = ReflectOwnKeys(nodeConsole);
  for (let i = 0; i < keys.length; ++i) {
    if (typeof keys[i] === 'string') {
      ObjectDefineProperty(nodeConsole, keys[i], { __proto__: null, configurable: false, writable: false });
    }
  }
  ObjectFreeze(ObjectGetPrototypeOf(nodeConsole));
  ObjectPreventExtensions(nodeConsole);
}

function install() {
  for (const symbol of ObjectGetOwnPropertySymbols(nodeConsole)) {
    if (symbol.description === 'kGroupIndentationString') indentation = symbol;
  }
  for (const name in kLevels) define(nodeConsole, name, lineMethod(nodeConsole, name, kLevels[name]), true);
  if (!('createTask' in nodeConsole)) define(nodeConsole, 'createTask', createTask, true);  // it comes with an inspector
  define(nodeConsole, '_stdout', consoleStream(kLog), false);
  define(nodeConsole, '_stderr', consoleStream(kError), false);
  takeMembers();
  freezeShared();
  output = firstOutput = makeOutput();
  installOutput('console');
  installOutput('print');
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
}

exports.install = install;
exports.makeOutput = makeOutput;
exports.useOutput = useOutput;
exports.print = makePrint();
exports.flush = flush;
