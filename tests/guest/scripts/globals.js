// result: [["object","function","object","object","function","function","function","function","function","function","function","function","function","function","function","function"],["log","info","warn","error","debug","dir","dirxml","trace","assert","table","group","groupCollapsed","groupEnd","count","countReset","time","timeLog","timeEnd","clear"],["createHash","createHmac","getRandomValues","hash","randomUUID","timingSafeEqual","Hash","Hmac"],"[object Crypto]",["object","undefined","undefined","undefined","function","undefined"],["queueMicrotask","btoa","atob","performance","crypto","structuredClone","setImmediate","clearImmediate"]]
// result@node: [["object","function","object","object","function","function","function","function","function","function","function","function","function","function","function","function"],["log","info","debug","warn","error","dir","time","timeEnd","timeLog","trace","assert","clear","count","countReset","group","groupEnd","table","dirxml","groupCollapsed","Console","profile","profileEnd","timeStamp","context","createTask"],["createHmac","timingSafeEqual","Hmac","createHash","Hash","hash"],"[object Crypto]",["object","undefined","undefined","undefined","function","undefined"],["global","clearImmediate","setImmediate","queueMicrotask","structuredClone","atob","btoa","performance","fetch","crypto","navigator"]]
function handler() {
    const here = [console, print, crypto, performance, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask,
        structuredClone, TextEncoder, TextDecoder, atob, btoa, DOMException, String.bytesFrom];
    const enumerable = Object.keys(globalThis).filter((name) => !/^(set|clear)(Timeout|Interval)$/.test(name));
    return [
        here.map((x) => typeof x),
        Object.keys(console),
        Object.keys(crypto),
        String(crypto),
        ["process", "std", "os", "gc", "fetch", "module"].map((name) => typeof globalThis[name]),
        enumerable,
    ];
}
