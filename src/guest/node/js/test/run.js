// What tests say in one line each: a script, its calls, and what comes of them, in a guest of their own.
'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const kFlags = ['--expose-internals', '--experimental-vm-modules'];

// The answers to the steps, in turn. A step with `source` loads a script, any other is a call.
function guest(input) {
  const output = execFileSync(process.execPath, [...kFlags, path.join(__dirname, 'guest_process.js')],
                              { input: JSON.stringify(input), encoding: 'utf8', timeout: 5_000, env: { KEEP_FRAMES: process.env.KEEP_FRAMES ?? '' } });
  return JSON.parse(output);
}

// The result of a handler with these files beside it, or why there is none.
function run(source, { files, functions, event = 'null' } = {}) {
  const [loaded, called] = guest({ files, functions, steps: [{ source, script: 'main.js', folder: '/' }, { event }] });
  if (loaded.error !== undefined) return `load: ${loaded.error}`;
  return called.error === undefined ? called.result : `call: ${called.error}`;
}

module.exports = { guest, run, kFlags };
