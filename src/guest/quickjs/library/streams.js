// ReadableStream, as far as bodies of requests and responses need it: with a source, one reader at a time, tee and iteration. No
// byte streams, strategies or pipes.
'use strict';

const { call, capability, defineMembers, isCallable, typeError } = native;
const { isView } = ArrayBuffer;

// The bytes of a buffer or view, without a copy; undefined of anything else.
function bytesOf(value) {
  if (value instanceof Uint8Array) return value;
  if (isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

let isStream;
let isDisturbed;
let inside;  // (stream) => what readers and controllers change

class ReadableStream {
  #state;

  constructor(source = undefined) {
    const state = this.#state = {
      __proto__: null, queue: [], waiting: [], status: 'readable', error: undefined, source: source ?? { __proto__: null },
      closing: false, pulling: false, reader: null, disturbed: false, controller: null,
    };
    if (typeof state.source !== 'object' && typeof state.source !== 'function') throw typeError('the source must be an object', 'ERR_INVALID_ARG_TYPE');
    state.controller = new ReadableStreamDefaultController(state);
    const { start } = state.source;
    if (isCallable(start)) begin(state, call(start, state.source, state.controller));
  }

  static {
    isStream = (value) => typeof value === 'object' && value !== null && #state in value;
    isDisturbed = (stream) => stream.#state.disturbed;
    inside = (stream) => stream.#state;
  }

  static from(iterable) {
    let iterator;
    return new ReadableStream({
      __proto__: null,
      async pull(controller) {
        iterator ??= (iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]).call(iterable);
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() { await iterator?.return?.(); },
    });
  }

  get locked() { return this.#state.reader !== null; }
  getReader(options = undefined) {
    if (options?.mode !== undefined) throw typeError('there are no readers of bytes here', 'ERR_INVALID_ARG_VALUE');
    return new ReadableStreamDefaultReader(this);
  }
  async cancel(reason = undefined) {
    if (this.locked) throw typeError('Invalid state: ReadableStream is locked', 'ERR_INVALID_STATE');
    await cancel(this.#state, reason);
  }
  tee() {
    const reader = this.getReader();
    const sides = [null, null];
    let gone = 0;
    const make = (own) => new ReadableStream({
      __proto__: null,
      start(controller) { sides[own] = controller; },
      async pull() {
        const { value, done } = await reader.read();
        for (let i = 0; i < 2; ++i) {
          if (sides[i] === null) continue;
          if (done) sides[i].close();
          else sides[i].enqueue(value);
        }
      },
      async cancel(reason) {
        sides[own] = null;
        if (++gone === 2) await reader.cancel(reason);
      },
    });
    return [make(0), make(1)];
  }
  async *values(options = undefined) {
    const reader = this.getReader();
    let finished = false;
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        yield value;
      }
      finished = true;
    } catch (error) {
      finished = true;
      throw error;
    } finally {
      if (!finished && !options?.preventCancel) await reader.cancel();
      reader.releaseLock();
    }
  }
}

async function begin(state, started) {
  try {
    state.pulling = true;
    await started;
    state.pulling = false;
    pull(state);
  } catch (error) {
    fail(state, error);
  }
}

// Asks the source for more, one call at a time, while somebody waits.
async function pull(state) {
  const { source } = state;
  if (state.pulling || state.status !== 'readable' || state.closing || state.waiting.length === 0) return;
  const own = source.pull;
  if (!isCallable(own)) return;
  state.pulling = true;
  try {
    await call(own, source, state.controller);
  } catch (error) {
    fail(state, error);
  }
  state.pulling = false;
  pull(state);
}

function shift(list) {
  const first = list[0];
  for (let i = 1; i < list.length; ++i) list[i - 1] = list[i];
  list.length -= 1;
  return first;
}

function settle(state) {
  while (state.waiting.length > 0) {
    if (state.queue.length > 0) shift(state.waiting).resolve({ value: shift(state.queue), done: false });
    else if (state.status === 'errored') shift(state.waiting).reject(state.error);
    else if (state.status === 'closed') shift(state.waiting).resolve({ value: undefined, done: true });
    else break;
  }
  if (state.closing && state.queue.length === 0 && state.status === 'readable') {
    state.status = 'closed';
    settle(state);
  }
  if (state.reader !== null && state.status !== 'readable') state.reader.end(state);
}

function fail(state, error) {
  if (state.status !== 'readable') return;
  state.status = 'errored';
  state.error = error;
  state.queue.length = 0;
  settle(state);
}

async function cancel(state, reason) {
  state.disturbed = true;
  if (state.status === 'errored') throw state.error;
  if (state.status === 'closed') return;
  state.queue.length = 0;
  state.status = 'closed';
  settle(state);
  const { source } = state;
  if (isCallable(source.cancel)) await call(source.cancel, source, reason);
}

class ReadableStreamDefaultController {
  #state;
  constructor(state) { this.#state = state; }
  get desiredSize() {
    const { status, queue } = this.#state;
    return status === 'errored' ? null : status === 'closed' ? 0 : 1 - queue.length;
  }
  enqueue(chunk = undefined) {
    const state = this.#state;
    if (state.closing || state.status !== 'readable') throw typeError('Invalid state: Controller is already closed', 'ERR_INVALID_STATE');
    state.queue[state.queue.length] = chunk;
    settle(state);
  }
  close() {
    const state = this.#state;
    if (state.closing || state.status !== 'readable') throw typeError('Invalid state: Controller is already closed', 'ERR_INVALID_STATE');
    state.closing = true;
    settle(state);
  }
  error(reason = undefined) { fail(this.#state, reason); }
}

class ReadableStreamDefaultReader {
  #state;
  #closed = capability();
  #ended = false;
  #hold;

  constructor(stream) {
    if (!isStream(stream)) throw typeError('the reader takes a ReadableStream', 'ERR_INVALID_ARG_TYPE');
    if (stream.locked) throw typeError('Invalid state: ReadableStream is locked', 'ERR_INVALID_STATE');
    const state = this.#state = inside(stream);
    this.#hold = state.reader = { __proto__: null, end: (ended) => this.#end(ended) };
    if (state.status !== 'readable') this.#end(state);
  }
  #end(state) {
    if (this.#ended) return;
    this.#ended = true;
    if (state.status === 'errored') this.#closed.reject(state.error);
    else this.#closed.resolve(undefined);
    quiet(this.#closed.promise);
  }
  #held() {
    if (this.#state === null) throw typeError('Invalid state: The reader is not attached to a stream', 'ERR_INVALID_STATE');
    return this.#state;
  }
  get closed() { return this.#closed.promise; }
  async read() {
    const state = this.#held();
    state.disturbed = true;
    const made = capability();
    state.waiting[state.waiting.length] = made;
    settle(state);
    pull(state);
    return await made.promise;
  }
  async cancel(reason = undefined) { await cancel(this.#held(), reason); }
  releaseLock() {
    if (this.#state === null) return;
    const state = this.#state;
    this.#state = null;
    state.reader = null;
    const waiting = state.waiting;
    state.waiting = [];
    for (let i = 0; i < waiting.length; ++i) waiting[i].reject(typeError('Invalid state: The reader was released', 'ERR_INVALID_STATE'));
  }
}

// A promise that nobody may ever look at.
async function quiet(promise) {
  try {
    await promise;
  } catch {
  }
}

// A stream of what is in the list, but for undefined.
function streamOf(list) {
  return new ReadableStream({
    __proto__: null,
    start(controller) {
      for (let i = 0; i < list.length; ++i) {
        if (list[i] !== undefined && list[i].length > 0) controller.enqueue(list[i]);
      }
      controller.close();
    },
  });
}

defineMembers(ReadableStream, 'ReadableStream');
defineMembers(ReadableStreamDefaultController, 'ReadableStreamDefaultController');
defineMembers(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader');
native.defineHidden(ReadableStream.prototype, Symbol.asyncIterator, ReadableStream.prototype.values);
module.exports = { __proto__: null, ReadableStream, bytesOf, isDisturbed, isStream, streamOf };
