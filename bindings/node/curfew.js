// Curfew for Node.js: sandboxes for JavaScript that you did not write. curfew.d.ts is the reference.
'use strict';

const { native } = require('./lib/inside.js');
const { CurfewError } = require('./lib/errors.js');
const { PendingInvocation } = require('./lib/invocation.js');
const { limits } = require('./lib/limits.js');
const { Pool } = require('./lib/pool.js');
const { Sandbox } = require('./lib/sandbox.js');
const { Snapshot } = require('./lib/snapshot.js');
const { blocking, deferred, toolSignal } = require('./lib/tools.js');

module.exports = { Sandbox, Snapshot, Pool, PendingInvocation, CurfewError, blocking, deferred, toolSignal, limits, version: native.version };
