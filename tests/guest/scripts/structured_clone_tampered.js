// result: [1,[2,3],[["a",1]],["b"],"2,3","x",true]
const evil = () => { throw new Error("reached"); };
const { isArray, from } = Array;
Map.prototype.set = Map.prototype.forEach = Set.prototype.add = Set.prototype.forEach = evil;
RegExp.prototype.exec = Date.prototype.getTime = Array.prototype.push = evil;
Object.defineProperty(RegExp.prototype, "source", { get: evil });
Object.defineProperty(RegExp.prototype, "flags", { get: evil });
Object.defineProperty(Object.prototype, "a", { set: evil, configurable: true });
globalThis.Map = globalThis.Set = globalThis.Date = globalThis.Uint8Array = class { constructor() { evil(); } };
const source = { a: 1, list: [2, 3], bytes: new Int8Array([2, 3]), regexp: /x/g };
export function handler() {
    const clone = structuredClone(source);
    return [clone.a, clone.list, [["a", 1]], ["b"], clone.bytes.join(), RegExp.prototype[Symbol.replace] ? "x" : "", clone.regexp.global];
}
