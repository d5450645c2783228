// result: {"seen":["capturing","first","once","passive","object true true 2","until","adds","prevents","|","capturing","first","passive","adds","prevents","late","|","a"],"results":[false,true,true,null,0,"InvalidStateError 11"],"order":["handler abort true","listener","any true"],"signals":[true,"why","AbortError: This operation was aborted",3,"TimeoutError: The operation was aborted due to timeout",23],"throws":["Error","nothing","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"],"detail":[null,[1],true],"shape":["[object Event] 1","[object EventTarget] 0","[object AbortController] 0","[object AbortSignal] 0","[object CustomEvent] 1"],"flags":[true,false,true,"q",false],"constants":[0,2,3]}
// result@node: {"seen":["first","once","capturing","passive","object true false 0","until","adds","prevents","late","|","first","capturing","passive","adds","prevents","late","late","|","a"],"results":[false,true,true,null,0,"Error ERR_EVENT_RECURSION"],"order":["handler abort true","listener","any true"],"signals":[true,"why","AbortError: This operation was aborted",3,"TimeoutError: The operation was aborted due to timeout",23],"throws":["Error","nothing","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"],"detail":[null,[1],true],"shape":["[object Event] 1","[object EventTarget] 0","[object AbortController] 0","[object AbortSignal] 0","[object CustomEvent] 1"],"flags":[true,false,true,"q",false],"constants":[0,2,null]}
async function handler() {
    const said = (run) => { try { return run(); } catch (error) { return `${error.name} ${error.code ?? ""}`.trim(); } };
    const target = new EventTarget();
    const seen = [];
    const add = (name, options, does = () => {}) => target.addEventListener("x", (event) => { seen.push(name); does(event); }, options);
    add("first");
    add("once", { once: true });
    add("capturing", true);
    add("passive", { passive: true }, (event) => event.preventDefault());
    const twice = { handleEvent(event) { seen.push(`object ${this === twice} ${event.currentTarget === target} ${event.eventPhase}`); } };
    target.addEventListener("x", twice);
    target.addEventListener("x", twice);
    const leaves = new AbortController();
    add("until", { signal: leaves.signal });
    add("adds", undefined, () => add("late"));
    add("prevents", undefined, (event) => event.preventDefault());
    const first = new Event("x", { cancelable: true });
    const results = [target.dispatchEvent(first), first.defaultPrevented, first.target === target, first.currentTarget, first.composedPath().length];
    seen.push("|");
    leaves.abort();
    target.removeEventListener("x", twice);
    target.dispatchEvent(new Event("x"));
    seen.push("|");
    const stopping = new EventTarget();
    stopping.addEventListener("y", (event) => { seen.push("a"); event.stopImmediatePropagation(); });
    stopping.addEventListener("y", () => seen.push("b"));
    stopping.dispatchEvent(new CustomEvent("y", { detail: 7 }));
    const again = new Event("z");
    target.addEventListener("z", () => results.push(said(() => target.dispatchEvent(again))));
    target.dispatchEvent(again);

    const controller = new AbortController();
    const { signal } = controller;
    const order = [];
    signal.onabort = (event) => order.push(`handler ${event.type} ${event.isTrusted}`);
    signal.addEventListener("abort", () => order.push("listener"), { once: true });
    const any = AbortSignal.any([signal, AbortSignal.timeout(1000)]);
    any.addEventListener("abort", () => order.push(`any ${any.reason === signal.reason}`));
    controller.abort(new Error("why"));
    controller.abort("again");
    const timeout = AbortSignal.timeout(1);
    setTimeout(() => {}, 100); // a timeout keeps nobody waiting in Node.js
    await new Promise((done) => timeout.addEventListener("abort", done));
    return {
        seen, results, order,
        signals: [signal.aborted, signal.reason.message, String(AbortSignal.abort().reason), AbortSignal.abort(3).reason, String(timeout.reason), timeout.reason.code],
        throws: [() => signal.throwIfAborted(), () => new AbortController().signal.throwIfAborted(), () => new AbortSignal(), () => new Event(), () => target.dispatchEvent({}),
            () => Event.prototype.type, () => AbortSignal.any([1]), () => target.addEventListener("a", 1)].map((run) => said(run)?.split(" ")[0] ?? "nothing"),
        detail: [new CustomEvent("a").detail, new CustomEvent("a", { detail: [1] }).detail, new CustomEvent("a") instanceof Event],
        shape: [Event, EventTarget, AbortController, AbortSignal, CustomEvent].map((type) => `${Object.prototype.toString.call(type.prototype)} ${type.length}`),
        flags: (({ bubbles, cancelable, composed, type, isTrusted }) => [bubbles, cancelable, composed, type, isTrusted])(new Event("q", { bubbles: true, composed: 1 })),
        constants: [Event.NONE, Event.AT_TARGET, Event.prototype.BUBBLING_PHASE],
    };
}
