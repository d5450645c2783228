// What a guest prints, for who reads it piece by piece.
'use strict';

const { orAborted } = require('./errors.js');

// An async iterator. What is not read yet is kept up to a limit of bytes; the rest is dropped, and counted.
class Output {
  #limit;
  #forget;
  #signal;
  #texts = [];
  #bytes = 0;
  #dropped = 0;
  #readers = [];
  #ended = false;

  constructor(limit, signal, forget) {
    this.#limit = limit;
    this.#forget = forget;
    this.#signal = signal;
    if (signal !== undefined) {
      const abort = () => this.end();
      signal.addEventListener('abort', abort, { once: true });
      this.#forget = () => {
        signal.removeEventListener('abort', abort);
        forget();
      };
    }
  }

  push(level, text) {
    const bytes = Buffer.byteLength(text);
    if (this.#readers.length === 0 && this.#bytes + bytes > this.#limit) {
      this.#dropped += bytes;
      return;
    }
    const item = { level, text, dropped: this.#dropped };
    this.#dropped = 0;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ value: item, done: false });
    } else {
      this.#texts.push({ item, bytes });
      this.#bytes += bytes;
    }
  }

  // Nothing more will come.
  end() {
    if (this.#ended) return;
    this.#ended = true;
    this.#forget();
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true });
  }

  next() {
    const next = this.#texts.shift();
    if (next !== undefined) {
      this.#bytes -= next.bytes;
      return Promise.resolve({ value: next.item, done: false });
    }
    if (this.#signal?.aborted) return Promise.reject(this.#signal.reason);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return orAborted(new Promise((resolve) => this.#readers.push(resolve)), this.#signal);
  }

  return(value) {
    this.#texts.length = 0;
    this.#bytes = 0;
    this.end();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() { return this; }
}

// All who hear what one sandbox prints. The core's print is set while there is any.
class Outputs {
  #core;
  #print;
  #open = new Set();

  constructor(core, print) {
    this.#core = core;
    this.#print = print;
    core.print = print;
  }

  open(limit, signal) {
    const output = new Output(limit, signal, () => {
      this.#open.delete(output);
      if (this.#open.size === 0) this.#core.print = this.#print;
    });
    this.#open.add(output);
    this.#core.print = (level, text) => {
      for (const each of this.#open) each.push(level, text);
      this.#print?.(level, text);
    };
    return output;
  }

  end() {
    for (const each of [...this.#open]) each.end();
  }
}

module.exports = { Outputs };
