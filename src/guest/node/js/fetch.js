// `fetch`: Node's own, whose requests go to the host, if that has a way to the network, and fail otherwise.
//
// The host holds each request to its policy, whatever is done here. Redirects are followed by Node's fetch; each of them is a request
// of its own for the host.
'use strict';

const {
  ArrayPrototypePush,
  Error,
  MathMin,
  NumberIsSafeInteger,
  ObjectDefineProperty,
  ObjectKeys,
  Promise,
  PromisePrototypeThen,
  RegExpPrototypeExec,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSubarray,
  TypeError,
} = node.primordials;
const { Buffer } = node.require('buffer');
const { hostFunction } = use('host_modules.js');

// src/sandbox/host/fetch_module.h says what these do.
const kModule = 'curfew/fetch';
const host = {
  __proto__: null,
  begin: hostFunction(kModule, 'begin', 's'),
  head: hostFunction(kModule, 'head', 'a'),
  read: hostFunction(kModule, 'read', 'a'),
  write: hostFunction(kModule, 'write', 'a'),
  end: hostFunction(kModule, 'end', 's'),
  close: hostFunction(kModule, 'close', 's'),
  maxRedirects: hostFunction(kModule, 'maxRedirects', 's'),
};

const kLargestPiece = 64 * 1024;  // that the host takes

// In the host's errors, a code stands before the sentence.
const kCoded = /^([A-Z][A-Z_0-9]+) ([^]*)$/;

function explained(thrown) {
  const match = RegExpPrototypeExec(kCoded, `${thrown.message}`);
  if (match === null) return thrown;
  const error = new Error(match[2]);
  ObjectDefineProperty(error, 'code', { __proto__: null, value: match[1], enumerable: true, writable: true, configurable: true });
  return error;
}

// Sends a request's body, and says when it is complete. What goes wrong is told by head() and read() too, better.
async function upload(number, body) {
  for await (const chunk of body) {
    const size = TypedArrayPrototypeGetByteLength(chunk);
    for (let at = 0; at < size; at += kLargestPiece) {
      await host.write(number, TypedArrayPrototypeSubarray(chunk, at, MathMin(at + kLargestPiece, size)));
    }
  }
  host.end(number);
}

// What Node's fetch asks for connections: one for each call of fetch, with all of its redirects.
class Dispatcher {
  #hops = 0;

  dispatch(options, handler) {
    PromisePrototypeThen(this.#exchange(options, handler), undefined, (thrown) => handler.onError(explained(thrown)));
    return true;
  }

  async #exchange(options, handler) {
    let number;
    let over = false;
    const end = () => {
      over = true;
      if (number !== undefined) host.close(number);
    };
    handler.onConnect((reason) => {
      if (over) return;
      end();
      handler.onError(reason);
    });
    if (over) return;
    try {
      if (this.#hops++ > 0 && this.#hops - 1 > host.maxRedirects()) throw new Error('redirect count exceeded');
      number = this.#begin(options);
      if (options.body !== null) {
        PromisePrototypeThen(upload(number, options.body), undefined, () => {});
      }
      const head = await host.head(number);
      if (over) return;
      await this.#respond(head, number, handler, () => over);
    } catch (thrown) {
      if (over) return;
      end();
      throw thrown;
    }
    if (over) return;
    end();
    handler.onComplete([]);
  }

  #begin({ origin, path, method, headers, body }) {
    const lines = [];
    let size = null;
    const names = ObjectKeys(headers);
    for (let i = 0; i < names.length; ++i) {
      const name = names[i];
      const value = `${headers[name]}`;
      ArrayPrototypePush(lines, name, value);
      if (StringPrototypeToLowerCase(name) === 'content-length' && NumberIsSafeInteger(+value)) size = +value;
    }
    return host.begin(method, origin + path, lines, body !== null, size);
  }

  // Passes on what comes, as fast as it is taken.
  async #respond(head, number, handler, isOver) {
    const raw = [];
    for (let i = 2; i < head.length; ++i) ArrayPrototypePush(raw, Buffer.from(head[i], 'latin1'));
    let resume;
    handler.onResponseStarted();
    handler.onHeaders(+head[0], raw, () => resume?.(), head[1]);
    while (!isOver()) {
      const bytes = await host.read(number);
      if (isOver() || TypedArrayPrototypeGetByteLength(bytes) === 0) return;
      // The promise is made before: what takes the bytes may ask for more at once.
      const room = new Promise((resolve) => { resume = resolve; });
      if (handler.onData(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) === false) await room;
    }
  }
}

function hasHost() {
  try {
    native.readModule(`host:${kModule}`);
    return true;
  } catch {
    return false;
  }
}

function install() {
  const { Request, fetch: fetchOfNode } = globalThis;
  const replaced = {
    async fetch(input, init = undefined) {
      const request = new Request(input, init);  // says what is wrong with the arguments
      if (hasHost()) return fetchOfNode(request, { __proto__: null, dispatcher: new Dispatcher() });
      throw new TypeError('fetch failed: this sandbox has no way to the network; its host can give it one (SandboxBuilder::with_fetch)');
    },
  };
  ObjectDefineProperty(replaced.fetch, 'length', { value: 0, configurable: true });
  globalThis.fetch = replaced.fetch;
}

exports.install = install;
