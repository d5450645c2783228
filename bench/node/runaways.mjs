// Handlers that run for seconds inside one function of the engine, each in its own way.
export const runaways = [
  { what: 'a regular expression', source: "return /^(a+)+$/.test('a'.repeat(40) + 'b');" },
  { what: 'a power of a BigInt', source: 'return String(3n ** 40000000n).length;' },
  { what: 'a text in a text', source: "return ('a'.repeat(4e6) + 'c').indexOf('a'.repeat(2e6) + 'b' + 'a'.repeat(10));" },
  { what: 'Array.prototype.indexOf', source: 'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);' },
  { what: 'Array.prototype.lastIndexOf', source: 'return Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1);' },
  { what: 'Array.prototype.every', source: 'return Array.prototype.every.call({ length: 2 ** 53 - 1 }, Boolean);' },
  { what: 'Array.prototype.reverse', source: 'return Array.prototype.reverse.call({ length: 2 ** 53 - 1 });' },
  { what: 'Array.prototype.join', source: "return Array.prototype.join.call({ length: 2 ** 31 }, '');" },
  { what: 'sorting numbers', source: 'const all = new Float64Array(5e6); for (let i = 0; i < all.length; ++i) all[i] = (i * 7919) % 5000011; for (let i = 0; i < 50; ++i) { all.sort((a, b) => b - a); all.sort(); } return 1;' },
  { what: 'compiling a script', source: "return new Function('a=1;'.repeat(3e6)).length;" },
  { what: 'JSON of one object a million times', source: "const one = { text: 'x'.repeat(20) }; const all = Array(1e6).fill(one); for (let i = 0; i < 100; ++i) JSON.stringify(all); return 1;" },
];
