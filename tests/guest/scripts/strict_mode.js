// event: 1
// error: ReferenceError: undeclared is not defined
// stack: strict_mode.js:6:5
// stack@node: at handler (strict_mode.js:6:16)
function handler() {
    undeclared = 1;
}
