// Runs in a cell and outside alike: one package's case, as text.
import { inspect } from 'node:util';

import cases from './cases.js';

export async function handler(name) {
  try {
    return inspect(await cases[name](), { depth: 8, breakLength: 120 });
  } catch (error) {
    return `throws ${error?.stack ?? error}`;
  }
}
