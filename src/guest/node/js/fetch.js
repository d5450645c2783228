// `fetch` is there, as in Node, and fails until a host gives it a way to the network.
'use strict';

const { TypeError } = node.primordials;

// A host's transport: takes a Request, and gives a promise of a Response.
let transport;

function install() {
  const { Request } = globalThis;
  const replaced = {
    async fetch(input, init = undefined) {
      const request = new Request(input, init);  // says what is wrong with the arguments
      if (transport !== undefined) return transport(request);
      throw new TypeError('fetch failed: this sandbox has no way to the network; its host can register a function that fetches');
    },
  };
  Object.defineProperty(replaced.fetch, 'length', { value: 0, configurable: true });
  globalThis.fetch = replaced.fetch;
}

exports.install = install;
exports.setTransport = (given) => { transport = given; };
