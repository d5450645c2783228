// heap: 67108864
// result: ["DataCloneError: a function cannot be cloned","DataCloneError: a symbol cannot be cloned","DataCloneError: a Proxy cannot be cloned","DataCloneError: an object of the class Promise cannot be cloned","DataCloneError: an object of the class WeakMap cannot be cloned","DataCloneError: an object of the class Hmac cannot be cloned","DataCloneError: an object of the class Symbol cannot be cloned","DataCloneError: an object of the class Generator cannot be cloned","[object SharedArrayBuffer]","DataCloneError: a function cannot be cloned","Error: in a getter","TypeError: structuredClone needs a value to clone","RangeError",[true,25]]
// result@node: ["DataCloneError: () => {} could not be cloned.","DataCloneError: Symbol() could not be cloned.","DataCloneError: #<Object> could not be cloned.","DataCloneError: #<Promise> could not be cloned.","DataCloneError: #<WeakMap> could not be cloned.","[object Object]","DataCloneError: [object Symbol] could not be cloned.","DataCloneError: [object Generator] could not be cloned.","[object SharedArrayBuffer]","DataCloneError: f() {} could not be cloned.","Error: in a getter","TypeError [ERR_MISSING_ARGS]: The \"The value argument must be specified\" argument must be specified","RangeError",[true,25]]
export function handler() {
    const error = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return e;
        }
    };
    const refused = (value) => String(error(() => structuredClone(value)));
    let deep = null;
    for (let i = 0; i < 200_000; ++i) deep = [deep];
    const first = error(() => structuredClone(() => {}));
    return [
        refused(() => {}),
        refused(Symbol()),
        refused(new Proxy({}, {})),
        refused(Promise.resolve()),
        refused(new WeakMap()),
        refused(crypto.createHmac("sha256", "k")),
        refused(Object(Symbol())),
        refused((function* () {})()),
        refused(new SharedArrayBuffer(1)),
        refused({ a: [new Map([[1, { f() {} }]])] }),
        refused({ get x() { throw new Error("in a getter"); } }),
        String(error(() => structuredClone())),
        error(() => structuredClone(deep)).name,
        [first instanceof DOMException, first.code],
    ];
}
