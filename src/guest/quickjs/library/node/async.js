// The modules `async_hooks` and `diagnostics_channel`.
'use strict';

const { unavailable } = native.library('node_system');

// --- async_hooks ---

// What is stored holds for what runs at once. Behind an `await` it is gone, since the engine does not say which function a job belongs to.
class AsyncLocalStorage {
  #store;
  #default;

  constructor(options) { this.#store = this.#default = options?.defaultValue; }
  getStore() { return this.#store; }
  run(store, callback, ...rest) {
    const before = this.#store;
    this.#store = store;
    try {
      return callback(...rest);
    } finally {
      this.#store = before;
    }
  }
  exit(callback, ...rest) { return this.run(undefined, callback, ...rest); }
  disable() { this.#store = this.#default; }
  static bind(callback) { return callback; }
  static snapshot() { return (callback, ...rest) => callback(...rest); }
}
AsyncLocalStorage.prototype.enterWith = unavailable('AsyncLocalStorage', 'enterWith');

class AsyncResource {
  constructor(type) { this.type = type; }
  runInAsyncScope(callback, self, ...rest) { return Reflect.apply(callback, self, rest); }
  bind(callback, self = this) { return (...rest) => Reflect.apply(callback, self, rest); }
  emitDestroy() { return this; }
  asyncId() { return 0; }
  triggerAsyncId() { return 0; }
  static bind(callback, type, self) { return (...rest) => Reflect.apply(callback, self, rest); }
}

exports.async_hooks = {
  AsyncLocalStorage,
  AsyncResource,
  createHook: unavailable('async_hooks', 'createHook'),
  executionAsyncId: () => 0,
  executionAsyncResource: () => ({}),
  triggerAsyncId: () => 0,
};

// --- diagnostics_channel ---

const channels = new Map();

class Channel {
  #listeners = [];

  constructor(name) { this.name = name; }
  get hasSubscribers() { return this.#listeners.length > 0; }
  subscribe(listener) { this.#listeners = [...this.#listeners, listener]; }
  unsubscribe(listener) {
    const before = this.#listeners.length;
    this.#listeners = this.#listeners.filter((each) => each !== listener);
    return this.#listeners.length < before;
  }
  publish(message) {
    for (const listener of this.#listeners) {
      try {
        listener(message, this.name);
      } catch (error) {
        process.nextTick(() => { throw error; });
      }
    }
  }
  runStores(context, callback, self, ...rest) {
    this.publish(context);
    return Reflect.apply(callback, self, rest);
  }
}
Channel.prototype.bindStore = unavailable('Channel', 'bindStore');
Channel.prototype.unbindStore = () => false;

function channel(name) {
  if (!channels.has(name)) channels.set(name, new Channel(name));
  return channels.get(name);
}

const kEvents = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

class TracingChannel {
  constructor(names) {
    for (const event of kEvents) this[event] = typeof names === 'string' ? channel('tracing:' + names + ':' + event) : names[event];
  }
  get hasSubscribers() { return kEvents.some((event) => this[event].hasSubscribers); }
  subscribe(listeners) { for (const event of Object.keys(listeners)) this[event].subscribe(listeners[event]); }
  unsubscribe(listeners) { return Object.keys(listeners).map((event) => this[event].unsubscribe(listeners[event])).every(Boolean); }

  traceSync(callback, context = {}, self, ...rest) {
    this.start.publish(context);
    try {
      return context.result = Reflect.apply(callback, self, rest);
    } catch (error) {
      context.error = error;
      this.error.publish(context);
      throw error;
    } finally {
      this.end.publish(context);
    }
  }
  tracePromise(callback, context = {}, self, ...rest) {
    const settled = (name, failed) => (value) => {
      context[name] = value;
      if (failed) this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      if (failed) throw value;
      return value;
    };
    this.start.publish(context);
    try {
      return Promise.resolve(Reflect.apply(callback, self, rest)).then(settled('result', false), settled('error', true));
    } catch (error) {
      context.error = error;
      this.error.publish(context);
      throw error;
    } finally {
      this.end.publish(context);
    }
  }
  traceCallback(callback, position = -1, context = {}, self, ...rest) {
    const last = rest.at(position);
    rest.splice(position, 1, (error, result) => {
      if (error) {
        context.error = error;
        this.error.publish(context);
      } else {
        context.result = result;
      }
      this.asyncStart.publish(context);
      try {
        return last(error, result);
      } finally {
        this.asyncEnd.publish(context);
      }
    });
    this.start.publish(context);
    try {
      return Reflect.apply(callback, self, rest);
    } finally {
      this.end.publish(context);
    }
  }
}

exports.diagnostics_channel = {
  Channel,
  channel,
  hasSubscribers: (name) => channels.get(name)?.hasSubscribers ?? false,
  subscribe: (name, listener) => channel(name).subscribe(listener),
  tracingChannel: (names) => new TracingChannel(names),
  unsubscribe: (name, listener) => channels.get(name)?.unsubscribe(listener) ?? false,
};
