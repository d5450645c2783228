// What the adapters share: one sandbox with somebody else's tools, and what it printed.
'use strict';

const { Sandbox, CurfewError } = require('../curfew.js');

const kMebibyte = 1 << 20;
const kLeastHeap = 4 * kMebibyte;

// The options of all adapters go to Sandbox.create(), but for what the caller of an adapter decides.
const kOptions = ['engine', 'heap', 'stack', 'limits', 'monitors', 'outputLimit', 'argumentLimit'];

function optionsOf(options = {}) {
  for (const name of Object.keys(options)) {
    if (!kOptions.includes(name)) throw new TypeError(`the options cannot have "${name}"; they can have ${kOptions.join(', ')}`);
  }
  return options;
}

// A sandbox whose `tools` are as given. `memory` is in bytes, `timeout` in milliseconds: an option's own limits come first.
async function open(options, { tools, timeout, memory, prelude, signal }) {
  const logs = [];
  const sandbox = await Sandbox.create({
    ...options,
    heap: options.heap ?? (memory === undefined ? undefined : Math.max(memory, kLeastHeap)),
    limits: { ...(timeout === undefined ? {} : { wall: timeout }), ...options.limits },
    tools, signal,
    console: (level, text) => logs.push(text.endsWith('\n') ? text.slice(0, -1) : text),
  });
  try {
    if (prelude !== undefined) await sandbox.run(prelude, { signal });
  } catch (error) {
    await sandbox.dispose();
    throw error;
  }
  return { sandbox, logs };
}

// Makes functions of `tools` global under their own names.
const globals = (names) => `Object.assign(globalThis, { ${names.map((name) => `${JSON.stringify(name)}: tools[${JSON.stringify(name)}]`).join(', ')} }); null`;

// What is told of a failure to a model.
function describe(error) {
  const known = error instanceof CurfewError;
  const [, name] = (known && error.guestName !== undefined ? ['', error.guestName] : /^Uncaught (\w*Error)\b|^(\w*Error):/.exec(error.message)) ?? [];
  return {
    name: error.terminatedBy !== undefined ? 'LimitError' : name ?? (known ? 'Error' : error.name),
    message: error.message,
    stack: known ? error.guestStack : error.stack,
    code: error.code,
  };
}

// The line of the program at which it failed.
function lineOf(error) {
  const found = /program\.[jt]s:(\d+)/.exec(error.guestStack ?? '');
  return found === null ? undefined : Number(found[1]);
}

module.exports = { optionsOf, open, globals, describe, lineOf, kMebibyte };
