// `WebAssembly` of an engine that makes no machine code (--jitless), and so has none: its names are there, and say why nothing
// can be done with them. Errors' types are ordinary ones; validate() finds that nothing is valid, which is how packages ask.
'use strict';

const { Error, ObjectDefineProperty, PromiseReject, Symbol } = node.primordials;

const isThere = typeof globalThis.WebAssembly !== 'undefined';

function refusal(what) {
  const error = new Error(`${what} needs V8's compiler, which this sandbox does without (--jitless)`);
  ObjectDefineProperty(error, 'code', { __proto__: null, value: 'ERR_NOT_IN_SANDBOX', enumerable: true, writable: true, configurable: true });
  return error;
}

function define(holder, name, value) {
  ObjectDefineProperty(value, 'name', { __proto__: null, value: name, configurable: true });
  ObjectDefineProperty(holder, name, { __proto__: null, value, writable: true, configurable: true });
}

function install() {
  if (isThere) return;
  const assembly = {};
  ObjectDefineProperty(assembly, Symbol.toStringTag, { __proto__: null, value: 'WebAssembly', configurable: true });
  for (const name of ['Module', 'Instance', 'Memory', 'Table', 'Global', 'Tag', 'Exception']) {
    define(assembly, name, function() { throw refusal(`WebAssembly.${name}`); });
  }
  for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']) {
    define(assembly, name, () => PromiseReject(refusal(`WebAssembly.${name}`)));
  }
  for (const name of ['CompileError', 'LinkError', 'RuntimeError']) define(assembly, name, class extends Error {});
  define(assembly, 'validate', () => false);
  ObjectDefineProperty(globalThis, 'WebAssembly', { __proto__: null, value: assembly, writable: true, configurable: true });
}

exports.install = install;
exports.isThere = isThere;
