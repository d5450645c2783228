// result: ["function","object","function","undefined","undefined","undefined","undefined"]
function handler() {
    return [print, console, queueMicrotask, globalThis.process, globalThis.std, globalThis.os, globalThis.gc].map((x) => typeof x);
}
