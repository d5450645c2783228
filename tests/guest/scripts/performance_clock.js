// result: [true,true]
function handler() {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    return [now > start, now - start < 1000];
}
