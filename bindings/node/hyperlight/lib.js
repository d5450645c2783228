// What programs know as @hyperlight-dev/js-host-api, on Curfew. Needs nothing but the native part beside it.
//
// curfew.js, the package's own face, shares the core of a sandbox, which stands here since this file is used by itself.
//
// The native part does one operation of a sandbox at a time, on a thread of its own, and tells a listener of it. Everything
// else is here: the checks and their order, which call waits for which, and what errors look like.
'use strict';

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const native = require('./curfew.linux-x64-glibc.node');

const SandboxStatus = Object.freeze({ Ready: 'ready', Poisoned: 'poisoned', Unrecoverable: 'unrecoverable' });
const SnapshotRequirementStatus = Object.freeze({ Unknown: 'unknown', Required: 'required', NotRequired: 'notRequired' });

const kLeastHeap = 4 << 20;
const kLeastScratch = 1 << 20;
const kMostStack = 60 << 20;
const kLongestTimeout = 3_600_000;
const kLongestModuleName = 256;
const kDeepest = 64;
const kArgumentLimit = 16 << 20;
const kOutputLimit = 64 << 20;

// Classes that are handed out get their inside through this: nobody else can make them.
const kInside = Symbol('inside');

function inside(key, what) {
  if (key !== kInside) throw new TypeError(`${what} is handed out, and cannot be made with new`);
}

// --- Errors ---

function failure(code, message) {
  const error = new Error(message);
  error.code = code;
  return error;
}

const kCodes = {
  __proto__: null,
  cancelled: 'ERR_CANCELLED',
  not_run: 'ERR_CANCELLED',
  poisoned: 'ERR_POISONED',
  guest_abort: 'ERR_GUEST_ABORT',
  consumed: 'ERR_CONSUMED',
};

// What kill() ends, the native part ends by a monitor of its own.
const kKillMonitor = 'stop-token';

function fromNative(failed, usage) {
  const killed = failed.terminatedBy === kKillMonitor;
  const message = killed ? failed.message.replace('execution monitor "stop-token"', 'kill()') : failed.message;
  const error = failure(kCodes[failed.code] ?? 'ERR_INTERNAL', message);
  if (failed.terminatedBy !== '') error.terminatedBy = killed ? 'kill' : failed.terminatedBy;
  if (failed.stack !== '') error.guestStack = failed.stack;
  if (failed.cause !== undefined) error.cause = failed.cause;
  if (usage !== undefined) error.usage = usage;
  return error;
}

const consumed = (what) => failure('ERR_CONSUMED', `this ${what} was turned into its next state, or disposed of`);
const invalid = (message) => failure('ERR_INVALID_ARG', message);

// Values of the wrong type have the codes that native modules of that kind give them.
function wrongType(what, should, code) {
  const error = new TypeError(`${what} should be ${should}`);
  error.code = code;
  return error;
}

function requireText(value, what) {
  if (typeof value !== 'string') throw wrongType(what, 'a string', 'StringExpected');
}

function requireName(value, what) {
  requireText(value, what);
  if (value === '') throw invalid(`${what} is empty`);
}

function requireFunction(value, what) {
  if (typeof value !== 'function') throw new TypeError(`${what} should be a function`);
}

function requireNumber(value, what) {
  if (typeof value !== 'number') throw wrongType(what, 'a number', 'NumberExpected');
  return value >>> 0;
}

const isControl = (code) => code < 32 || (code >= 127 && code < 160);

function requireModuleName(value, what) {
  requireText(value, what);
  if (Buffer.byteLength(value) > kLongestModuleName) throw invalid(`${what} has more than ${kLongestModuleName} bytes`);
  if (value.trim() === '') throw invalid(`${what} is empty`);
  if (value.includes(':')) throw invalid(`${what} has a colon`);
  for (const character of value) {
    if (isControl(character.codePointAt(0))) throw invalid(`${what} has a control character`);
  }
}

function requireNamespace(value) {
  if (value === undefined || value === null) return 'user';
  requireModuleName(value, 'the namespace');
  if (value === 'host') throw invalid('the namespace "host" is for functions of the host');
  return value;
}

// --- Values between guest and host ---
//
// They pass as JSON, and bytes that stand by themselves as bytes. For bytes inside of arrays and objects there is a module in
// front of each module of the host, in the guest, which agrees with decodeArguments() and encode() on texts that begin with a
// zero: "\0b" for bytes, "\0s" before a text that begins so itself. Arguments are packed as "\0p", all arguments, bytes...,
// where "\0b" has the number of the bytes; a result as { "\0": result }, where it has the bytes, a character each.

const kFront = `
const mark = '\\0';
const isBytes = (value) => value instanceof Uint8Array;
const isOneThing = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
const needsPacking = (value) =>
  typeof value === 'string' ? value.startsWith(mark) : typeof value === 'object' && value !== null && !isOneThing(value);
const isBoxed = (value) => value instanceof Number || value instanceof String || value instanceof Boolean;
function pack(value, key, bytes, depth) {
  if (depth > 200) throw new TypeError('an argument is nested too deeply, or contains itself');
  if (isBytes(value)) return mark + 'b' + (bytes.push(value) - 1);
  if (value !== null && value !== undefined && typeof value.toJSON === 'function') value = value.toJSON(key);
  if (typeof value === 'string') return value.startsWith(mark) ? mark + 's' + value : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isBoxed(value)) return value.valueOf();
  if (Array.isArray(value)) return value.map((item, index) => pack(item, String(index), bytes, depth + 1));
  const copy = Object.create(null);
  for (const name of Object.keys(value)) copy[name] = pack(value[name], name, bytes, depth + 1);
  return copy;
}
function unpack(value) {
  if (typeof value === 'string') {
    if (!value.startsWith(mark)) return value;
    const rest = value.slice(2);
    return value[1] === 's' ? rest : Uint8Array.from(rest, (character) => character.charCodeAt(0));
  }
  if (typeof value !== 'object' || value === null) return value;
  for (const name of Object.keys(value)) {
    Object.defineProperty(value, name, { value: unpack(value[name]), writable: true, enumerable: true, configurable: true });
  }
  return value;
}
function result(value) {
  if (value instanceof Promise) return value.then(result);
  if (typeof value !== 'object' || value === null || isBytes(value) || !Object.hasOwn(value, mark)) return value;
  return unpack(value[mark]);
}
function wrap(name, call) {
  const wrapped = (...args) => {
    if (!args.some(needsPacking)) return result(call(...args));
    const bytes = [];
    const all = args.map((value, index) =>
      isOneThing(value) ? mark + 'b' + (bytes.push(value) - 1) : pack(value, String(index), bytes, 0));
    return result(call(mark + 'p', all, ...bytes));
  };
  return Object.defineProperty(wrapped, 'name', { value: name });
}`;

function frontOf(module, names) {
  const exported = names.map((name, index) => {
    const text = JSON.stringify(name);
    return `const f${index} = wrap(${text}, raw[${text}]);\nexport { f${index} as ${text} };`;
  });
  return `import * as raw from ${JSON.stringify(module)};${kFront}\n${exported.join('\n')}`;
}

const kPacked = JSON.stringify('\0p');

const decode = (argument) => (typeof argument === 'string' ? JSON.parse(argument) : argument);

// A guest whose engine was taken over can answer anything.
const kNoJson = 'the guest broke the call protocol: its result is not JSON that can be read';

// What the native part got of the guest.
function decodeArguments(args) {
  if (args.length < 2 || args[0] !== kPacked || typeof args[1] !== 'string') return args.map(decode);
  return unpack(JSON.parse(args[1]), args.slice(2));
}

function unpack(value, bytes) {
  if (typeof value === 'string') {
    if (!value.startsWith('\0')) return value;
    return value[1] === 's' ? value.slice(2) : bytes[Number(value.slice(2))] ?? null;
  }
  if (typeof value !== 'object' || value === null) return value;
  for (const name of Object.keys(value)) {
    Object.defineProperty(value, name, { value: unpack(value[name], bytes), writable: true, enumerable: true, configurable: true });
  }
  return value;
}

// A copy of a value that JSON can hold, as the guest is to get it.
function plain(value, key, depth, state) {
  if (value instanceof Uint8Array) {
    state.packed = true;
    return `\0b${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')}`;
  }
  if (depth > kDeepest) throw new RangeError(`the value is nested deeper than ${kDeepest} levels`);
  if (value !== null && value !== undefined && typeof value.toJSON === 'function') value = value.toJSON(key);
  switch (typeof value) {
    case 'number': return Number.isFinite(value) ? value : null;
    case 'boolean': return value;
    case 'string':
      if (!value.startsWith('\0')) return value;
      state.packed = true;
      return `\0s${value}`;
    case 'object': break;
    default: return null;
  }
  if (value === null) return null;
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  if (Array.isArray(value)) return value.map((item, index) => plain(item, String(index), depth + 1, state));
  const copy = {};
  for (const name of Object.keys(value)) {
    const item = value[name];
    if (item === undefined) continue;
    Object.defineProperty(copy, name, { value: plain(item, name, depth + 1, state), enumerable: true });
  }
  return copy;
}

// What native.answer takes: JSON or bytes.
function encode(value) {
  if (value instanceof Uint8Array) return value;
  const state = { packed: false };
  return packed(plain(value, '', 0, state), state);
}

function packed(copy, state) {
  const isMarked = copy !== null && typeof copy === 'object' && Object.hasOwn(copy, '\0');
  return JSON.stringify(state.packed || isMarked ? { '\0': copy } : copy);
}

const kJson = { decode: decodeArguments, encode, isCbor: false };

// --- The core of a sandbox, which its states pass on ---

// Which sandboxes' callbacks the code that runs now is part of: Places.
const callbacks = new AsyncLocalStorage();

// Where code of a program runs for a sandbox: a callback, or a monitor.
class Place {
  core = undefined;
  running = false;   // still part of the invocation
  outer = undefined;
  #ended;

  // Aborted when the invocation is over.
  get signal() {
    this.#ended ??= new AbortController();
    if (!this.running) this.end();
    return this.#ended.signal;
  }

  end() {
    this.running = false;
    this.#ended?.abort(failure('ERR_CANCELLED', 'the call that this was done for is over'));
  }
}

class Core {
  #session = native.open();
  #queue = [];
  #running = false;
  #print;
  poisoned = false;
  lastCall = null;
  codec = kJson;  // in which tools' arguments and results pass

  constructor(functions, print) {
    this.functions = functions;  // by module and name
    this.print = print;
  }

  get session() { return this.#session; }

  // Of a level and a text; undefined if nobody listens.
  get print() { return this.#print; }
  set print(print) {
    this.#print = print;
    native.listen(this.#session, print !== undefined);
  }

  // Whether this is code of one of its own callbacks.
  get isReentrant() {
    for (let place = callbacks.getStore(); place !== undefined; place = place.outer) {
      if (place.core === this && place.running) return true;
    }
    return false;
  }

  // Runs one operation when those before it are over; at once, if there are none. `begin` gets the session and the listener,
  // and may throw. `note` is called with the outcome before anybody else is. A signal ends the operation, if it can be ended,
  // or keeps it from beginning: then it is rejected with the signal's reason. What tools throw is left in `tools`, which the
  // pieces of an invocation share, as they do the places of those that run.
  run(begin, note, signal, { endable = true, tools = newTools() } = {}) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const resource = new AsyncResource('CurfewSandbox', { requireManualDestroy: true });
    return new Promise((resolve, reject) => {
      const operation = { begin, note, resource, resolve, reject, signal, endable, tools, begun: false, abort: undefined };
      if (signal !== undefined) {
        operation.abort = () => this.#abort(operation);
        signal.addEventListener('abort', operation.abort);
      }
      this.#queue.push(operation);
      this.#next();
    });
  }

  #next() {
    while (!this.#running && this.#queue.length > 0) {
      const operation = this.#queue.shift();
      this.#running = true;
      operation.begun = true;
      try {
        operation.begin(this.#session, new Listener(this, operation));
      } catch (error) {
        this.#running = false;
        this.#forget(operation);
        operation.reject(error);
      }
    }
  }

  #abort(operation) {
    if (operation.begun) {
      if (operation.endable) native.kill(this.#session);
      return;
    }
    this.#queue.splice(this.#queue.indexOf(operation), 1);
    this.#forget(operation);
    operation.reject(operation.signal.reason);
  }

  #forget(operation) {
    operation.signal?.removeEventListener('abort', operation.abort);
    operation.resource.emitDestroy();
  }

  over(operation, outcome) {
    if (outcome.poisoned) this.poisoned = true;
    if (outcome.waiting === undefined) {
      for (const place of operation.tools.places) place.end();
      operation.tools.places.clear();
    }
    const { thrown } = operation.tools;
    if (outcome.error?.code === 'handler_error' && thrown !== undefined && outcome.error.message.includes(thrown.message)) {
      outcome.error.cause = thrown.error;  // the guest has passed it on
    }
    operation.note?.(outcome);
    this.#forget(operation);
    if (operation.signal?.aborted && outcome.error?.terminatedBy === kKillMonitor) {
      operation.reject(operation.signal.reason);
    } else {
      operation.resolve(outcome);
    }
    this.#running = false;
    this.#next();
  }

  // The same, for what has no usage to report.
  async ask(begin, note) {
    const outcome = await this.run(begin, note);
    if (outcome.error !== undefined) throw fromNative(outcome.error);
    return outcome.value;
  }

  kill() { native.kill(this.#session); }

  // When everything that was asked for is over.
  close() {
    return this.run((session, listener) => {
      native.close(session);
      listener.done({ poisoned: false });
    });
  }

  closeAtOnce() { native.close(this.#session); }
}

const newTools = () => ({ thrown: undefined, places: new Set() });

// Hears what happens in one operation. Nothing here may throw: it is called by the native part.
class Listener {
  #core;
  #operation;

  constructor(core, operation) {
    this.#core = core;
    this.#operation = operation;
  }

  print(level, text) {
    const { print } = this.#core;
    if (print === undefined) return;
    try {
      this.#operation.resource.runInAsyncScope(print, undefined, level, text);
    } catch (error) {
      console.error('Host print callback threw:', error);
    }
  }

  call(number, module, name, args) {
    const place = new Place();
    const { codec } = this.#core;
    const { places } = this.#operation.tools;
    places.add(place);
    const answer = (succeeded, value) => {
      place.running = false;
      places.delete(place);
      native.answer(number, succeeded, value, codec.isCbor);
    };
    const fail = (error) => {
      const message = messageOf(error);
      this.#operation.tools.thrown = { message, error };
      answer(false, message);
    };
    try {
      const callback = this.#core.functions.get(module).get(name);
      const result = this.asPart(place, () => callback(...codec.decode(args)));
      if (isThenable(result)) {
        Promise.resolve(result).then((value) => answer(true, codec.encode(value))).catch(fail);
      } else {
        answer(true, codec.encode(result));
      }
    } catch (error) {
      fail(error);
    }
  }

  // Runs a function as part of the sandbox, which it cannot use, in its caller's context. `place.running` is to be unset when that is over.
  asPart(place, f) {
    place.core = this.#core;
    place.running = true;
    return this.#operation.resource.runInAsyncScope(() => {
      place.outer = callbacks.getStore();
      return callbacks.run(place, f);
    });
  }

  done(outcome) { this.#core.over(this.#operation, outcome); }
}

const isThenable = (value) => value !== null && (typeof value === 'object' || typeof value === 'function') &&
  typeof value.then === 'function';

function messageOf(thrown) {
  try {
    if (thrown !== null && typeof thrown === 'object' && typeof thrown.message === 'string') return thrown.message;
    return String(thrown);
  } catch {
    return 'the host function threw something without a message';
  }
}

// --- Host functions ---

// The functions of one module, until a sandbox takes them.
class Functions {
  byName = new Map();
  taken = false;

  register(name, callback) {
    requireName(name, 'the name of the function');
    requireFunction(callback, 'the callback');
    if (this.taken) throw consumed('host module');
    this.byName.set(name, callback);
  }
}

class HostModule {
  #functions;

  constructor(key, functions) {
    inside(key, 'a HostModule');
    this.#functions = functions;
  }

  register(name, callback) { this.#functions.register(name, callback); }
}

class HostFunctionModule {
  #name;
  #functions = new Functions();

  constructor(name) {
    requireName(name, 'the name of the module');
    this.#name = name;
  }

  register(name, callback) {
    this.#functions.register(name, callback);
    return this;
  }

  static isOne(value) { return typeof value === 'object' && value !== null && #functions in value; }
  static inside(key, module) {
    inside(key, 'the inside of a module');
    return { name: module.#name, functions: module.#functions };
  }
}
const { isOne: isHostFunctionModule, inside: insideOfModule } = HostFunctionModule;
delete HostFunctionModule.isOne;
delete HostFunctionModule.inside;

// For the native part: the names, as scripts import them.
function toolsOf(functions) {
  const tools = [];
  for (const [module, byName] of functions) {
    tools.push([module, null, frontOf(module, [...byName.keys()])]);
    for (const name of byName.keys()) tools.push([module, name, 'json']);
  }
  return tools;
}

// --- Snapshots ---

const kKinds = { sandbox: 'jsSandbox', loaded: 'loadedJsSandbox' };

class Snapshot {
  #handle;
  #info;

  constructor(key, handle) {
    inside(key, 'a Snapshot');
    this.#handle = handle;
  }

  get #known() { return (this.#info ??= native.snapshotInfo(this.#handle)); }

  get kind() { return this.#known.loaded ? kKinds.loaded : kKinds.sandbox; }

  get requirements() {
    return {
      hostFunctions: this.#known.hostFunctions.map(({ module, functions }) => ({ module, functions: [...functions] })),
      moduleLoader: SnapshotRequirementStatus.Unknown,
    };
  }

  async save(directory, tag) {
    requireName(directory, 'the directory');
    requireName(tag, 'the tag');
    return settled((listener) => native.saveSnapshot(listener, this.#handle, directory, tag));
  }

  static async load(directory, tagOrDigest) { return loadSnapshot(directory, tagOrDigest, true); }
  static async loadUnverified(directory, tagOrDigest) { return loadSnapshot(directory, tagOrDigest, false); }

  static isOne(value) { return typeof value === 'object' && value !== null && #handle in value; }
  static inside(key, snapshot) {
    inside(key, 'the inside of a snapshot');
    return { handle: snapshot.#handle, info: snapshot.#known };
  }
}
const { isOne: isSnapshot, inside: insideOfSnapshot } = Snapshot;
delete Snapshot.isOne;
delete Snapshot.inside;

function requireSnapshot(value) {
  if (!isSnapshot(value)) throw new TypeError('the snapshot should be a Snapshot');
}

// An operation that belongs to no sandbox.
async function settled(begin) {
  const outcome = await new Promise((done) => begin({ done }));
  if (outcome.error !== undefined) throw fromNative(outcome.error);
  return outcome.value;
}

async function loadSnapshot(directory, tagOrDigest, verify) {
  requireName(directory, 'the directory');
  requireName(tagOrDigest, 'the tag or digest');
  return new Snapshot(kInside, await settled((listener) => native.loadSnapshot(listener, directory, tagOrDigest, verify)));
}

// --- The builder ---

class SandboxBuilder {
  #consumed = false;
  #heap;
  #scratch;
  #print;
  #filter = 'all';
  #modules = new Map();

  #set(value, what, change) {
    const bytes = requireNumber(value, what);
    if (bytes === 0) throw invalid(`${what} is zero`);
    this.#requireFresh();
    change(bytes);
    return this;
  }

  #requireFresh() {
    if (this.#consumed) throw consumed('SandboxBuilder');
  }

  setHeapSize(bytes) {
    return this.#set(bytes, 'the heap size', (size) => { this.#heap = Math.max(size, kLeastHeap); });
  }

  setScratchSize(bytes) {
    return this.#set(bytes, 'the scratch size', (size) => {
      this.#scratch = Math.min(Math.max(size, kLeastScratch), kMostStack);
    });
  }

  // These need no limit here.
  setInputBufferSize(bytes) { return this.#set(bytes, 'the input buffer size', () => {}); }
  setOutputBufferSize(bytes) { return this.#set(bytes, 'the output buffer size', () => {}); }

  // As version 0.1 called the scratch size.
  setStackSize(bytes) { return this.setScratchSize(bytes); }

  setHostPrintFn(print) {
    requireFunction(print, 'the print function');
    this.#requireFresh();
    this.#print = (level, text) => print(text);
    return this;
  }

  setHostFunctionModules(factory) {
    requireFunction(factory, 'the factory of host function modules');
    const modules = factory();
    if (!Array.isArray(modules) || !modules.every(isHostFunctionModule)) {
      throw new TypeError('the factory should return an array of HostFunctionModules');
    }
    this.#requireFresh();
    if (new Set(modules).size !== modules.length) throw invalid('the same host function module is there twice');
    const parts = modules.map((module) => insideOfModule(kInside, module));
    if (parts.some(({ functions }) => functions.taken)) throw consumed('HostFunctionModule');
    for (const { name, functions } of parts) {
      functions.taken = true;
      this.#modules.set(name, new Map([...(this.#modules.get(name) ?? []), ...functions.byName]));
    }
    return this;
  }

  setHostFunctionFilter(filter) {
    if (filter !== 'all' && filter !== 'snapshotRequirements') {
      throw invalid('the filter of host functions is "all" or "snapshotRequirements"');
    }
    this.#requireFresh();
    this.#filter = filter;
    return this;
  }

  #options() {
    return { heap: this.#heap, stack: this.#scratch, print: this.#print, filter: this.#filter, modules: this.#modules };
  }

  async build() {
    this.#requireFresh();
    this.#consumed = true;
    if (this.#filter !== 'all') {
      throw failure('ERR_INTERNAL', 'the filter "snapshotRequirements" is for buildFromSnapshot()');
    }
    return new ProtoJSSandbox(kInside, this.#options());
  }

  async buildFromSnapshot(snapshot) {
    requireSnapshot(snapshot);
    this.#requireFresh();
    this.#consumed = true;
    return new SandboxRestorer(kInside, snapshot, this.#options());
  }
}

const kPrefix = 'host:';

function nativeOptions(core, { heap, stack }) {
  return {
    heap, stack, outputLimit: kOutputLimit, argumentLimit: kArgumentLimit,
    tools: toolsOf(core.functions),
  };
}

class ProtoJSSandbox {
  #options;
  #consumed = false;
  #modules = new Map();

  constructor(key, options) {
    inside(key, 'a ProtoJSSandbox');
    this.#options = options;
    for (const [name, byName] of options.modules) {
      const functions = new Functions();
      functions.byName = byName;
      this.#modules.set(name, functions);
    }
  }

  #module(name) {
    requireName(name, 'the name of the module');
    if (this.#consumed) throw consumed('ProtoJSSandbox');
    let functions = this.#modules.get(name);
    if (functions === undefined) this.#modules.set(name, functions = new Functions());
    return functions;
  }

  hostModule(name) { return new HostModule(kInside, this.#module(name)); }

  register(module, name, callback) {
    requireName(module, 'the name of the module');
    requireName(name, 'the name of the function');
    requireFunction(callback, 'the callback');
    this.#module(module).register(name, callback);
  }

  async loadRuntime() {
    if (this.#consumed) throw consumed('ProtoJSSandbox');
    this.#consumed = true;
    const functions = new Map();
    for (const [name, module] of this.#modules) {
      module.taken = true;
      functions.set(kPrefix + name, module.byName);
    }
    const core = new Core(functions, this.#options.print);
    await core.ask((session, listener) => native.create(session, listener, nativeOptions(core, this.#options)));
    return new JSSandbox(kInside, core);
  }
}

class SandboxRestorer {
  #snapshot;
  #options;
  #consumed = false;

  constructor(key, snapshot, options) {
    inside(key, 'a SandboxRestorer');
    this.#snapshot = snapshot;
    this.#options = options;
  }

  get kind() { return this.#snapshot.kind; }
  get requirements() { return this.#snapshot.requirements; }

  async restoreJsSandbox() { return new JSSandbox(kInside, await this.#restore(kKinds.sandbox)); }
  async restoreLoadedSandbox() { return new LoadedJSSandbox(kInside, await this.#restore(kKinds.loaded)); }

  async #restore(kind) {
    if (this.#consumed) throw consumed('SandboxRestorer');
    this.#consumed = true;
    if (this.kind !== kind) {
      throw failure('ERR_INTERNAL', `the snapshot is of the kind "${this.kind}", and this is for "${kind}"`);
    }
    const { handle, info } = insideOfSnapshot(kInside, this.#snapshot);
    const functions = this.#functions(info.hostFunctions);
    const core = new Core(functions, this.#options.print);
    const options = nativeOptions(core, this.#options);
    options.heap ??= info.heapSize;
    options.stack ??= info.stackSize;
    await core.ask((session, listener) => native.start(session, listener, options, handle));
    return core;
  }

  // Those that the sandbox gets.
  #functions(required) {
    const { modules, filter } = this.#options;
    const functions = new Map();
    for (const { module, functions: names } of required) {
      const byName = modules.get(module.slice(kPrefix.length));
      if (byName === undefined) throw failure('ERR_INTERNAL', `the snapshot requires host module '${module}'`);
      for (const name of names) {
        if (!byName.has(name)) {
          throw failure('ERR_INTERNAL', `the snapshot requires host function '${name}' of host module '${module}'`);
        }
      }
      const all = filter === 'all' ? [...byName] : names.map((name) => [name, byName.get(name)]);
      functions.set(module, new Map(all));
    }
    if (filter === 'all') {
      for (const [name, byName] of modules) functions.set(kPrefix + name, new Map(byName));
    }
    return functions;
  }
}

// --- Sandboxes ---

// A handler's source, whose name in stack traces is the handler's.
const fileOf = (name) => `${name}.js`;

function check(failed) {
  if (failed !== null) throw fromNative(failed);
}

class JSSandbox {
  #core;
  #busy = false;

  constructor(key, core) {
    inside(key, 'a JSSandbox');
    this.#core = core;
  }

  // The session, when it can be used.
  get #usable() {
    if (this.#busy) throw failure('ERR_BUSY', 'the sandbox is taking or restoring a snapshot');
    if (this.#core === undefined) throw consumed('JSSandbox');
    return this.#core;
  }

  addHandler(name, script) {
    requireName(name, 'the name of the handler');
    requireText(script, 'the script');
    check(native.addHandler(this.#usable.session, name, script, fileOf(name)));
  }

  removeHandler(name) {
    requireName(name, 'the name of the handler');
    check(native.removeHandler(this.#usable.session, name));
  }

  clearHandlers() { check(native.clearHandlers(this.#usable.session)); }

  addModule(name, source, namespace) {
    requireModuleName(name, 'the name of the module');
    requireText(source, 'the source');
    check(native.addModule(this.#usableFor(namespace).session, name, source, requireNamespace(namespace)));
  }

  removeModule(name, namespace) {
    requireModuleName(name, 'the name of the module');
    check(native.removeModule(this.#usableFor(namespace).session, name, requireNamespace(namespace)));
  }

  #usableFor(namespace) {
    requireNamespace(namespace);
    return this.#usable;
  }

  clearModules() { check(native.clearModules(this.#usable.session)); }

  async getLoadedSandbox() {
    const core = this.#usable;
    this.#core = undefined;
    try {
      await core.ask((session, listener) => native.load(session, listener, null, true));
    } catch (error) {
      core.closeAtOnce();
      throw error;
    }
    return new LoadedJSSandbox(kInside, core);
  }

  async #whileBusy(work) {
    const core = this.#usable;
    this.#busy = true;
    try {
      return await work(core);
    } finally {
      this.#busy = false;
    }
  }

  async snapshot() {
    return this.#whileBusy(async (core) => new Snapshot(
      kInside, await core.ask((session, listener) => native.snapshot(session, listener))));
  }

  async restore(snapshot) {
    requireSnapshot(snapshot);
    const { handle } = insideOfSnapshot(kInside, snapshot);
    await this.#whileBusy((core) => core.ask((session, listener) => native.restore(session, listener, handle)));
  }

  get poisoned() { return this.#usable.poisoned; }
  get status() { return this.#usable.poisoned ? SandboxStatus.Poisoned : SandboxStatus.Ready; }

  dispose() {
    if (this.#core === undefined && !this.#busy) return;
    this.#usable.closeAtOnce();
    this.#core = undefined;
  }
}

class InterruptHandle {
  #core;

  constructor(key, core) {
    inside(key, 'an InterruptHandle');
    this.#core = core;
  }

  kill() { this.#core.kill(); }
}

function requireTimeout(value, what) {
  if (value === undefined || value === null) return undefined;
  const milliseconds = requireNumber(value, what);
  if (milliseconds === 0) throw invalid(`${what} is zero`);
  if (milliseconds > kLongestTimeout) throw invalid(`${what} is more than ${kLongestTimeout} milliseconds`);
  return milliseconds;
}

function eventText(event) {
  try {
    return JSON.stringify(event) ?? 'null';
  } catch (error) {
    throw invalid(`the event does not convert to JSON: ${messageOf(error)}`);
  }
}

const poisonedOutcome = () => ({
  poisoned: true,
  usage: { wallClockMs: 0, cpuTimeMs: 0 },
  error: {
    code: 'poisoned', terminatedBy: '', stack: '',
    message: 'an earlier call was cut short; restore or unload the sandbox first',
  },
});

function statsOf(outcome) {
  const stats = { wallClockMs: outcome.usage.wallClockMs, cpuTimeMs: outcome.usage.cpuTimeMs };
  const by = outcome.error?.terminatedBy;
  if (by === 'wall-clock' || by === 'cpu-time') stats.terminatedBy = by;
  return stats;
}

class LoadedJSSandbox {
  #core;

  constructor(key, core) {
    inside(key, 'a LoadedJSSandbox');
    this.#core = core;
  }

  get #usable() {
    if (this.#core === undefined) throw consumed('LoadedJSSandbox');
    return this.#core;
  }

  // For what has to wait its turn, and must not be waited for by a callback of this sandbox.
  get #askable() {
    if (this.#usable.isReentrant) {
      throw failure('ERR_REENTRANT', 'a callback cannot use the sandbox that called it');
    }
    return this.#usable;
  }

  async callHandler(name, event, options) {
    requireName(name, 'the name of the handler');
    const { wallClockTimeoutMs, cpuTimeoutMs, gc } = options ?? {};
    const wall = requireTimeout(wallClockTimeoutMs, 'wallClockTimeoutMs');
    const cpu = requireTimeout(cpuTimeoutMs, 'cpuTimeoutMs');
    if (gc !== undefined && gc !== null && typeof gc !== 'boolean') throw wrongType('gc', 'a boolean', 'BooleanExpected');
    const text = eventText(event);
    const core = this.#askable;
    const limits = [];
    if (wall !== undefined) limits.push(['wall-clock', wall]);
    if (cpu !== undefined) limits.push(['cpu-time', cpu]);

    const outcome = await core.run((session, listener) => {
      if (core.poisoned) {
        listener.done(poisonedOutcome());
      } else {
        native.call(session, listener, name, text, limits, gc ?? true);
      }
    }, (outcome) => {
      core.lastCall = statsOf(outcome);
      // Also where nothing was run yet, and the sandbox could go on: programs expect it.
      if (outcome.error?.code === 'cancelled' || outcome.error?.code === 'not_run') core.poisoned = true;
    });
    if (outcome.error !== undefined) throw fromNative(outcome.error, outcome.usage);
    try {
      return JSON.parse(outcome.value);
    } catch {
      throw failure('ERR_GUEST_ABORT', kNoJson);
    }
  }

  async snapshot() {
    const core = this.#askable;
    return new Snapshot(kInside, await core.ask((session, listener) => {
      if (core.poisoned) throw failure('ERR_POISONED', 'a call was cut short; restore or unload the sandbox first');
      native.snapshot(session, listener);
    }));
  }

  async restore(snapshot) {
    requireSnapshot(snapshot);
    const core = this.#askable;
    const { handle } = insideOfSnapshot(kInside, snapshot);
    await core.ask((session, listener) => native.restore(session, listener, handle), (outcome) => {
      if (outcome.error === undefined) core.poisoned = false;
    });
  }

  async unload() {
    const core = this.#askable;
    this.#core = undefined;
    await core.ask((session, listener) => native.unload(session, listener));
    core.poisoned = false;
    return new JSSandbox(kInside, core);
  }

  // What runs and what waits comes to its end first. But a callback must not wait for the call that it is part of, which
  // ends then.
  async dispose() {
    const core = this.#core;
    if (core === undefined) return;
    this.#core = undefined;
    if (core.isReentrant) {
      core.closeAtOnce();
    } else {
      await core.close();
    }
  }

  get interruptHandle() { return new InterruptHandle(kInside, this.#usable); }
  get poisoned() { return this.#usable.poisoned; }
  get status() { return this.#usable.poisoned ? SandboxStatus.Poisoned : SandboxStatus.Ready; }

  get lastCallStats() {
    const { lastCall } = this.#usable;
    return lastCall === null ? null : { ...lastCall };
  }
}

module.exports = {
  SandboxBuilder,
  ProtoJSSandbox,
  JSSandbox,
  LoadedJSSandbox,
  Snapshot,
  SandboxRestorer,
  InterruptHandle,
  HostModule,
  HostFunctionModule,
  SandboxStatus,
  SnapshotRequirementStatus,
};

// For curfew.js.
Object.defineProperty(module.exports, Symbol.for('curfew.inside'), {
  value: { native, Core, Place, callbacks, newTools, messageOf, isThenable, kKillMonitor },
});
