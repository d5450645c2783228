// What both faces share: the native part, and the core of a sandbox.
'use strict';

module.exports = require('../hyperlight/lib.js')[Symbol.for('curfew.inside')];
