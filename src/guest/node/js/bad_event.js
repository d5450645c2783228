// What the host is told of an event that is not JSON: what is wrong, at which byte, and in which line and column, both
// of which count bytes from 1. V8 names the position in some of its messages only, so it is looked for here.
'use strict';

const {
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = node.primordials;
const { Buffer } = node.require('buffer');
const { byteLength } = Buffer;

const kSpace = /[ \t\n\r]*/y;
const kNumber = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const kText = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

// Reads as far as the text is JSON. Goes down into lists and objects by a stack of its own: an event may be nested deep.
class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = RegExpPrototypeExec(pattern, this.text);
    if (found === null) return false;
    this.at += found[0].length;
    return true;
  }

  take(what) {
    this.match(kSpace);
    if (!StringPrototypeStartsWith(this.text, what, this.at)) return false;
    this.at += what.length;
    return true;
  }

  takeText() {
    this.match(kSpace);
    return this.match(kText) && this.text[this.at] === '"' && ++this.at > 0;
  }

  takeWord(word) {
    return StringPrototypeStartsWith(this.text, word, this.at) && (this.at += word.length) > 0;
  }

  // A value that holds no other. False where it goes wrong.
  takeSimple() {
    this.match(kSpace);
    switch (this.text[this.at]) {
      case '"': return this.takeText();
      case 't': return this.takeWord('true');
      case 'f': return this.takeWord('false');
      case 'n': return this.takeWord('null');
      default: return this.match(kNumber);
    }
  }

  takeKey() {
    return this.takeText() && this.take(':');
  }

  // Where the text stops to be JSON, or its end.
  faultPosition() {
    let open = '';  // the brackets to be closed, one character each
    for (;;) {
      // A value is due.
      if (this.take('{')) {
        if (!this.take('}')) {
          open += '}';
          if (!this.takeKey()) return this.at;
          continue;
        }
      } else if (this.take('[')) {
        if (!this.take(']')) {
          open += ']';
          continue;
        }
      } else if (!this.takeSimple()) {
        return this.at;
      }
      // A value is over.
      for (;;) {
        if (open === '') {
          this.match(kSpace);
          return this.at;
        }
        const closing = open[open.length - 1];
        if (this.take(closing)) {
          open = StringPrototypeSlice(open, 0, -1);
          continue;
        }
        if (!this.take(',')) return this.at;
        if (closing === '}' && !this.takeKey()) return this.at;
        break;
      }
    }
  }
}

// V8's message without what is said again: the position, and a piece of the text.
function reasonOf(error) {
  const { message } = error;
  const again = RegExpPrototypeExec(/ (?:in|after) JSON at position \d|, (?:\.\.\.)?".*is not valid JSON$/s, message);
  return again === null ? message : StringPrototypeSlice(message, 0, again.index);
}

function lineOf(text) {
  let line = 1;
  for (let i = 0; i < text.length; ++i) {
    if (StringPrototypeCharCodeAt(text, i) === 10) ++line;
  }
  return line;
}

function describeBadEvent(error, event) {
  if (error === null || typeof error !== 'object' || error.name !== 'SyntaxError') {
    // Too large for the heap or the stack: whoever sent it can do something about that.
    return `the event cannot become a value: ${error?.name}: ${error?.message}`;
  }
  const atEnd = StringPrototypeIndexOf(error.message, 'Unexpected end of JSON') >= 0;
  const position = atEnd ? event.length : new Reader(event).faultPosition();
  const before = StringPrototypeSlice(event, 0, position);
  const lineStart = StringPrototypeLastIndexOf(before, '\n') + 1;
  const column = byteLength(StringPrototypeSlice(before, lineStart)) + 1;
  return `the event is not JSON: ${reasonOf(error)} at byte ${byteLength(before)} (line ${lineOf(before)}, column ${column})`;
}

exports.describeBadEvent = describeBadEvent;
