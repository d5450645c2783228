// Pools: sandboxes that all start in one state.
'use strict';

const { availableParallelism } = require('node:os');
const { requireFunction, requireNatural, requireSignal } = require('./checks.js');
const { CurfewError } = require('./errors.js');
const { durationOf } = require('./limits.js');
const { Sandbox, settingsOf } = require('./sandbox.js');
const { insideOfSnapshot } = require('./snapshot.js');

const kInside = Symbol('inside');

class Pool {
  #snapshot;
  #options;
  #size;
  #queue;
  #wait;
  #made = 0;
  #ready = [];
  #waiting = [];
  #closed = false;

  constructor(key, snapshot, options, { size, queue, wait }) {
    if (key !== kInside) throw new TypeError('make a pool with Pool.create()');
    this.#snapshot = snapshot;
    this.#options = options;
    this.#size = size;
    this.#queue = queue;
    this.#wait = wait;
  }

  static async create(options = {}) {
    const { size = availableParallelism(), queue = Infinity, wait, snapshot, ...others } = options;
    if (!Number.isInteger(size) || size < 1) throw new TypeError('size should be a whole number above zero');
    if (queue !== Infinity) requireNatural(queue, 'queue');
    const bounds = { size, queue, wait: durationOf(wait, 'wait') };
    if (snapshot !== undefined) {
      insideOfSnapshot(snapshot);
      settingsOf(others);
      return new Pool(kInside, snapshot, others, bounds);
    }
    const first = await Sandbox.create(others);
    const { handlers, modules, ...host } = others;
    const pool = new Pool(kInside, await first.snapshot(), host, bounds);
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
    if (this.#waiting.length >= this.#queue) throw new CurfewError('overloaded', `${this.#queue} requests wait already; try again later`);
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject, forget: () => clearTimeout(timer) };
      const timer = this.#wait === undefined ? undefined : setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.forget();
        reject(new CurfewError('overloaded', `no sandbox was free within ${this.#wait} ms; try again later`));
      }, this.#wait);
      if (signal !== undefined) {
        const abort = () => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          waiting.forget();
          reject(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.forget = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
        };
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

Object.defineProperty(Pool.prototype, Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose'), {
  value() { return this.dispose(); }, configurable: true, writable: true,
});

module.exports = { Pool };
