// Names of hosts that are not ASCII: tr46, a bundle of its own, since few have them and its tables are large.
'use strict';

exports.toASCII = (domain, options) => native.library('international_domains').toASCII(domain, options);
