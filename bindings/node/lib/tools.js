// Tools: what of the program a guest can call.
'use strict';

const { callbacks } = require('./inside.js');
const { wrong, requireFunction } = require('./checks.js');

const kBlocking = new WeakSet();

function blocking(tool) {
  requireFunction(tool, 'the tool');
  const marked = function (...args) { return tool.apply(this, args); };
  kBlocking.add(marked);
  return marked;
}

// Aborted when the invocation is over that the code which runs now works for; undefined if it is no tool's.
const toolSignal = () => callbacks.getStore()?.signal;

// In the place of a function: calls of it stay open, for whoever runs the invocation to answer.
const deferred = Object.freeze({ [Symbol.toStringTag]: 'deferred tool' });

const isTool = (value) => typeof value === 'function' || value === deferred;

const kTools = 'host:tools';

// By module and name. A property that is an object is a module of its own.
function toolsOf(value) {
  const functions = new Map();
  if (value === undefined) return functions;
  if (value === null || typeof value !== 'object') throw wrong('tools', 'an object', value);
  const top = new Map();
  functions.set(kTools, top);
  for (const [name, tool] of Object.entries(value)) {
    if (isTool(tool)) {
      top.set(name, tool);
      continue;
    }
    if (tool === null || typeof tool !== 'object') throw wrong(`tools.${name}`, 'a function or an object of functions', tool);
    const group = new Map();
    for (const [each, inner] of Object.entries(tool)) {
      if (!isTool(inner)) throw wrong(`tools.${name}.${each}`, 'a function', inner);
      group.set(each, inner);
    }
    functions.set(`${kTools}/${name}`, group);
  }
  return functions;
}

// What makes the tools a global object of the guest.
function preambleOf(functions) {
  const parts = [...functions.keys()].map((module) =>
    (module === kTools ? `...(await import("${kTools}"))`
                       : `${JSON.stringify(module.slice(kTools.length + 1))}: Object.freeze({ ...(await import(${JSON.stringify(module)})) })`));
  return `globalThis.tools = Object.freeze({ ${parts.join(', ')} }); null`;
}

function namesOf(functions) {
  const names = [];
  for (const [module, byName] of functions) {
    names.push([module, null, '']);
    for (const [name, tool] of byName) names.push([module, name, tool === deferred ? 'deferred' : kBlocking.has(tool) ? 'blocking' : 'async']);
  }
  return names;
}

// The module of an open call, as scripts import it.
const moduleOf = (call) => (call.module.startsWith('host:') ? call.module : `host:${call.module}`);

// As `tools` has it: "weather", "github.issues".
function toolName(call) {
  const module = moduleOf(call);
  return module === kTools ? call.function : `${module.slice(kTools.length + 1)}.${call.function}`;
}

const isDeferredCall = (functions, call) => functions.get(moduleOf(call))?.get(call.function) === deferred;

module.exports = { blocking, deferred, toolSignal, toolsOf, preambleOf, namesOf, toolName, isDeferredCall };
