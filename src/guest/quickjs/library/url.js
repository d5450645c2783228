// URL and URLSearchParams: the classes that scripts see. What they mean is worked out by whatwg-url, in a realm of its own, which takes
// and gives strings and objects that no script ever gets.
'use strict';

const { call, defineMembers, isCallable, iteratorPrototype, ownKeys, iteratorSymbol, setPrototype, textOf, typeError, wellFormed } = native;
const parser = native.library('url_parser');

const need = (count, wanted, what) => {
  if (count < wanted) throw typeError(what + ' takes ' + wanted + (wanted === 1 ? ' argument' : ' arguments') + ', and got ' + count, 'ERR_MISSING_ARGS');
};

const usv = (value) => wellFormed(textOf(value));

function invalid(input, base) {
  const error = typeError('Invalid URL', 'ERR_INVALID_URL');
  native.define(error, 'input', input);
  if (base !== undefined) native.define(error, 'base', base);
  return error;
}

let kept;      // a URLSearchParams around what the parser knows as such
let nothing;   // says to the constructor that there is nothing to be parsed

class URL {
  #url;
  #params;

  constructor(url, base = undefined) {
    need(arguments.length, 1, 'the constructor of URL');
    if (url === kept) return;
    const text = usv(url);
    const from = base === undefined ? undefined : usv(base);
    const parsed = parser.parse(text, from);
    if (parsed === undefined) throw invalid(text, from);
    this.#url = parsed;
  }

  static canParse(url, base = undefined) {
    need(arguments.length, 1, 'URL.canParse');
    return parser.parse(usv(url), base === undefined ? undefined : usv(base)) !== undefined;
  }

  static parse(url, base = undefined) {
    need(arguments.length, 1, 'URL.parse');
    const parsed = parser.parse(usv(url), base === undefined ? undefined : usv(base));
    if (parsed === undefined) return null;
    const made = new URL(kept);
    made.#url = parsed;
    return made;
  }

  get href() { return this.#url.href; }
  set href(value) {
    const text = usv(value);
    if (!parser.setHref(this.#url, text)) throw invalid(text, undefined);
  }
  get origin() { return this.#url.origin; }
  get protocol() { return this.#url.protocol; }
  set protocol(value) { this.#url.protocol = usv(value); }
  get username() { return this.#url.username; }
  set username(value) { this.#url.username = usv(value); }
  get password() { return this.#url.password; }
  set password(value) { this.#url.password = usv(value); }
  get host() { return this.#url.host; }
  set host(value) { this.#url.host = usv(value); }
  get hostname() { return this.#url.hostname; }
  set hostname(value) { this.#url.hostname = usv(value); }
  get port() { return this.#url.port; }
  set port(value) { this.#url.port = usv(value); }
  get pathname() { return this.#url.pathname; }
  set pathname(value) { this.#url.pathname = usv(value); }
  get search() { return this.#url.search; }
  set search(value) { this.#url.search = usv(value); }
  get searchParams() { return this.#params ??= kept(this.#url.searchParams); }
  get hash() { return this.#url.hash; }
  set hash(value) { this.#url.hash = usv(value); }
  toString() { return this.#url.href; }
  toJSON() { return this.#url.href; }
}

class Entries {
  #params;
  #kind;
  #at = 0;

  constructor(params, kind) {
    this.#params = params;
    this.#kind = kind;
  }

  next() {
    const list = this.#params._list;
    if (this.#at >= list.length) return { value: undefined, done: true };
    const pair = list[this.#at++];
    const value = this.#kind === 'keys' ? pair[0] : this.#kind === 'values' ? pair[1] : [pair[0], pair[1]];
    return { value, done: false };
  }
}

class URLSearchParams {
  #params;

  constructor(init = '') {
    if (init === nothing) return;
    if (init === null || (typeof init !== 'object' && typeof init !== 'function')) {
      this.#params = parser.newParams(usv(init));
      return;
    }
    this.#params = parser.newParams('');
    const iterate = init[iteratorSymbol];
    if (iterate !== undefined && iterate !== null) {
      if (!isCallable(iterate)) throw typeError('the pairs of a URLSearchParams cannot be iterated over', 'ERR_ARG_NOT_ITERABLE');
      const pairs = { __proto__: null, [iteratorSymbol]: () => call(iterate, init) };
      for (const pair of pairs) {
        if (pair === null || (typeof pair !== 'object' && typeof pair !== 'function') || !isCallable(pair[iteratorSymbol])) {
          throw typeError('each query pair must be an iterable [name, value] tuple', 'ERR_INVALID_TUPLE');
        }
        const both = [...pair];
        if (both.length !== 2) throw typeError('each query pair must be an iterable [name, value] tuple', 'ERR_INVALID_TUPLE');
        this.#params.append(usv(both[0]), usv(both[1]));
      }
      return;
    }
    // A name that becomes another's by the lone surrogates in it takes its place.
    const keys = ownKeys(init);
    for (let i = 0; i < keys.length; ++i) this.#params.set(usv(keys[i]), usv(init[keys[i]]));
  }

  static {
    nothing = { __proto__: null };
    kept = (params) => {
      const made = new URLSearchParams(nothing);
      made.#params = params;
      return made;
    };
  }

  get size() { return this.#params.size; }

  append(name, value) {
    need(arguments.length, 2, 'append');
    this.#params.append(usv(name), usv(value));
  }

  delete(name, value = undefined) {
    need(arguments.length, 1, 'delete');
    this.#params.delete(usv(name), value === undefined ? undefined : usv(value));
  }

  get(name) {
    need(arguments.length, 1, 'get');
    return this.#params.get(usv(name));
  }

  getAll(name) {
    need(arguments.length, 1, 'getAll');
    return [...this.#params.getAll(usv(name))];
  }

  has(name, value = undefined) {
    need(arguments.length, 1, 'has');
    return this.#params.has(usv(name), value === undefined ? undefined : usv(value));
  }

  set(name, value) {
    need(arguments.length, 2, 'set');
    this.#params.set(usv(name), usv(value));
  }

  sort() { this.#params.sort(); }
  entries() { return new Entries(this.#params, 'entries'); }

  forEach(callback, thisArgument = undefined) {
    if (!isCallable(callback)) throw typeError('forEach takes a function', 'ERR_INVALID_ARG_TYPE');
    const params = this.#params;
    for (let i = 0; i < params._list.length; ++i) call(callback, thisArgument, params._list[i][1], params._list[i][0], this);
  }

  keys() { return new Entries(this.#params, 'keys'); }
  values() { return new Entries(this.#params, 'values'); }
  toString() { return this.#params.toString(); }
}

defineMembers(URL, 'URL');
defineMembers(URLSearchParams, 'URLSearchParams');
native.defineHidden(URLSearchParams.prototype, iteratorSymbol, URLSearchParams.prototype.entries);
defineMembers(Entries, 'URLSearchParams Iterator');
setPrototype(Entries.prototype, iteratorPrototype);
native.forget(Entries.prototype, 'constructor');

module.exports = { __proto__: null, URL, URLSearchParams };
