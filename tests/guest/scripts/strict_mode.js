// event: 1
// error: ReferenceError: undeclared is not defined
// stack: strict_mode.js:5:5
function handler() {
    undeclared = 1;
}
