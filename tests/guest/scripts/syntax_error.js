// load-error: SyntaxError:
// load-error: (syntax_error.js:7:14)
// flags: syntax-error

function handler(event) {
    const x = 1;
    return x y;
}
