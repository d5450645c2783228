// load-error: SyntaxError:
// load-error: (syntax_error_at_end.js:6:1)
// flags: syntax-error
function handler(event) {
    return 1;
