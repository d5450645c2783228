// The package as it was built, and short ways to a sandbox. CURFEW_PACKAGE names its folder.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');

const folder = path.join(process.env.CURFEW_PACKAGE, 'hyperlight');
const api = require(path.join(folder, 'lib.js'));

const withCode = (code) => (error) => {
  assert.ok(error instanceof Error, String(error));
  assert.equal(error.code, code, error.stack);
  assert.ok(!error.message.includes(code), error.message);
  return true;
};

const throwsWith = (code, work) => assert.throws(work, withCode(code));
const rejectsWith = (code, promise) => assert.rejects(promise, withCode(code));

async function runtime(builder = new api.SandboxBuilder()) {
  return (await builder.build()).loadRuntime();
}

// A sandbox with these handlers. `set` gets the builder, `register` the ProtoJSSandbox.
async function loaded(handlers, { set = () => {}, register = () => {}, modules = {} } = {}) {
  const builder = new api.SandboxBuilder();
  set(builder);
  const proto = await builder.build();
  register(proto);
  const sandbox = await proto.loadRuntime();
  for (const [name, source] of Object.entries(modules)) sandbox.addModule(name, source);
  for (const [name, source] of Object.entries(handlers)) sandbox.addHandler(name, source);
  return sandbox.getLoadedSandbox();
}

const kLoop = 'function handler() { while (true) {} }';
const kEcho = 'function handler(event) { return event; }';
const kCount = 'let n = 0; function handler() { return ++n; }';

module.exports = { ...api, api, folder, throwsWith, rejectsWith, runtime, loaded, kLoop, kEcho, kCount };
