// node:os, without what is the machine's affair. Some of it Node keeps from when the image was made.
'use strict';

const { ObjectDefineProperty, ObjectKeys } = node.primordials;
const { refusing } = use('builtins.js');

const values = {
  homedir: () => '/',
  networkInterfaces: () => ({}),
  getPriority: () => 0,
  release: () => '0.0.0',
  setPriority: refusing('os.setPriority', 'setPriority'),
  userInfo: () => ({ uid: 65534, gid: 65534, username: 'nobody', homedir: '/', shell: null }),
  version: () => '',
};

function replace(os) {
  const names = ObjectKeys(values);
  for (let i = 0; i < names.length; ++i) {
    const value = values[names[i]];
    // Node lets some of them be used as values: `${os.release}`.
    if (os[names[i]]?.[Symbol.toPrimitive] !== undefined) value[Symbol.toPrimitive] = () => value();
    ObjectDefineProperty(os, names[i], { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }
}

exports.replace = replace;
