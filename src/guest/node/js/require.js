// `require`, as scripts find it: the global one, which knows its caller by the stack, and those of Node's module `module`.
'use strict';

const {
  ObjectDefineProperty,
  StringPrototypeStartsWith,
  TypeError,
} = node.primordials;
const { getCallSites, getPromiseDetails, constants: { kPending } } = node.internalBinding('util');
const { Module } = node.require('module');
const { isInside } = use('errors.js');
const builtins = use('builtins.js');
const modules = use('modules.js');
const commonJs = use('commonjs.js');

let waiting = 0;  // calls of `require` that evaluate a module

// Begins something, and runs what there is to run until its promise has settled, or nothing is left.
function waitWith(begin) {
  ++waiting;
  try {
    const promise = begin();
    const couldWait = getPromiseDetails(promise)[0] !== kPending || native.waitFor(promise);
    return { promise, couldWait };
  } finally {
    --waiting;
  }
}

// The script that calls: the innermost one on the stack, because functions of the engine may lie in between.
function callingScript() {
  const sites = getCallSites(64);
  for (let i = 0; i < sites.length; ++i) {
    const { scriptName } = sites[i];
    if (scriptName === '' || isInside(scriptName) || StringPrototypeStartsWith(scriptName, 'node:')) continue;
    return modules.nameOfUrl(scriptName);
  }
  return 'require';
}

function require(specifier) {
  if (typeof specifier !== 'string') throw new TypeError("require takes a module's name, which is a string");
  return commonJs.requireFrom(callingScript(), specifier, false);
}

function createRequire(from) {
  let name = from;
  if (typeof from === 'object' && from !== null && typeof from.href === 'string') name = from.href;
  if (typeof name !== 'string') {
    throw new TypeError('createRequire takes a file URL or a path, as a string or a URL');
  }
  name = modules.nameOfUrl(name);
  return commonJs.requireFor(name, commonJs.moduleOf(name));
}

// Node's own way to modules leads to the machine's files: this is the host's.
function install() {
  ObjectDefineProperty(globalThis, 'require', { __proto__: null, value: require, writable: true, configurable: true, enumerable: false });
  Module.createRequire = createRequire;
  Module.prototype.require = function(specifier) {
    return commonJs.requireFor(this.filename ?? this.id ?? 'require', this)(specifier);
  };
  Module._load = (specifier, parent) => commonJs.requireFrom(parent?.filename ?? 'require', specifier, true);
  Module._resolveFilename = (specifier, parent) => commonJs.requireFor(parent?.filename ?? 'require').resolve(specifier);
  const names = builtins.publicNames();
  Module.builtinModules = names;
  Module.isBuiltin = (specifier) => typeof specifier === 'string' && builtins.nameOf(specifier) !== undefined;
  node.process.getBuiltinModule = function getBuiltinModule(id) {
    const name = builtins.nameOf(`${id}`);
    return name === undefined ? undefined : builtins.get(name);
  };
}

exports.install = install;
exports.require = require;
exports.waitWith = waitWith;
exports.isWaiting = () => waiting > 0;
