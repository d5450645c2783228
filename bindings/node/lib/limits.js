// Limits and sizes as they are written.
'use strict';

const { native } = require('./inside.js');
const { optionsOf } = require('./checks.js');

const limits = Object.freeze(native.limits().map(({ name, option, form, example, help }) => Object.freeze({
  name, key: option.slice(2).replace(/-./g, (dash) => dash[1].toUpperCase()), form, example, help,
})).filter(({ form }) => form !== 'none'));

const kNone = new Set([null, Infinity, 'none']);

// By the limits' names. A value that means no limit stays as null.
function limitsOf(value, what = 'limits') {
  const found = new Map();
  for (const [key, limit] of Object.entries(optionsOf(value, what, limits.flatMap(({ key, name }) => [key, name])))) {
    if (limit === undefined) continue;
    const { name, form, example } = limits.find((each) => each.key === key || each.name === key);
    const text = limit instanceof Date ? limit.toISOString() : limit;
    if (kNone.has(limit)) {
      found.set(name, null);
    } else if (typeof text === 'string' || (typeof text === 'number' && form !== 'point_in_time' && text > 0)) {
      found.set(name, text);
    } else {
      throw new TypeError(`${what}.${key} should be a text like "${example}"${form === 'point_in_time' ? ' or a Date' : ' or a number above zero'}`);
    }
  }
  return found;
}

const forNative = (found) => [...found].filter(([, limit]) => limit !== null);

const kUnits = { B: 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 };

function sizeOf(value, what) {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value > 0) return Math.ceil(value);
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?) ?([KkMG]i?B|B)?$/.exec(value) : null;
  const unit = kUnits[parts?.[2] ?? 'B'];
  if (parts === null || unit === undefined) throw new TypeError(`${what} should be a number of bytes, or a text like "32MiB"`);
  return Math.ceil(Number(parts[1]) * unit);
}

const kDurations = { us: 1e-3, ms: 1, s: 1e3, m: 60e3, h: 3600e3 };

// In milliseconds; undefined if there is none.
function durationOf(value, what) {
  if (value === undefined || kNone.has(value)) return undefined;
  if (typeof value === 'number' && value > 0) return value;
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(value) : null;
  if (parts === null || Number(parts[1]) === 0) throw new TypeError(`${what} should be a number of milliseconds above zero, or a text like "100ms"`);
  return Number(parts[1]) * kDurations[parts[2]];
}

module.exports = { limits, limitsOf, forNative, sizeOf, durationOf };
