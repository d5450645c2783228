// load-error: SyntaxError: duplicate exported name 'handler' (syntax_error_two_exports.js:6:27)
// flags: syntax-error
// load-error@node: SyntaxError: Duplicate export of 'handler' (syntax_error_two_exports.js:6:10)
export function handler() {}
const other = 1;
export { other as handler };
