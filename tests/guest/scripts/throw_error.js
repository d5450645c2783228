// event: null
// error: TypeError: cannot read property 'x' of null
// stack: at inner (throw_error.js:8:12)
// stack: at handler (throw_error.js:11:38)
// event: 1
// result: "still well"
function inner(event) {
    return event.x;
}
function handler(event) {
    if (event === null) return inner(event);
    return "still well";
}
