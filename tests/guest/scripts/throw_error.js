// event: null
// error: TypeError: cannot read property 'x' of null (event)
// stack: at inner (throw_error.js:11:12)
// stack: at handler (throw_error.js:14:38)
// error@node: TypeError: Cannot read properties of null (reading 'x')
// stack@node: at inner (throw_error.js:11:18)
// stack@node: at handler (throw_error.js:14:32)
// event: 1
// result: "still well"
function inner(event) {
    return event.x;
}
function handler(event) {
    if (event === null) return inner(event);
    return "still well";
}
