// console.table: rows and columns of what is in a list, an object, a Map or a Set, drawn with lines.
'use strict';

const kIndex = '(index)';
const kIteration = '(iteration index)';
const kValues = 'Values';

const isObject = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

// What a cell shows: of objects with much in them no more than what they are.
function shown(value) {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 2) {
    return Array.isArray(value) ? '[Array]' : '[Object]';
  }
  return native.inspect(value);
}

// How many places a text takes; letters of eastern Asia take two.
function widthOf(text) {
  let width = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0);
    if (/\p{M}/u.test(letter)) continue;
    width += code >= 0x1100 && /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\uff01-\uff60\u3001-\u303f]/u.test(letter) ? 2 : 1;
  }
  return width;
}

function lines(heads, columns) {
  const height = Math.max(...columns.map((column) => column.length));
  const widths = heads.map((head, i) => {
    let width = widthOf(head);
    for (let row = 0; row < height; ++row) width = Math.max(width, widthOf(columns[i][row] ?? ''));
    return width + 2;
  });
  const rule = (left, middle, right) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const line = (cells) =>
    `│${cells.map((cell, i) => ` ${cell}${' '.repeat(widths[i] - 1 - widthOf(cell))}`).join('│')}│`;
  const all = [rule('┌', '┬', '┐'), line(heads), rule('├', '┼', '┤')];
  for (let row = 0; row < height; ++row) all.push(line(columns.map((column) => column[row] ?? '')));
  all.push(rule('└', '┴', '┘'));
  return all.join('\n');
}

exports.draw = (data, wanted) => {
  const entries = native.entriesOf(data);
  if (entries !== undefined) {
    const items = Array.from(entries.list);
    const numbers = [];
    if (entries.isMap) {
      const keys = [];
      const values = [];
      for (let i = 0; i < items.length; i += 2) {
        numbers.push(String(i / 2));
        keys.push(shown(items[i]));
        values.push(shown(items[i + 1]));
      }
      return lines([kIteration, 'Key', kValues], [numbers, keys, values]);
    }
    return lines([kIteration, kValues], [items.map((_, i) => String(i)), items.map(shown)]);
  }
  const names = Object.keys(data);
  const columns = new Map();
  const simple = [];
  let hasSimple = false;
  names.forEach((name, row) => {
    const item = data[name];
    if (!isObject(item) && wanted === undefined) {
      simple[row] = shown(item);
      hasSimple = true;
      return;
    }
    for (const key of wanted === undefined ? Object.keys(item) : Array.from(wanted, String)) {
      if (!columns.has(key)) columns.set(key, []);
      columns.get(key)[row] = isObject(item) && Object.hasOwn(item, key) ? shown(item[key]) : '';
    }
  });
  const heads = [kIndex, ...columns.keys()];
  const cells = [names, ...columns.values()];
  if (hasSimple) {
    heads.push(kValues);
    cells.push(simple);
  }
  return lines(heads, cells);
};
