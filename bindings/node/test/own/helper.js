// The package as it was built. CURFEW_PACKAGE names its folder.
'use strict';

const assert = require('node:assert/strict');
const curfew = require(process.env.CURFEW_PACKAGE);

// A limit of time may be over before anything has run, on a machine that has no time for it.
const withCode = (code, by) => (error) => {
  assert.ok(error instanceof curfew.CurfewError, String(error?.stack));
  assert.equal(code === 'cancelled' && error.code === 'not_run' ? 'cancelled' : error.code, code, error.stack);
  if (by !== undefined) assert.equal(error.terminatedBy, by);
  return true;
};
const rejectsWith = (code, promise, by) => assert.rejects(promise, withCode(code, by));

const kLoop = 'function handler() { for (;;) {} }';
const kEcho = 'function handler(event) { return event; }';
const kCount = 'let n = 0; function handler() { return ++n; }';

module.exports = { ...curfew, rejectsWith, kLoop, kEcho, kCount };
