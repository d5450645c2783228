// Headers: names and values of requests and responses, as the web's class.
'use strict';

const { call, defineMembers, isCallable, iteratorPrototype, iteratorSymbol, ownKeys, setPrototype, textOf, typeError } = native;

const kToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function nameOf(value) {
  const name = textOf(value);
  if (!kToken.test(name)) throw typeError("Headers: " + name + " is an invalid header name.", undefined);
  return name.toLowerCase();
}

function valueOf(value) {
  const text = textOf(value);
  let first = 0;
  let last = text.length;
  const isSpace = (i) => text[i] === ' ' || text[i] === '\t' || text[i] === '\n' || text[i] === '\r';
  while (first < last && isSpace(first)) ++first;
  while (first < last && isSpace(last - 1)) --last;
  for (let i = first; i < last; ++i) {
    const unit = text.charCodeAt(i);
    if (unit === 0 || unit === 10 || unit === 13 || unit > 255) throw typeError("Headers: " + text + " is an invalid header value.", undefined);
  }
  return text.slice(first, last);
}

let listOf;
let fill;
let freeze;

class Headers {
  #list = [];  // { name, value }, as they were appended
  #frozen = false;

  constructor(init = undefined) { fill(this, init); }

  static {
    listOf = (headers) => headers.#list;
    freeze = (headers) => { headers.#frozen = true; };
    fill = (headers, init) => {
      if (init === undefined) return;
      if (init === null || (typeof init !== 'object' && typeof init !== 'function')) {
        throw typeError('Headers constructor: init must be a list of pairs or an object', undefined);
      }
      if (#list in init) {
        for (let i = 0; i < init.#list.length; ++i) headers.#list[i] = { __proto__: null, name: init.#list[i].name, value: init.#list[i].value };
        return;
      }
      const iterate = init[iteratorSymbol];
      if (iterate !== undefined && iterate !== null) {
        if (!isCallable(iterate)) throw typeError('Headers constructor: init cannot be iterated over', undefined);
        for (const pair of { __proto__: null, [iteratorSymbol]: () => call(iterate, init) }) {
          const both = [...pair];
          if (both.length !== 2) throw typeError('Headers constructor: expected name/value pair to be length 2, found ' + both.length + '.', undefined);
          headers.append(both[0], both[1]);
        }
        return;
      }
      const names = ownKeys(init);
      for (let i = 0; i < names.length; ++i) headers.append(names[i], init[names[i]]);
    };
  }

  #change() {
    if (this.#frozen) throw typeError('immutable', undefined);
  }

  append(name, value) {
    const lower = nameOf(name);
    const text = valueOf(value);
    this.#change();
    this.#list[this.#list.length] = { __proto__: null, name: lower, value: text };
  }
  delete(name) {
    const lower = nameOf(name);
    this.#change();
    let kept = 0;
    for (let i = 0; i < this.#list.length; ++i) {
      if (this.#list[i].name !== lower) this.#list[kept++] = this.#list[i];
    }
    this.#list.length = kept;
  }
  get(name) {
    const lower = nameOf(name);
    let found = null;
    for (let i = 0; i < this.#list.length; ++i) {
      if (this.#list[i].name !== lower) continue;
      found = found === null ? this.#list[i].value : found + (lower === 'cookie' ? '; ' : ', ') + this.#list[i].value;
    }
    return found;
  }
  getSetCookie() {
    const found = [];
    for (let i = 0; i < this.#list.length; ++i) {
      if (this.#list[i].name === 'set-cookie') found[found.length] = this.#list[i].value;
    }
    return found;
  }
  has(name) {
    const lower = nameOf(name);
    for (let i = 0; i < this.#list.length; ++i) {
      if (this.#list[i].name === lower) return true;
    }
    return false;
  }
  set(name, value) {
    const lower = nameOf(name);
    const text = valueOf(value);
    this.#change();
    let at = 0;
    while (at < this.#list.length && this.#list[at].name !== lower) ++at;
    const rest = this.#list;
    const kept = [];
    for (let i = 0; i < rest.length; ++i) {
      if (i === at || rest[i].name !== lower) kept[kept.length] = rest[i];
    }
    kept[at] = { __proto__: null, name: lower, value: text };
    this.#list = kept;
  }
  forEach(callback, self = undefined) {
    if (!isCallable(callback)) throw typeError('forEach takes a function', 'ERR_INVALID_ARG_TYPE');
    const all = this.#sorted();
    for (let i = 0; i < all.length; ++i) call(callback, self, all[i].value, all[i].name, this);
  }
  entries() { return new Entries(this.#sorted(), 'entries'); }
  keys() { return new Entries(this.#sorted(), 'keys'); }
  values() { return new Entries(this.#sorted(), 'values'); }

  // Each name once, by name; but Set-Cookie as often as it is there.
  #sorted() {
    const all = [];
    for (let i = 0; i < this.#list.length; ++i) {
      const { name } = this.#list[i];
      let at = all.length;
      let known = false;
      while (at > 0 && !known && all[at - 1].name >= name) {
        known = all[at - 1].name === name && name !== 'set-cookie';
        if (all[at - 1].name === name) break;
        --at;
      }
      if (known) continue;
      for (let k = all.length; k > at; --k) all[k] = all[k - 1];
      all[at] = { __proto__: null, name, value: name === 'set-cookie' ? this.#list[i].value : this.get(name) };
    }
    return all;
  }
}

class Entries {
  #list;
  #kind;
  #at = 0;

  constructor(list, kind) {
    this.#list = list;
    this.#kind = kind;
  }
  next() {
    if (this.#at >= this.#list.length) return { value: undefined, done: true };
    const { name, value } = this.#list[this.#at++];
    return { value: this.#kind === 'keys' ? name : this.#kind === 'values' ? value : [name, value], done: false };
  }
}
setPrototype(Entries.prototype, iteratorPrototype);

const newHeaders = () => new Headers();

// As the host takes them: name, value, name, value.
function linesOf(headers) {
  const list = listOf(headers);
  const lines = [];
  for (let i = 0; i < list.length; ++i) {
    lines[2 * i] = list[i].name;
    lines[2 * i + 1] = list[i].value;
  }
  return lines;
}

defineMembers(Headers, 'Headers');
defineMembers(Entries, 'Headers Iterator');
native.defineHidden(Headers.prototype, iteratorSymbol, Headers.prototype.entries);
module.exports = { __proto__: null, Headers, fill, freeze, linesOf, newHeaders };
