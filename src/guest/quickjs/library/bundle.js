// Makes one script of a file here and of all that it requires: run by the bundler (bundler.c) while Curfew is built.
//
// The script is a function that gets `native` (what the guest's native code offers it), and returns what the file exports. Files may be
// CommonJS or, in the forms that our packages use, ES modules; a form that is not known ends the build.
'use strict';

(function bundle(entry, packages, readFile) {
  // Files of ours that take the place of a package's.
  const kInstead = {
    '@exodus/bytes/encoding.js': '/empty.js',
    '@exodus/bytes/whatwg.js': '/url_query.js',
    '@exodus/bytes/base64.js': '/base64.js',
    '@exodus/bytes/utf16.js': '/utf16.js',
    './multi-byte.encodings.cjs': '/encoding_tables.js',
    './encoding': '/utf8.js',
    './lib/mappingTable.json': '/idna_table.js',
    './URLSearchParams': '/url_search_params.js',
    './URL': '/empty.js',
    'tr46': '/idna.js',
    'abort-controller': '/node/abort_controller.js',
    'call-bind/callBound': '/node/call_bound.js',
    'is-nan': '/node/is_nan.js',
    'object-is': '/node/object_is_itself.js',
    'object-is/polyfill': '/node/object_is.js',
    'object.assign/polyfill': '/node/object_assign.js',
    'qs': '/node/url_query.js',
  };
  // What packages ask for that is a script of its own.
  const kScripts = {
    'buffer': `native.library('node_buffer')`,
    'events': `native.library('node_events')`,
    'process/': `native.library('process').process`,
    'safe-buffer': `native.library('node_buffer')`,
    'string_decoder/': `native.library('node_string_decoder')`,
    'util/': `native.library('node_util')`,
  };
  const kMain = {
    'assert': '/build/assert.js',
    'base64-js': '/index.js',
    'buffer': '/index.js',
    'cjs-module-lexer': '/lexer.js',
    'events': '/events.js',
    'ieee754': '/index.js',
    'path-browserify': '/index.js',
    'punycode': '/punycode.js',
    'punycode/': '/punycode.js',
    'string_decoder': '/lib/string_decoder.js',
    'tr46!': '/index.js',
    'url': '/url.js',
  };

  const here = entry.slice(0, entry.lastIndexOf('/library/')) + '/library';
  const ids = new Map();
  const texts = [];

  function fileOf(specifier, importer) {
    if (!importer.startsWith(here) && kInstead[specifier] !== undefined) return here + kInstead[specifier];
    let path;
    if (kMain[specifier] !== undefined) path = `${packages}/${specifier.replace(/[/!]$/, '')}${kMain[specifier]}`;
    else if (specifier.startsWith('.')) path = join(importer.slice(0, importer.lastIndexOf('/')), specifier);
    else path = `${packages}/${specifier}`;
    return /\.(js|cjs|json)$/.test(path) ? path : `${path}.js`;
  }

  function join(folder, relative) {
    const parts = folder.split('/');
    for (const part of relative.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    return parts.join('/');
  }

  // An ES module as CommonJS.
  function asCommonJs(text, path) {
    const exported = [];
    let out = text
      .replace(/^import \{([^}]*)\} from '([^']+)'/gm, (_, names, from) => `const {${names.replaceAll(' as ', ': ')}} = require('${from}')`)
      .replace(/^import \* as (\w+) from '([^']+)'/gm, (_, name, from) => `const ${name} = require('${from}')`)
      .replace(/^import (\w+) from '([^']+)'/gm, (_, name, from) => `const ${name} = require('${from}').default`)
      .replace(/^export \* from '([^']+)'/gm, (_, from) => `Object.assign(exports, require('${from}'))`)
      .replace(/^export default (\w+)/gm, (_, name) => `exports.default = ${name}`)
      .replace(/^export (const|let|function|class) (\w+)/gm, (_, kind, name) => {
        exported.push(`exports.${name} = ${name}`);
        return `${kind} ${name}`;
      });
    if (/^(import|export)\b/m.test(out)) throw new Error(`${path} has an import or export that bundle.js does not know`);
    return `${out}\n${exported.join(';')}`;
  }

  function add(path) {
    if (ids.has(path)) return ids.get(path);
    const id = ids.size;
    ids.set(path, id);
    let text = readFile(path);
    if (path.endsWith('.json')) {
      text = `module.exports = ${text}`;
    } else if (/^(import|export)\b/m.test(text)) {
      text = asCommonJs(text, path);
    }
    text = text.replace(/\brequire\((['"])([^'"]+)\1\)/g, (found, quote, specifier) =>
      (/^\.*$|\s/.test(specifier) ? found  // in a comment
        : !path.startsWith(here) && kScripts[specifier] !== undefined ? kScripts[specifier]
          : `require(${add(fileOf(specifier, path))})`));
    // What is worked out while Curfew is built.
    text = text.replace(/\bBUNDLED\((['"])([^'"]+)\1, (\w+)\)/g, (_, quote, specifier, how) =>
      kWorkOut[how](readFile(`${packages}/${specifier}`)));
    texts[id] = `function (exports, require, module) {${text}\n}`;
    return id;
  }

  const kWorkOut = {
    text: (text) => JSON.stringify(text),

    // Unicode's table for names of hosts, as three strings: where each range begins (two units each), its status, and what it is mapped to.
    idnaTable(text) {
      let starts = '';
      let statuses = '';
      const mappings = [];
      for (const [range, status, mapping = ''] of JSON.parse(text)) {
        const start = Array.isArray(range) ? range[0] : range;
        starts += String.fromCharCode(start >> 16, start & 0xffff);
        statuses += String(status);
        mappings.push(mapping);
      }
      return JSON.stringify({ starts, statuses, mappings: mappings.join('\0') });
    },
  };

  add(entry);
  return `(function (native) { 'use strict'; const files = [${texts.join(',\n')}]; const loaded = [];
function require(id) { if (loaded[id] === undefined) { const module = { exports: {} }; loaded[id] = module;
files[id](module.exports, require, module); } return loaded[id].exports; } return require(0); })`;
});
