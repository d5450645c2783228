// Values of a wrong type are refused, with a TypeError that names them.
'use strict';

const wrong = (what, should, value) =>
  new TypeError(`${what} should be ${should}, but is ${value === null ? 'null' : typeof value}`);

function requireText(value, what) {
  if (typeof value !== 'string') throw wrong(what, 'a string', value);
}

function requireFunction(value, what) {
  if (typeof value !== 'function') throw wrong(what, 'a function', value);
}

// The properties of an options object, which may have no others.
function optionsOf(value, what, names) {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object') throw wrong(what, 'an object', value);
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw new TypeError(`${what} cannot have "${name}"; they can have ${names.join(', ')}`);
  }
  return value;
}

function requireSignal(signal) {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrong('signal', 'an AbortSignal', signal);
  return signal;
}

function requireBoolean(value, what) {
  if (typeof value !== 'boolean') throw wrong(what, 'a boolean', value);
}

function requireNatural(value, what) {
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`${what} should be a whole number`);
}

module.exports = { wrong, requireText, requireFunction, requireBoolean, requireNatural, optionsOf, requireSignal };
