// result: [["object","function","object","object","function","function","function","function","function","function","function","function","function","function","function","function"],["log","info","warn","error","debug"],["createHmac","getRandomValues","randomUUID","timingSafeEqual","Hmac"],"[object Crypto]",["undefined","undefined","undefined","undefined","undefined","undefined"],[]]
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
