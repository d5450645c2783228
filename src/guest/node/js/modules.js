// What scripts import. The host says which module a specifier means, and sends the source of files and the names of its
// functions. A module is loaded and evaluated once, however it is asked for.
'use strict';

const {
  ArrayPrototypeFilter,
  ArrayPrototypePush,
  JSONParse,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectKeys,
  PromisePrototypeThen,
  PromiseResolve,
  ReferenceError,
  SafeMap,
  SafeSet,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  SyntaxError,
  TypeError,
} = node.primordials;
const { SourceTextModule, SyntheticModule } = node.require('vm');
const { getOrInitializeCascadedLoader } = node.require('internal/modules/esm/loader');
const { fileURLToPath, pathToFileURL } = node.require('internal/url');
const builtins = use('builtins.js');
const { hostFunction } = use('host_modules.js');
const { print: printText } = use('console.js');

// wire::ModuleKind
const kSource = 0;
const kHost = 1;
const kBuiltIn = 2;
const kJson = 3;
const kHostPrefix = 'host:';

// A module that was loaded: its one name, and what V8 knows it by. `commonJs` has the CommonJS module that it stands for.
const records = new SafeMap();

// The names of scripts by the URLs that they are told to have.
const scriptsByUrl = new SafeMap();

const io = ObjectFreeze({ print: printText, flush() {} });

// What the guest has itself beside Node's modules, by name: what it exports.
function ownModule(specifier) {
  if (specifier === 'io') return { exports: io };
  if (specifier === 'require') {
    const { require } = use('require.js');
    return { exports: { require, default: require }, hasDefault: true };
  }
  return undefined;
}

function urlOf(name) {
  return pathToFileURL(StringPrototypeStartsWith(name, '/') ? name : `/${name}`).href;
}

// The name of a module or script that its URL or path means.
function nameOfUrl(url) {
  const script = scriptsByUrl.get(url);
  if (script !== undefined) return script;
  return StringPrototypeStartsWith(url, 'file:') ? fileURLToPath(url) : url;
}

// --- Which module is meant ---

// Packages that can do without another look at the code.
function notFound(message, isRequire) {
  const error = new ReferenceError(message);
  const value = isRequire ? 'MODULE_NOT_FOUND' : 'ERR_MODULE_NOT_FOUND';
  ObjectDefineProperty(error, 'code', { __proto__: null, value, writable: true, configurable: true });
  return error;
}

// The kind and the one name of what `specifier` means in the module `importer`.
function resolve(importer, specifier, isRequire = false) {
  let wanted = specifier;
  if (StringPrototypeStartsWith(specifier, 'file:')) wanted = fileURLToPath(specifier);
  const builtIn = builtins.nameOf(wanted);
  const own = builtIn !== undefined || wanted === 'io' || wanted === 'require';
  let answer;
  try {
    answer = native.resolve(importer, wanted, own, isRequire);
  } catch (thrown) {
    throw notFound(thrown.message, isRequire);
  }
  const { 0: kind, 1: name } = answer;
  return { kind, name: kind === kBuiltIn && builtIn !== undefined ? `node:${builtIn}` : name };
}

// The only import attribute is `type: "json"`.
function checkAttributes(attributes) {
  const keys = ObjectKeys(attributes);
  for (let i = 0; i < keys.length; ++i) {
    const key = keys[i];
    if (key === 'type' && attributes[key] === 'json') continue;
    throw new TypeError(`unknown import attribute ${key}: "${attributes[key]}"; there is only type: "json"`);
  }
}

// --- Making modules ---

function synthetic(name, exports, names, defaultExport) {
  return new SyntheticModule(names, function() {
    for (let i = 0; i < names.length; ++i) {
      const key = names[i];
      this.setExport(key, key === 'default' ? defaultExport : exports[key]);
    }
  }, { identifier: name });
}

function makeBuiltIn(name) {
  const isNode = StringPrototypeStartsWith(name, 'node:');
  const own = isNode ? { exports: builtins.get(StringPrototypeSlice(name, 5)) } : ownModule(name);
  const names = ArrayPrototypeFilter(ObjectKeys(own.exports), (key) => key !== 'default');
  ArrayPrototypePush(names, 'default');
  return { module: synthetic(name, own.exports, names, own.hasDefault ? own.exports.default : own.exports), value: own.exports };
}

// `functions` are the names, each between its mark (wire::FunctionMark) and a zero character.
function makeHost(name, functions) {
  const module = StringPrototypeSlice(name, kHostPrefix.length);
  const exports = { __proto__: null };
  const names = [];
  const all = StringPrototypeSplit(functions, '\0');
  for (let i = 0; i + 1 < all.length; ++i) {  // the last is what stands behind the last zero: nothing
    const key = StringPrototypeSlice(all[i], 1);
    exports[key] = hostFunction(module, key, all[i][0]);
    ArrayPrototypePush(names, key);
  }
  return { module: synthetic(name, exports, names, exports.default) };
}

function parseJson(name, text) {
  try {
    return JSONParse(text);
  } catch (thrown) {
    throw new SyntaxError(`${name}: ${thrown.message}`);
  }
}

function makeJson(name, text) {
  const value = parseJson(name, text);
  return { module: synthetic(name, undefined, ['default'], value), value };
}

function compile(name, source, url = urlOf(name)) {
  return new SourceTextModule(source, {
    identifier: name,
    initializeImportMeta(meta) {
      meta.dirname = StringPrototypeSlice(fileURLToPath(new URL('.', url)), 0, -1) || '/';
      meta.filename = fileURLToPath(url);
      meta.resolve = (specifier) => {
        const { kind, name: found } = resolve(name, `${specifier}`);
        return kind === kBuiltIn || kind === kHost ? found : urlOf(found);
      };
      meta.url = url;
    },
    importModuleDynamically: (specifier, referrer, attributes) => importFrom(name, specifier, attributes),
  });
}

// Asks the host for a module's kind and text.
function read(name) {
  let answer;
  try {
    answer = native.readModule(name);
  } catch (thrown) {
    throw new ReferenceError(thrown.message);
  }
  return { kind: answer[0], text: answer[1] };
}

function make(name, kind, attributes) {
  if (kind === kBuiltIn) return makeBuiltIn(name);
  const { kind: readKind, text } = read(name);
  if (readKind === kJson) return makeJson(name, text);
  if (attributes.type !== undefined) throw new TypeError(`the module "${name}" is not JSON, as its import says`);
  if (readKind === kHost) return makeHost(name, text);
  if (!StringPrototypeStartsWith(name, '/')) return { module: compile(name, text) };  // given by name: no file
  return use('commonjs.js').make(name, text) ?? { module: compile(name, text) };
}

// The module of that name; made now if it is new, and then noted in `fresh`.
function obtain({ kind, name }, attributes, fresh) {
  let record = records.get(name);
  if (record === undefined) {
    record = make(name, kind, attributes);
    record.name = name;
    record.kind = kind;
    records.set(name, record);
    ArrayPrototypePush(fresh, record);
  } else if (attributes.type !== undefined && kind !== kJson) {
    throw new TypeError(`the module "${name}" is not JSON, as its import says`);
  }
  return record;
}

// Makes one of Node's modules ready to be imported.
function prepare(name) {
  const record = make(name, kBuiltIn, kNoAttributes);
  record.name = name;
  record.kind = kBuiltIn;
  records.set(name, record);
  record.module.evaluate();
}

const kNoAttributes = { __proto__: null };

// Links a module with all that it imports, and those with theirs. What is new is forgotten again when that fails, so that
// the next who asks for it has it loaded anew.
function link(root, importer, fresh) {
  const seen = new SafeSet();
  const queue = [{ module: root, name: importer }];
  try {
    for (let i = 0; i < queue.length; ++i) {
      const { module, name } = queue[i];
      if (!(module instanceof SourceTextModule) || module.status !== 'unlinked' || seen.has(module)) continue;
      seen.add(module);
      const imports = [];
      const { moduleRequests } = module;
      for (let k = 0; k < moduleRequests.length; ++k) {
        const { specifier, attributes } = moduleRequests[k];
        checkAttributes(attributes);
        const record = obtain(resolve(name, specifier), attributes, fresh);
        ArrayPrototypePush(imports, record.module);
        ArrayPrototypePush(queue, { module: record.module, name: record.name });
      }
      module.linkRequests(imports);
    }
    if (root instanceof SourceTextModule && root.status === 'unlinked') root.instantiate();
  } catch (thrown) {
    for (let i = 0; i < fresh.length; ++i) records.delete(fresh[i].name);
    throw thrown;
  }
}

// --- What others ask for ---

// The module that `specifier` means in `importer`, linked, not evaluated.
function load(importer, specifier, attributes = kNoAttributes, isRequire = false) {
  checkAttributes(attributes);
  const fresh = [];
  const record = obtain(resolve(importer, specifier, isRequire), attributes, fresh);
  link(record.module, record.name, fresh);
  return record;
}

// import()
function importFrom(importer, specifier, attributes) {
  const { module } = load(importer, specifier, attributes);
  if (module.status !== 'evaluating') return PromisePrototypeThen(module.evaluate(), () => module);
  // It is further down the stack. If that waits in `require`, it is given as far as it is.
  if (use('require.js').isWaiting()) return module;
  return PromisePrototypeThen(PromisePrototypeThen(PromiseResolve(), () => module.evaluate()), () => module);
}

// What makes a script's own top-level `handler` visible. The engine rejects it when the script exports one itself, or has
// none.
const kExportHandler = '\nexport { handler };';

// A handler's script, compiled and linked: how it is evaluated, and what its handler is then. It is no module for others.
function loadScript(name, source) {
  const url = urlOf(name);
  scriptsByUrl.set(url, name);
  const module = compileScript(name, source, url);
  if (module.moduleRequests.length === 0) {
    const commonJs = use('commonjs.js').scriptOf(name, source);
    if (commonJs !== undefined) return commonJs;
  }
  link(module, name, []);
  return { evaluate: () => module.evaluate(), handler: () => module.namespace.handler };
}

function compileScript(name, source, url) {
  try {
    return compile(name, source + kExportHandler, url);
  } catch (thrown) {
    if (thrown === null || typeof thrown !== 'object' || thrown.name !== 'SyntaxError') throw thrown;
    return compile(name, source, url);
  }
}

function install() {
  // import() in code that is no module of ours: CommonJS, and what runs by `vm` with Node's own loader.
  const loader = getOrInitializeCascadedLoader();
  loader.import = async (specifier, parent, attributes) => {
    const module = await importFrom(nameOfUrl(parent ?? 'eval'), specifier, attributes ?? kNoAttributes);
    return module.namespace;
  };
  use('require.js').install();
}

exports.install = install;
exports.importFrom = importFrom;
exports.load = load;
exports.prepare = prepare;
exports.loadScript = loadScript;
exports.resolve = resolve;
exports.read = read;
exports.records = records;
exports.compile = compile;
exports.nameOfUrl = nameOfUrl;
exports.kinds = { kSource, kHost, kBuiltIn, kJson };
