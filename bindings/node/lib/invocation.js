// Invocations that wait: for tools' results, for timers, and for whoever answers the calls of deferred tools. The native part runs them
// from one wait to the next, and tells the session's object (ready()) when they can go on.
'use strict';

const { AsyncResource } = require('node:async_hooks');
const { native, newTools, messageOf, kKillMonitor } = require('./inside.js');
const { encode } = require('./cbor_write.js');
const { requireNatural, optionsOf, requireSignal } = require('./checks.js');
const { CurfewError, fromNative, orAborted } = require('./errors.js');
const { openCallsOf } = require('./snapshot.js');
const { isDeferredCall } = require('./tools.js');

const kInside = Symbol('inside');

// Those that somebody waits for: without this, nobody else may refer to them.
const awaited = new Set();

class PendingInvocation {
  #core;
  #handler;
  #watching;
  #signal;
  #noted;            // is told of each piece
  #settle;           // what makes a value of a result's outcome
  #own;              // ids of calls that no tool of this process works on
  #resource = new AsyncResource('CurfewInvocation');
  #tools = newTools();
  #calls = [];
  #seen = new Set();
  #usage;
  #over = false;
  #value;
  #error;
  #goingOn = false;
  #waiters = [];
  #abort;

  constructor(key, { core, handler, watching, signal, note, settle, own }) {
    if (key !== kInside) throw new TypeError('a PendingInvocation is what Sandbox.begin() gives');
    this.#core = core;
    this.#handler = handler;
    this.#watching = watching;
    this.#signal = signal;
    this.#noted = note;
    this.#settle = settle;
    this.#own = new Set(own);
  }

  static async begin(key, parts, begin) {
    const made = new PendingInvocation(key, parts);
    const { core, watching, signal } = parts;
    const outcome = await core.run((session, listener) => {
      watching.start(session, listener);
      core.invocation ??= made;  // it may be ready before it is known to wait
      begin(session, listener);
    }, (outcome) => made.#note(outcome), signal, { tools: made.#tools });
    if (outcome.refused !== undefined) throw made.#error;
    await made.#settled(() => made.#hasQuestion);
    made.#see();
    return made;
  }

  get handler() { return this.#handler; }
  get done() { return this.#over; }
  get usage() { return this.#usage; }
  get openCalls() { return openCallsOf(this.#open); }

  get #open() {
    return this.#calls.filter((call) => this.#own.has(call.id) || isDeferredCall(this.#core.functions, call));
  }
  get #hasQuestion() { return this.#open.length > 0; }
  #see() { this.#seen = new Set(this.#open.map(({ id }) => id)); }

  async resume(id, value) {
    requireNatural(id, 'id');
    const cbor = encode(value, 'the answer');
    await this.#answer((session, listener) => native.resume(session, listener, id, cbor));
  }

  async fail(id, error) {
    requireNatural(id, 'id');
    const message = messageOf(error);
    await this.#answer((session, listener) => native.fail(session, listener, id, message));
  }

  async #answer(begin) {
    if (this.#core.isReentrant) throw new CurfewError('reentrant', 'a tool cannot use the sandbox that called it');
    if (this.#over) throw new CurfewError('invalid_argument', 'the invocation is over: none of its calls is open');
    const { refused } = await this.#run(begin);
    if (refused !== undefined) throw fromNative(refused);
    await this.#settled(() => this.#hasQuestion);
    this.#see();
  }

  async next(options) {
    const { signal } = optionsOf(options, 'the options of next()', ['signal']);
    await orAborted(this.#settled(() => this.#open.some(({ id }) => !this.#seen.has(id))), requireSignal(signal));
    this.#see();
  }

  async result(options) {
    const { signal } = optionsOf(options, 'the options of result()', ['signal']);
    await orAborted(this.#settled(() => false), requireSignal(signal));
    if (this.#error !== undefined) throw this.#error;
    return this.#value;
  }

  kill() {
    if (!this.#over) this.#core.kill();
  }

  async dispose() {
    this.kill();
    await this.#settled(() => false);
  }

  // --- For the sandbox ---

  // It can go on, or has been ended.
  ready() {
    if (this.#over || this.#goingOn) return;
    this.#goingOn = true;
    this.#run((session, listener) => {
      this.#goingOn = false;
      native.goOn(session, listener);
    }).catch(() => {});
  }

  // The sandbox is used for something else, or gone.
  abandon(message) {
    if (!this.#over) this.#finish(undefined, new CurfewError('consumed', message));
  }

  #run(begin) {
    return this.#resource.runInAsyncScope(() => this.#core.run((session, listener) => {
      if (!this.#over) {
        begin(session, listener);
      } else {
        listener.done({ poisoned: false });
      }
    }, (outcome) => this.#note(outcome), undefined, { tools: this.#tools }));
  }

  // What has become of it.
  #note(outcome) {
    if (this.#over) return;
    this.#usage = outcome.usage;
    this.#noted(outcome);
    if (outcome.waiting !== undefined) {
      this.#calls = outcome.waiting.calls;
      this.#listenToSignal();
      this.#look();
      return;
    }
    const failed = outcome.error ?? outcome.refused;  // refused, if it was not begun
    this.#watching.explain(failed);
    if (failed === undefined) {
      try {
        this.#finish(this.#settle(outcome));
      } catch (error) {
        this.#finish(undefined, error);
      }
    } else if (this.#signal?.aborted && failed.terminatedBy === kKillMonitor) {
      this.#finish(undefined, this.#signal.reason);
    } else {
      this.#finish(undefined, fromNative(failed, outcome.usage));
    }
  }

  #listenToSignal() {
    if (this.#signal === undefined || this.#abort !== undefined) return;
    this.#abort = () => this.kill();
    this.#signal.addEventListener('abort', this.#abort);
    if (this.#signal.aborted) this.#abort();
  }

  #finish(value, error) {
    this.#over = true;
    this.#value = value;
    this.#error = error;
    this.#calls = [];
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#watching.end();
    for (const place of this.#tools.places) place.end();
    if (this.#core.invocation === this) this.#core.invocation = undefined;
    this.#look();
  }

  // --- Who waits ---

  // Until it is over, or something is so. Node.js does not end meanwhile.
  #settled(isSo) {
    if (this.#over || isSo()) return Promise.resolve();
    return new Promise((resolve) => {
      if (this.#waiters.push({ isSo, resolve }) === 1) {
        awaited.add(this);
        native.hold(true);
      }
    });
  }

  #look() {
    const before = this.#waiters.length;
    if (before === 0) return;
    this.#waiters = this.#waiters.filter(({ isSo, resolve }) => {
      if (!this.#over && !isSo()) return true;
      resolve();
      return false;
    });
    if (this.#waiters.length > 0) return;
    awaited.delete(this);
    native.hold(false);
  }
}

Object.defineProperty(PendingInvocation.prototype, Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose'), {
  value() { return this.dispose(); }, configurable: true, writable: true,
});

const { begin } = PendingInvocation;
delete PendingInvocation.begin;

module.exports = { PendingInvocation, beginInvocation: (parts, work) => begin(kInside, parts, work) };
