// Names of hosts in all of Unicode, by the package tr46.
'use strict';

exports.toASCII = require('tr46!').toASCII;
