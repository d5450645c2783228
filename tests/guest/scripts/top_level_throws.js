// load-error: RangeError: too bad
// stack: top_level_throws.js:4:11
function handler() {}
throw new RangeError("too bad");
