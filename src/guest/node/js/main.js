// Runs once, before the freeze, in the fresh Node environment: makes what handlers see, and returns what serves requests.
// README.md beside it is the contract with the native part.
//
// Scripts are not trusted. Whatever a request needs is taken here, before any script runs: Node's own functions from
// `primordials`, which nobody can change, and the native functions from __curfew, which nobody else gets.
'use strict';

const native = globalThis.__curfew;
delete globalThis.__curfew;

// Node's warnings that these parts are internal or experimental, which it gives once, are for users of Node.
const { emitWarning } = process;
process.emitWarning = () => {};
const { internalBinding, primordials } = require('internal/test/binding');
const { compileFunction, SourceTextModule } = require('vm');
new SourceTextModule('', { identifier: 'warned of' });
process.emitWarning = emitWarning;

const loaded = { __proto__: null };

// The exports of another file of ours; each runs once.
function use(name) {
  if (loaded[name] !== undefined) return loaded[name];
  const source = native.sources[name];
  if (source === undefined) throw new Error(`there is no ${name} in this build`);
  const exports = loaded[name] = {};
  const run = compileFunction(source, ['exports', 'use', 'native', 'node'], { filename: `curfew:${name}` });
  run(exports, use, native, node);
  return exports;
}

// What Node has inside. `require` still gives its internal modules here.
const node = { __proto__: null, require, internalBinding, primordials, process };

use('errors.js').install();
use('console.js').install();
use('random.js').install();
use('performance.js').install();
use('encodings.js').install();
use('base64.js').install();
use('hmac.js').install();
use('fetch.js').install();
use('webassembly.js').install();
use('uncaught.js').install();
use('modules.js').install();
use('process.js').install();
use('builtins.js').get('os');

const handlers = use('handlers.js');
const random = use('random.js');
const performance = use('performance.js');

return {
  __proto__: null,
  load: handlers.load,
  call: handlers.call,
  replied: use('host_modules.js').replied,
  evaluate: handlers.evaluate,
  stalled: handlers.stalled,
  finish: handlers.finish,
  exited: handlers.exited,
  reseed() {
    random.forget();
    performance.restart();
  },
  warm: use('warm.js').warm,
};
