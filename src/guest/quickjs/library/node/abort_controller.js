// For packages that bring along what is a global here.
'use strict';

exports.AbortController = AbortController;
exports.AbortSignal = AbortSignal;
