// result: [true,true,true,true,true,true,true,"[object Performance]"]
function handler() {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    const origin = performance.timeOrigin;
    return [
        now > start,
        now - start < 1000,
        start >= 0 && start < 60_000, // the sandbox has only just begun
        Math.abs(origin + performance.now() - Date.now()) < 1000,
        origin === performance.timeOrigin,
        [start, now, origin].every((time) => Number.isInteger(time * 8)), // by steps of 0.125 ms
        Number.isInteger(Date.now()),
        String(performance),
    ];
}
