// Objects that are more than their own members, and less when those are all that is passed on: promises, weak collections, what the
// web and the language have beside plain objects.
'use strict';

const {
  ArrayPrototypePush,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertyNames,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  RegExpPrototypeExec,
  SafeMap,
} = node.primordials;
const types = node.internalBinding('types');

const kTypes = [
  ['isPromise', 'a Promise'],
  ['isGeneratorObject', 'a generator'],
  ['isWeakMap', 'a WeakMap'],
  ['isWeakSet', 'a WeakSet'],
  ['isMapIterator', 'an iterator of a Map'],
  ['isSetIterator', 'an iterator of a Set'],
  ['isExternal', 'an object of the host'],
];

// What carries over as what it is, or as its members.
const kFree = /^(Object|Function|Array|Number|String|Boolean|Symbol|BigInt|Date|RegExp|Map|Set|.*Error|DOMException|ArrayBuffer|SharedArrayBuffer|DataView|.*Array|Proxy)$/;

// Classes by their prototypes.
const prototypes = new SafeMap();

function withArticle(name) {
  return RegExpPrototypeExec(/^[AEIO]/, name) !== null ? `an ${name}` : `a ${name}`;
}

// Takes note of the classes that are there, before any script runs.
function note() {
  for (const name of ObjectGetOwnPropertyNames(globalThis)) {
    if (RegExpPrototypeExec(kFree, name) !== null) continue;
    let made;
    try {
      made = globalThis[name];
    } catch {
      continue;
    }
    if (typeof made !== 'function') continue;
    const prototype = ObjectGetOwnPropertyDescriptor(made, 'prototype')?.value;
    if (prototype === null || typeof prototype !== 'object' || prototype === ObjectPrototype) continue;
    prototypes.set(prototype, withArticle(name));
  }
}

// "a Promise"; undefined for what is its members and no more. `value` is an object that is nothing which has a form of its own, such
// as a Map.
function classOf(value) {
  const prototype = ObjectGetPrototypeOf(value);
  if (prototype === ObjectPrototype || prototype === null) return undefined;
  for (let i = 0; i < kTypes.length; ++i) {
    if (types[kTypes[i][0]](value)) return kTypes[i][1];
  }
  const known = prototypes.get(prototype);
  return known !== undefined && ObjectKeys(value).length === 0 ? known : undefined;
}

exports.note = note;
exports.classOf = classOf;
