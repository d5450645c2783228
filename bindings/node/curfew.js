// Curfew for Node.js: sandboxes for JavaScript that you did not write. curfew.d.ts is the reference.
'use strict';

const { availableParallelism } = require('node:os');
const { native, Core, frontOf, messageOf, kKillMonitor, kNoJson } = require('./hyperlight/lib.js')[Symbol.for('curfew.inside')];

const kInside = Symbol('inside');
const kAsyncDispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');
const kDefaultWallLimit = 30_000;
const kMebibyte = 1 << 20;

// --- Errors ---

class CurfewError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = 'CurfewError';
    this.code = code;
    this.terminatedBy = undefined;
    this.usage = undefined;
    this.guestStack = undefined;
  }
}

function fromNative(failed, usage) {
  const killed = failed.terminatedBy === kKillMonitor;
  const message = killed ? failed.message.replace(`execution monitor "${kKillMonitor}"`, 'kill()') : failed.message;
  const error = new CurfewError(failed.code, message, failed.cause === undefined ? undefined : { cause: failed.cause });
  if (failed.terminatedBy !== '') error.terminatedBy = killed ? 'kill' : failed.terminatedBy;
  if (failed.stack !== '') error.guestStack = failed.stack;
  error.usage = usage;
  return error;
}

function check(failed) {
  if (failed !== null) throw fromNative(failed);
}

function checked(outcome) {
  if (outcome.error !== undefined) throw fromNative(outcome.error, outcome.usage);
  return outcome.value;
}

const wrong = (what, should, value) =>
  new TypeError(`${what} should be ${should}, but is ${value === null ? 'null' : typeof value}`);

function requireText(value, what) {
  if (typeof value !== 'string') throw wrong(what, 'a string', value);
}

function requireFunction(value, what) {
  if (typeof value !== 'function') throw wrong(what, 'a function', value);
}

// The properties of an options object, which may have no others.
function optionsOf(value, what, names) {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object') throw wrong(what, 'an object', value);
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw new TypeError(`${what} cannot have "${name}"; they can have ${names.join(', ')}`);
  }
  return value;
}

function requireSignal(signal) {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrong('signal', 'an AbortSignal', signal);
  return signal;
}

// --- Limits and sizes ---

const limits = Object.freeze(native.limits().map(({ name, option, form, example, help }) => Object.freeze({
  name, key: option.slice(2).replace(/-./g, (dash) => dash[1].toUpperCase()), form, example, help,
})).filter(({ form }) => form !== 'none'));

const kNone = new Set([null, Infinity, 'none']);

// By the limits' names. A value that means no limit stays as null.
function limitsOf(value, what = 'limits') {
  const found = new Map();
  for (const [key, limit] of Object.entries(optionsOf(value, what, limits.flatMap(({ key, name }) => [key, name])))) {
    if (limit === undefined) continue;
    const { name, form, example } = limits.find((each) => each.key === key || each.name === key);
    const text = limit instanceof Date ? limit.toISOString() : limit;
    if (kNone.has(limit)) {
      found.set(name, null);
    } else if (typeof text === 'string' || (typeof text === 'number' && form !== 'point_in_time' && text > 0)) {
      found.set(name, text);
    } else {
      throw new TypeError(`${what}.${key} should be a text like "${example}"${form === 'point_in_time' ? ' or a Date' : ' or a number above zero'}`);
    }
  }
  return found;
}

const forNative = (found) => [...found].filter(([, limit]) => limit !== null);

const kUnits = { B: 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 };

function sizeOf(value, what) {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value > 0) return Math.ceil(value);
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?) ?([KkMG]i?B|B)?$/.exec(value) : null;
  const unit = kUnits[parts?.[2] ?? 'B'];
  if (parts === null || unit === undefined) throw new TypeError(`${what} should be a number of bytes, or a text like "32MiB"`);
  return Math.ceil(Number(parts[1]) * unit);
}

// --- Tools ---

const kBlocking = new WeakSet();

function blocking(tool) {
  requireFunction(tool, 'the tool');
  const marked = function (...args) { return tool.apply(this, args); };
  kBlocking.add(marked);
  return marked;
}

const kTools = 'host:tools';
const kIdentifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

// By module and name. A property that is an object is a module of its own.
function toolsOf(value) {
  const functions = new Map();
  if (value === undefined) return functions;
  if (value === null || typeof value !== 'object') throw wrong('tools', 'an object', value);
  const top = new Map();
  functions.set(kTools, top);
  for (const [name, tool] of Object.entries(value)) {
    if (typeof tool === 'function') {
      top.set(name, tool);
      continue;
    }
    if (tool === null || typeof tool !== 'object') throw wrong(`tools.${name}`, 'a function or an object of functions', tool);
    const group = new Map();
    for (const [each, inner] of Object.entries(tool)) {
      requireFunction(inner, `tools.${name}.${each}`);
      group.set(each, inner);
    }
    functions.set(`${kTools}/${name}`, group);
  }
  return functions;
}

// What makes the tools a global object of the guest.
function preambleOf(functions) {
  const parts = [...functions.keys()].map((module) =>
    (module === kTools ? `...(await import("${kTools}"))`
                       : `${JSON.stringify(module.slice(kTools.length + 1))}: Object.freeze({ ...(await import(${JSON.stringify(module)})) })`));
  return `globalThis.tools = Object.freeze({ ${parts.join(', ')} }); null`;
}

function namesOf(functions) {
  const names = [];
  for (const [module, byName] of functions) {
    names.push([module, null, frontOf(module, [...byName.keys()])]);
    for (const [name, tool] of byName) names.push([module, name, !kBlocking.has(tool)]);
  }
  return names;
}

// --- Snapshots ---

let insideOfSnapshot;

class Snapshot {
  #handle;
  #info;

  constructor(key, handle) {
    if (key !== kInside) throw new TypeError('a Snapshot is what Sandbox.snapshot() and Snapshot.load() give');
    this.#handle = handle;
  }

  static { insideOfSnapshot = (value) => {
    if (typeof value !== 'object' || value === null || !(#handle in value)) throw wrong('snapshot', 'a Snapshot', value);
    return { handle: value.#handle, info: value.#known };
  }; }

  get #known() { return (this.#info ??= native.snapshotInfo(this.#handle)); }

  get kind() { return this.#known.loaded ? 'loaded_sandbox' : 'sandbox'; }
  get handlers() { return [...this.#known.handlers]; }
  get size() { return this.#known.size; }
  get heapSize() { return this.#known.heapSize; }
  get requirements() {
    return { hostModules: this.#known.hostFunctions.map(({ module, functions }) => ({ module, functions: [...functions] })) };
  }

  async save(folder, tag) {
    requireText(folder, 'folder');
    requireText(tag, 'tag');
    return forSnapshots((listener) => native.saveSnapshot(listener, this.#handle, folder, tag));
  }

  static async load(folder, tagOrDigest, options) {
    requireText(folder, 'folder');
    requireText(tagOrDigest, 'tagOrDigest');
    const { verify = true } = optionsOf(options, 'options', ['verify']);
    return new Snapshot(kInside, await forSnapshots((listener) => native.loadSnapshot(listener, folder, tagOrDigest, verify)));
  }
}

async function forSnapshots(begin) { return checked(await new Promise((done) => begin({ done }))); }

// --- Sandboxes ---

const kSandboxOptions = ['engine', 'heap', 'stack', 'limits', 'tools', 'handlers', 'modules', 'console', 'outputLimit',
                         'argumentLimit', 'signal'];
const kCallOptions = ['limits', 'signal', 'collectGarbage'];

function settingsOf(options) {
  const { engine, heap, stack, limits, tools, handlers, modules, console: print, outputLimit, argumentLimit, signal } =
    optionsOf(options, 'the options of a sandbox', kSandboxOptions);
  if (engine !== undefined) requireText(engine, 'engine');
  if (print !== undefined) requireFunction(print, 'console');
  const functions = toolsOf(tools);
  const found = limitsOf(limits);
  const wall = found.has('wall-clock') ? undefined : kDefaultWallLimit;
  return {
    functions, print, limits: found, signal: requireSignal(signal),
    handlers: textsOf(handlers, 'handlers'), modules: textsOf(modules, 'modules'),
    native: {
      engine, heap: sizeOf(heap, 'heap'), stack: sizeOf(stack, 'stack'), outputLimit: sizeOf(outputLimit, 'outputLimit') ?? 16 * kMebibyte,
      argumentLimit: sizeOf(argumentLimit, 'argumentLimit') ?? kMebibyte, wallLimit: wall, prints: print !== undefined,
      tools: namesOf(functions),
    },
  };
}

function textsOf(value, what) {
  if (value === undefined) return [];
  if (value === null || typeof value !== 'object') throw wrong(what, 'an object', value);
  const entries = Object.entries(value);
  for (const [name, source] of entries) requireText(source, `${what}[${JSON.stringify(name)}]`);
  return entries;
}

function eventText(event) {
  try {
    return JSON.stringify(event) ?? 'null';
  } catch (error) {
    throw new CurfewError('invalid_argument', `the event cannot become JSON: ${messageOf(error)}`, { cause: error });
  }
}

function valueOf(text) {
  if (text === '' || text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CurfewError('guest_abort', kNoJson, { cause: error });
  }
}

class Sandbox {
  #core;
  #limits;
  #usage;

  constructor(key, core, limits) {
    if (key !== kInside) throw new TypeError('make a sandbox with Sandbox.create()');
    this.#core = core;
    this.#limits = limits;
  }

  static async create(options) {
    const settings = settingsOf(options);
    const core = new Core(settings.functions, settings.print);
    try {
      checked(await core.run((session, listener) => native.create(session, listener, settings.native), undefined, settings.signal));
      return await loadInto(core, settings);
    } catch (error) {
      core.closeAtOnce();
      throw error;
    }
  }

  static async from(snapshot, options) {
    const { handle, info } = insideOfSnapshot(snapshot);
    const settings = settingsOf(options);
    if (settings.handlers.length > 0 || settings.modules.length > 0) {
      throw new TypeError('a sandbox from a snapshot has the handlers and modules of the snapshot');
    }
    settings.native.heap ??= info.heapSize;
    settings.native.stack ??= info.stackSize;
    const core = new Core(settings.functions, settings.print);
    try {
      checked(await core.run((session, listener) => native.start(session, listener, settings.native, handle), undefined, settings.signal));
      if (!info.loaded) return await loadInto(core, settings, info.handlers.length > 0);
      return new Sandbox(kInside, core, settings.limits);
    } catch (error) {
      core.closeAtOnce();
      throw error;
    }
  }

  get #open() {
    if (this.#core === undefined) throw new CurfewError('consumed', 'this sandbox was disposed of');
    if (this.#core.isReentrant) throw new CurfewError('reentrant', 'a tool cannot use the sandbox that called it');
    return this.#core;
  }

  async #invoke(begin, options) {
    const { limits, signal, collectGarbage = true } = optionsOf(options, 'the options of a call', kCallOptions);
    const all = forNative(new Map([...this.#limits, ...limitsOf(limits)]));
    requireSignal(signal);
    if (typeof collectGarbage !== 'boolean') throw wrong('collectGarbage', 'a boolean', collectGarbage);
    const outcome = await this.#open.run((session, listener) => begin(session, listener, all, collectGarbage),
                                         ({ usage }) => { this.#usage = usage; }, signal);
    return valueOf(checked(outcome));
  }

  async call(handler, event, options) {
    requireText(handler, 'handler');
    const text = eventText(event);
    return this.#invoke((session, listener, limits, gc) => native.call(session, listener, handler, text, limits, gc), options);
  }

  async run(program, options) {
    requireText(program, 'program');
    return this.#invoke((session, listener, limits, gc) => native.evaluate(session, listener, program, limits, gc), options);
  }

  async addHandler(name, source, options) {
    requireText(name, 'name');
    requireText(source, 'source');
    await this.#invoke((session, listener, limits) => native.addLater(session, listener, name, source, `${name}.js`, limits), options);
  }

  async snapshot() {
    return new Snapshot(kInside, checked(await this.#open.run((session, listener) => native.snapshot(session, listener))));
  }

  async restore(snapshot) {
    const { handle } = insideOfSnapshot(snapshot);
    const core = this.#open;
    checked(await core.run((session, listener) => native.restore(session, listener, handle), ({ error }) => {
      if (error === undefined) core.poisoned = false;
    }));
  }

  kill() { this.#core?.kill(); }

  get poisoned() { return this.#core !== undefined && this.#core.poisoned; }
  get disposed() { return this.#core === undefined; }
  get usage() { return this.#usage; }

  async dispose() {
    const core = this.#core;
    this.#core = undefined;
    if (core === undefined) return;
    if (core.isReentrant) {
      core.closeAtOnce();
    } else {
      await core.close();
    }
  }
}

async function loadInto(core, { handlers, modules, limits, signal, functions }, hasHandlers = handlers.length > 0) {
  for (const [name, source] of modules) {
    const at = name.indexOf(':');
    check(native.addModule(core.session, name.slice(at + 1), source, at < 0 ? 'user' : name.slice(0, at)));
  }
  for (const [name, source] of handlers) check(native.addHandler(core.session, name, source, `${name}.js`));
  const all = forNative(limits);
  checked(await core.run((session, listener) => native.load(session, listener, all, hasHandlers), undefined, signal));
  if (functions.size > 0) {
    const preamble = preambleOf(functions);
    checked(await core.run((session, listener) => native.evaluate(session, listener, preamble, all, true), undefined, signal));
  }
  return new Sandbox(kInside, core, limits);
}

// --- Pools ---

class Pool {
  #snapshot;
  #options;
  #size;
  #made = 0;
  #ready = [];
  #waiting = [];
  #closed = false;

  constructor(key, snapshot, options, size) {
    if (key !== kInside) throw new TypeError('make a pool with Pool.create()');
    this.#snapshot = snapshot;
    this.#options = options;
    this.#size = size;
  }

  static async create(options = {}) {
    const { size = availableParallelism(), snapshot, ...others } = options;
    if (!Number.isInteger(size) || size < 1) throw new TypeError('size should be a whole number above zero');
    if (snapshot !== undefined) {
      insideOfSnapshot(snapshot);
      settingsOf(others);
      return new Pool(kInside, snapshot, others, size);
    }
    const first = await Sandbox.create(others);
    const { handlers, modules, ...host } = others;
    const pool = new Pool(kInside, await first.snapshot(), host, size);
    pool.#made = 1;
    pool.#ready.push(first);
    return pool;
  }

  get size() { return this.#size; }

  async call(handler, event, options) { return this.use((sandbox) => sandbox.call(handler, event, options), options); }
  async run(program, options) { return this.use((sandbox) => sandbox.run(program, options), options); }

  async use(work, options) {
    requireFunction(work, 'work');
    const sandbox = await this.#take(requireSignal(options?.signal));
    try {
      return await work(sandbox);
    } finally {
      this.#giveBack(sandbox);
    }
  }

  async #take(signal) {
    if (this.#closed) throw new CurfewError('consumed', 'this pool was disposed of');
    signal?.throwIfAborted();
    const ready = this.#ready.pop();
    if (ready !== undefined) return ready;
    if (this.#made < this.#size) return this.#make();
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject, forget: () => {} };
      if (signal !== undefined) {
        const abort = () => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.forget = () => signal.removeEventListener('abort', abort);
      }
      this.#waiting.push(waiting);
    });
  }

  async #make() {
    ++this.#made;
    try {
      return await Sandbox.from(this.#snapshot, this.#options);
    } catch (error) {
      --this.#made;
      throw error;
    }
  }

  // Whoever used it does not wait for this.
  async #giveBack(sandbox) {
    try {
      if (sandbox.disposed || this.#closed) throw new Error('not needed any more');
      await sandbox.restore(this.#snapshot);
    } catch {
      --this.#made;
      await sandbox.dispose();
      this.#replace();
      return;
    }
    this.#handOn(sandbox);
  }

  #handOn(sandbox) {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.forget();
      next.resolve(sandbox);
    } else if (this.#closed) {
      --this.#made;
      sandbox.dispose();
    } else {
      this.#ready.push(sandbox);
    }
  }

  // For who waits for one that is not coming back.
  #replace() {
    if (this.#waiting.length === 0 || this.#closed) return;
    this.#make().then((made) => this.#handOn(made), (error) => {
      const next = this.#waiting.shift();
      next?.forget();
      next?.reject(error);
      this.#replace();
    });
  }

  async dispose() {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.forget();
      waiting.reject(new CurfewError('consumed', 'this pool was disposed of'));
    }
    await Promise.all(this.#ready.splice(0).map((sandbox) => sandbox.dispose()));
  }
}

for (const disposable of [Sandbox, Pool]) {
  Object.defineProperty(disposable.prototype, kAsyncDispose, {
    value() { return this.dispose(); }, configurable: true, writable: true,
  });
}

module.exports = { Sandbox, Snapshot, Pool, CurfewError, blocking, limits, version: native.version };
