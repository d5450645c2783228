// load-error: SyntaxError: duplicate exported name 'handler' (syntax_error_two_exports.js:5:27)
// flags: syntax-error
export function handler() {}
const other = 1;
export { other as handler };
