// load-error: RangeError: too bad
// stack: top_level_throws.js:5:11
// stack@node: at top_level_throws.js:5:7
function handler() {}
throw new RangeError("too bad");
