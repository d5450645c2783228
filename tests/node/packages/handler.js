// Runs in a cell and outside alike: one package's case, as text.
import cases from './cases.js';

// JSON, with what it would leave out.
function shown(value) {
  return JSON.stringify(value, (key, each) => {
    if (typeof each === 'function') return `function ${each.name}`;
    if (typeof each === 'bigint' || typeof each === 'symbol') return `${typeof each} ${String(each)}`;
    if (each === undefined) return 'undefined';
    if (each instanceof Map || each instanceof Set) return [each.constructor.name, ...each];
    if (each instanceof RegExp || each instanceof Error) return String(each);
    return each;
  });
}

export async function handler(name) {
  try {
    return String(shown(await cases[name]()));
  } catch (error) {
    return `throws ${error} ${error?.stack}`;
  }
}
