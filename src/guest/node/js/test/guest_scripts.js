// Runs the scripts of tests/guest/scripts/, which every engine of Curfew has to run, and compares what happens with what
// they say. Usage: node guest_scripts.js FOLDER [NAME]...
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { guest } = require('./run.js');

// These are about a limit of memory, which there is none of here.
const kNeedLimit = /memory/;

const unescape = (text) => text.replace(/\\(.)/g, (all, c) => (c === 'n' ? '\n' : c));

// What a directive for this engine alone takes the place of.
const noOutcome = () => ({ result: undefined, errors: [] });
const kForgotten = {
  result: noOutcome,
  error: noOutcome,
  'load-error': noOutcome,
  stack: () => ({ stack: [] }),
  flags: () => ({ flags: undefined }),
  printed: () => ({ printed: [] }),
};

// tests/guest/scripts/README.md describes the format.
function readCase(file) {
  const source = fs.readFileSync(file, 'utf8');
  const test = { source, name: path.basename(file), load: { printed: [], errors: [], stack: [] }, calls: [] };
  const fresh = (event) => {
    test.calls.push({ event, printed: [], errors: [], stack: [] });
    return test.calls.at(-1);
  };
  const current = () => test.calls.at(-1) ?? test.load;
  let own = new Set();
  for (const line of source.split('\n')) {
    const found = /^\/\/ ([a-z-]+)(@[a-z]+)?:(?: (.*))?$/.exec(line);
    if (found === null) break;
    const [, key, engine, value = ''] = found;
    if (engine !== undefined && engine !== '@node') continue;
    if (key === 'event') {
      fresh(value);
      own = new Set();
      continue;
    }
    if ((key === 'result' || key === 'error') && test.calls.length === 0) fresh('null');
    const expected = key === 'load-error' ? test.load : current();
    if (engine === undefined && own.has(key)) continue;
    if (engine !== undefined && !own.has(key)) {
      own.add(key);
      Object.assign(expected, key in kForgotten ? kForgotten[key]() : {});
    }
    switch (key) {
      case 'result': expected.result = value; break;
      case 'error':
      case 'load-error': expected.errors.push(value); break;
      case 'stack': expected.stack.push(value); break;
      case 'flags': expected.flags = value; break;
      case 'printed': expected.printed.push(unescape(value)); break;
      case 'prints': expected.prints = Number(value); break;
    }
  }
  return test;
}

// Frames of the mock, which calls the guest here; what stands behind a frame stays.
const withoutMock = (text) => text.replace(/\n +at [^\n]*\bmock\.js:\d+:\d+\)?/g, '');

function compare(expected, answer, wrong) {
  const say = (what, wanted, got) => wrong.push(`${what}\n    wanted ${JSON.stringify(wanted)}\n    got    ${JSON.stringify(got)}`);
  if (expected.prints === undefined) {
    const printed = answer.printed.map(withoutMock);
    if (JSON.stringify(expected.printed) !== JSON.stringify(printed)) say('printed', expected.printed, printed);
  } else if (expected.prints !== answer.printed.length) {
    say('prints', expected.prints, answer.printed.length);
  }
  if (expected.errors.length === 0) {
    if (answer.error !== undefined) return say('failed', expected.result, answer.error + '\n' + answer.stack);
    if (answer.result !== (expected.result ?? '')) say('result', expected.result, answer.result);
    return;
  }
  for (const part of expected.errors) if (!answer.error?.includes(part)) say('error', part, answer.error ?? answer.result);
  for (const part of expected.stack) if (!answer.stack?.includes(part)) say('stack', part, answer.stack);
  if (answer.flags !== expected.flags) say('flags', expected.flags, answer.flags);
}

function runCase(test) {
  const steps = [{ source: test.source, script: test.name }, ...test.calls.map(({ event }) => ({ event }))];
  const [loaded, ...called] = guest({ steps });
  const wrong = [];
  compare(test.load, loaded, wrong);
  test.calls.forEach((call, i) => compare(call, called[i], wrong));
  return wrong.join('\n');
}

const [folder, ...names] = process.argv.slice(2);
const files = fs.readdirSync(folder).filter((name) => name.endsWith('.js') && !kNeedLimit.test(name) && (names.length === 0 || names.includes(name)));
let good = 0;
for (const name of files) {
  let wrong;
  try {
    wrong = runCase(readCase(path.join(folder, name)));
  } catch (error) {
    wrong = `died: ${error.message.slice(0, 1500)}`;
  }
  if (wrong === '') ++good;
  else console.log(`${name}: ${wrong}`);
}
console.log(`${good} of ${files.length} as they say`);
process.exitCode = good === files.length ? 0 : 1;
