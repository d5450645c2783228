// error: TypeError: value is not iterable
// stack: not_iterable_literal.js:8:24
// error@node: TypeError: {} is not iterable
// stack@node: not_iterable_literal.js:8:24
// A literal has no name, but a place.
export function handler() {
    let sum = 0;
    for (const each of {}) sum += each;
    return sum;
}
