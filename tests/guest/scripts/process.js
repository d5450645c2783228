// result: ["object",true,"object",true,"/","undefined",["now","microtask","next 3"],[true,true,"bigint"],true,false,false]
// result@node: ["object",true,"object",false,"/","string",["now","next 3","microtask"],[true,true,"bigint"],true,false,false]
// The global `process`. On QuickJS it is no Node.js, and does not look like one.
export async function handler() {
    const order = [];
    queueMicrotask(() => order.push("microtask"));
    process.nextTick((text, number) => order.push(text + number), "next ", 3);
    order.push("now");
    await new Promise((done) => setTimeout(done, 1));
    const [seconds, nanoseconds] = process.hrtime(process.hrtime());
    return [
        typeof process, Array.isArray(process.argv), typeof process.env, process.browser === true, process.cwd(),
        typeof process.versions.node, order, [seconds >= 0, nanoseconds >= 0, typeof process.hrtime.bigint()],
        process.on("exit", () => {}) === process, process.emit("nobody listens"),
        Object.keys(globalThis).includes("process"),
    ];
}
