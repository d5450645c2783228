// load-error: SyntaxError: Unexpected token ';' (syntax_error_unclosed.js:5:18)
// flags: syntax-error

function handler(event) {
    return { a: 1;
