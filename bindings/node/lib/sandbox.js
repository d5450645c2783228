// Sandboxes. Their core, which has one thing done after the other, is that of both faces.
'use strict';

const { native, Core, messageOf } = require('./inside.js');
const { decode } = require('./cbor_read.js');
const { encode } = require('./cbor_write.js');
const { wrong, requireText, requireFunction, requireBoolean, optionsOf, requireSignal } = require('./checks.js');
const { CurfewError, check, checked } = require('./errors.js');
const { limitsOf, forNative, sizeOf } = require('./limits.js');
const { fetchOf } = require('./fetch.js');
const { beginInvocation } = require('./invocation.js');
const { monitorsOf, Watching } = require('./monitors.js');
const { Outputs } = require('./output.js');
const { insideOfSnapshot, makeSnapshot } = require('./snapshot.js');
const { toolsOf, preambleOf, namesOf } = require('./tools.js');

const kInside = Symbol('inside');
const kDefaultWallLimit = 30_000;
const kMebibyte = 1 << 20;
const kOutputKept = kMebibyte;

const kSandboxOptions = ['engine', 'heap', 'stack', 'limits', 'monitors', 'tools', 'handlers', 'modules', 'folder', 'console', 'outputLimit',
                         'argumentLimit', 'openCalls', 'strict', 'isolation', 'jitless', 'spinning', 'cgroup', 'fetch', 'signal'];
const kIsolationOptions = ['sideChannels', 'restoreMode', 'branchBarrier'];
const kCgroupOptions = ['parent', 'memory', 'cpus', 'processes'];
const kCallOptions = ['limits', 'monitors', 'signal', 'collectGarbage'];
const kProgramOptions = [...kCallOptions, 'typescript'];

function settingsOf(options) {
  const { engine, heap, stack, limits, monitors, tools, handlers, modules, console: print, outputLimit, argumentLimit, signal } =
    optionsOf(options, 'the options of a sandbox', kSandboxOptions);
  const { folder, openCalls, strict, isolation, jitless, spinning, cgroup } = options ?? {};
  if (engine !== undefined) requireText(engine, 'engine');
  if (folder !== undefined) requireText(folder, 'folder');
  if (openCalls !== undefined && (!Number.isInteger(openCalls) || openCalls < 1)) throw new TypeError('openCalls should be a whole number above zero');
  for (const [what, value] of Object.entries({ strict, jitless, spinning })) {
    if (value !== undefined) requireBoolean(value, what);
  }
  for (const [what, value] of Object.entries(optionsOf(isolation, 'isolation', kIsolationOptions))) {
    if (value !== undefined) requireText(value, `isolation.${what}`);
  }
  if (print !== undefined) requireFunction(print, 'console');
  const functions = toolsOf(tools);
  const found = limitsOf(limits);
  const wall = found.has('wall-clock') ? undefined : kDefaultWallLimit;
  return {
    functions, print, limits: found, monitors: monitorsOf(monitors), signal: requireSignal(signal),
    handlers: textsOf(handlers, 'handlers'), modules: textsOf(modules, 'modules'),
    native: {
      engine, heap: sizeOf(heap, 'heap'), stack: sizeOf(stack, 'stack'), outputLimit: sizeOf(outputLimit, 'outputLimit') ?? 16 * kMebibyte,
      argumentLimit: sizeOf(argumentLimit, 'argumentLimit') ?? kMebibyte, wallLimit: wall, tools: namesOf(functions),
      folder, openCalls, strict, isolation, jitless, spinning, cgroup: cgroupOf(cgroup), fetch: fetchOf(options?.fetch),
    },
  };
}

function cgroupOf(value) {
  if (value === undefined) return undefined;
  const { parent, memory, cpus, processes } = optionsOf(value, 'cgroup', kCgroupOptions);
  if (parent !== undefined) requireText(parent, 'cgroup.parent');
  for (const [what, number] of Object.entries({ cpus, processes })) {
    if (number !== undefined && !(typeof number === 'number' && number > 0)) throw wrong(`cgroup.${what}`, 'a number above zero', number);
  }
  return { parent, memory: sizeOf(memory, 'cgroup.memory'), cpus, processes };
}

function textsOf(value, what) {
  if (value === undefined) return [];
  if (value === null || typeof value !== 'object') throw wrong(what, 'an object', value);
  const entries = Object.entries(value);
  for (const [name, source] of entries) requireText(source, `${what}[${JSON.stringify(name)}]`);
  return entries;
}

function eventOf(event) {
  try {
    return encode(event, 'the event');
  } catch (error) {
    throw new CurfewError('invalid_argument', messageOf(error), { cause: error });
  }
}

// A guest whose engine was taken over can answer anything.
function valueOf({ value }) {
  if (value === undefined) return undefined;
  try {
    return decode(value);
  } catch (error) {
    throw new CurfewError('guest_abort', 'the guest broke the call protocol: its result cannot be read', { cause: error });
  }
}

const kCbor = { decode: ([cbor]) => decode(cbor), encode: (value) => encode(value, "the tool's result"), isCbor: true };

// A sandbox's core, with what only this face has.
function makeCore({ functions, print }) {
  const core = new Core(functions);
  core.codec = kCbor;
  core.outputs = new Outputs(core, print);
  core.invocation = undefined;  // the PendingInvocation that waits
  core.saved = undefined;       // one that is in its snapshot, and that nobody has gone on with
  core.session.ready = () => core.invocation?.ready();
  return core;
}

// Runs one invocation to its end, under monitors. `begin` gets the session, the listener, and the monitors' names.
async function invokeIn(core, handler, monitors, begin, note, signal) {
  const watching = new Watching(monitors, handler);
  return core.run((session, listener) => {
    watching.start(session, listener);
    begin(session, listener, watching.names);
  }, (outcome) => {
    watching.end();
    watching.explain(outcome.error);
    note?.(outcome);
  }, signal);
}

class Sandbox {
  #core;
  #limits;
  #monitors;
  #usage;

  constructor(key, core, { limits, monitors }) {
    if (key !== kInside) throw new TypeError('make a sandbox with Sandbox.create()');
    this.#core = core;
    this.#limits = limits;
    this.#monitors = monitors;
  }

  static async create(options) {
    const settings = settingsOf(options);
    const core = makeCore(settings);
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
    const core = makeCore(settings);
    try {
      checked(await core.run((session, listener) => native.start(session, listener, settings.native, handle), undefined, settings.signal));
      if (!info.loaded) return await loadInto(core, settings, info.handlers.length > 0);
      core.saved = info.waiting;
      return new Sandbox(kInside, core, settings);
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

  #callOptions(options, known = kCallOptions) {
    const { limits, monitors, signal, collectGarbage = true, typescript = false } = optionsOf(options, 'the options of a call', known);
    requireSignal(signal);
    requireBoolean(collectGarbage, 'collectGarbage');
    requireBoolean(typescript, 'typescript');
    return {
      limits: forNative(new Map([...this.#limits, ...limitsOf(limits)])),
      monitors: [...this.#monitors, ...monitorsOf(monitors)],
      signal, collectGarbage, typescript,
    };
  }

  async #invoke(handler, begin, options, known) {
    const { limits, monitors, signal, collectGarbage, typescript } = this.#callOptions(options, known);
    const outcome = await invokeIn(this.#open, handler, monitors,
                                   (session, listener, names) => begin(session, listener, limits, collectGarbage, names, typescript),
                                   ({ usage }) => { this.#usage = usage; }, signal);
    checked(outcome);
    return valueOf(outcome);
  }

  async call(handler, event, options) {
    requireText(handler, 'handler');
    const cbor = eventOf(event);
    return this.#invoke(handler, (session, listener, limits, gc, monitors) =>
      native.call(session, listener, handler, cbor, limits, gc, monitors), options);
  }

  async run(program, options) {
    requireText(program, 'program');
    return this.#invoke('', (session, listener, limits, gc, monitors, typescript) =>
      native.evaluate(session, listener, program, limits, gc, monitors, typescript, true), options, kProgramOptions);
  }

  async addHandler(name, source, options) {
    requireText(name, 'name');
    requireText(source, 'source');
    const { limits, monitors, signal } = this.#callOptions(options);
    checked(await invokeIn(this.#open, name, monitors, (session, listener, names) =>
      native.addLater(session, listener, name, source, `${name}.js`, limits, names), ({ usage }) => { this.#usage = usage; }, signal));
  }

  // --- Invocations that wait ---

  async #begin(handler, own, work, options, known) {
    const { limits, monitors, signal, collectGarbage, typescript } = this.#callOptions(options, known);
    const core = this.#open;
    const watching = new Watching(monitors, handler);
    const parts = {
      core, handler, watching, signal, own,
      note: ({ usage }) => { this.#usage = usage; },
      settle: valueOf,
    };
    return beginInvocation(parts, (session, listener) => work(session, listener, limits, collectGarbage, watching.names, typescript));
  }

  async begin(handler, event, options) {
    requireText(handler, 'handler');
    const cbor = eventOf(event);
    return this.#begin(handler, [], (session, listener, limits, gc, monitors) =>
      native.begin(session, listener, handler, cbor, limits, gc, monitors), options);
  }

  async beginRun(program, options) {
    requireText(program, 'program');
    return this.#begin('', [], (session, listener, limits, gc, monitors, typescript) =>
      native.beginProgram(session, listener, program, limits, gc, monitors, typescript), options, kProgramOptions);
  }

  async continue(options) {
    const { saved } = this.#open;
    if (saved === undefined) throw new CurfewError('invalid_argument', 'there is no saved invocation to go on with');
    const invocation = await this.#begin(saved.handler, saved.calls.map(({ id }) => id), (session, listener, limits, gc, monitors) =>
      native.continueSaved(session, listener, limits, gc, monitors), options);
    if (this.#core !== undefined) this.#core.saved = undefined;
    return invocation;
  }

  get waits() { return this.#core !== undefined && (this.#core.saved !== undefined || this.#core.invocation !== undefined); }

  // --- States ---

  async snapshot(options) {
    const { signal } = optionsOf(options, 'the options of snapshot()', ['signal']);
    requireSignal(signal);
    return makeSnapshot(checked(await this.#open.run((session, listener) => native.snapshot(session, listener), undefined, signal,
                                                     { endable: false })));
  }

  async restore(snapshot, options) {
    const { handle, info } = insideOfSnapshot(snapshot);
    const { signal } = optionsOf(options, 'the options of restore()', ['signal']);
    requireSignal(signal);
    const core = this.#open;
    checked(await core.run((session, listener) => {
      core.invocation?.abandon('the sandbox went back to a snapshot while the invocation waited');
      native.restore(session, listener, handle);
    }, ({ error }) => {
      if (error !== undefined) return;
      core.poisoned = false;
      core.saved = info.waiting;
    }, signal, { endable: false }));
  }

  kill() { this.#core?.kill(); }

  output(options) {
    const { limit, signal } = optionsOf(options, 'the options of output()', ['limit', 'signal']);
    requireSignal(signal);
    const kept = sizeOf(limit, 'limit') ?? kOutputKept;
    return this.#open.outputs.open(kept, signal);
  }

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
    core.invocation?.abandon('the sandbox was disposed of while the invocation waited');
    core.outputs.end();
  }
}

async function loadInto(core, { handlers, modules, limits, monitors, signal, functions }, hasHandlers = handlers.length > 0) {
  for (const [name, source] of modules) {
    const at = name.indexOf(':');
    check(native.addModule(core.session, name.slice(at + 1), source, at < 0 ? 'user' : name.slice(0, at)));
  }
  for (const [name, source] of handlers) check(native.addHandler(core.session, name, source, `${name}.js`));
  const all = forNative(limits);
  checked(await invokeIn(core, '', hasHandlers ? monitors : [], (session, listener, names) =>
    native.load(session, listener, all, hasHandlers, names), undefined, signal));
  if (functions.size > 0) {
    const preamble = preambleOf(functions);
    checked(await core.run((session, listener) => native.evaluate(session, listener, preamble, all, true), undefined, signal));
  }
  return new Sandbox(kInside, core, { limits, monitors });
}

Object.defineProperty(Sandbox.prototype, Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose'), {
  value() { return this.dispose(); }, configurable: true, writable: true,
});

module.exports = { Sandbox, settingsOf };
