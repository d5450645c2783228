// Takes the types out of TypeScript: blanks in their place, so that all else stays where it was. Runs in a sandbox of its own,
// beside the parser of npm's @babel/parser.
//
// What is taken away can join what stands before it with what stands behind it: a line break ended a statement because a type
// followed. There, a semicolon takes the place of a blank.
import { parse } from './parser.js';

class Unsupported extends Error {
  constructor(what, node) {
    super(what);
    this.at = node.loc.start;
  }
}

const kRefused = {
  __proto__: null,
  TSEnumDeclaration: 'an enum is code of its own: write an object, { A: 0, B: 1 } as const',
  TSModuleDeclaration: 'a namespace is code of its own: write a module',
  TSParameterProperty: "a parameter property assigns to `this`: declare a field, and assign to it in the constructor's body",
  TSImportEqualsDeclaration: '`import x = ...` is code of its own: write import x from "..." or const x = require("...")',
  TSExportAssignment: '`export =` is code of its own: write export default',
  Decorator: 'decorators are code that no engine here has: call the function yourself',
};

// Declarations without any code, beside those that say `declare` and namespaces of such.
const kTypeDeclarations = new Set([
  'TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSDeclareFunction', 'TSDeclareMethod', 'TSIndexSignature',
  'TSNamespaceExportDeclaration',
]);

const isWithoutCode = (node) => {
  const { type } = node;
  if (kTypeDeclarations.has(type) || node.declare === true || type === 'EmptyStatement') return true;
  if (type === 'TSModuleDeclaration') return isWithoutCode(node.body);
  if (type === 'TSModuleBlock') return node.body.every(isWithoutCode);
  if (type === 'ExportNamedDeclaration') return node.exportKind === 'type' || node.declaration != null && isWithoutCode(node.declaration);
  return (type === 'ImportDeclaration' || type === 'TSImportEqualsDeclaration') && node.importKind === 'type';
};

// Where a node is blank from its beginning to its end.
const kTypes = new Set(['TSTypeAnnotation', 'TSTypeParameterDeclaration', 'TSTypeParameterInstantiation']);

const kModifiers = new Set(['public', 'private', 'protected', 'readonly', 'override', 'abstract', 'declare']);

// Statements and members that a line break can end.
const kEndedByLine = new Set([
  'ExpressionStatement', 'VariableDeclaration', 'ReturnStatement', 'ThrowStatement', 'ExportDefaultDeclaration',
  'ClassProperty', 'ClassPrivateProperty', 'ClassAccessorProperty',
]);

const isNode = (value) => typeof value === 'object' && value !== null && typeof value.type === 'string';
const isLineBreak = (c) => c === '\n' || c === '\r' || c === '\u2028' || c === '\u2029';
const isWordPart = (c) => c !== undefined && /[\p{ID_Continue}$\u200c\u200d]/u.test(c);

class Stripper {
  constructor(text, comments) {
    this.text = text;
    this.out = text.split('');
    this.ends = new Map();  // where blanks begin, by where they end
    this.comments = new Map(comments.map(({ start, end }) => [start, end]));
  }

  blank(from, to) {
    for (let i = from; i < to; ++i) if (!isLineBreak(this.text[i])) this.out[i] = ' ';
    this.ends.set(to, from);
  }

  // A whole statement or member.
  drop(from, to) {
    this.blank(from, to);
    this.out[from] = ';';
  }

  // The next place that is neither blank nor in a comment.
  skip(at) {
    for (;;) {
      const end = this.comments.get(at);
      if (end !== undefined) {
        at = end;
      } else if (at < this.text.length && /\s/.test(this.text[at])) {
        ++at;
      } else {
        return at;
      }
    }
  }

  wordAt(at) {
    let end = at;
    while (isWordPart(this.text[end])) ++end;
    return this.text.slice(at, end);
  }

  // Blanks a sign that stands at `at` or behind blanks.
  blankSign(at, signs) {
    const found = this.skip(at);
    if (signs.includes(this.text[found])) this.blank(found, found + 1);
  }

  // Where a word stands between two places.
  find(word, from, to) {
    for (let at = this.skip(from); at < to; at = this.skip(at)) {
      const here = this.wordAt(at);
      if (here === word) return at;
      at += here.length || 1;
    }
    return -1;
  }

  // With the comma behind it.
  blankInList(node) {
    const comma = this.skip(node.end);
    this.blank(node.start, this.text[comma] === ',' ? comma + 1 : node.end);
  }

  visit(node, parent) {
    const { type } = node;
    if (kTypes.has(type)) return this.blank(node.start, node.end);
    if (kTypeDeclarations.has(type) || node.declare === true || node.abstract === true && type !== 'ClassDeclaration' && type !== 'ClassExpression') {
      return this.drop(node.start, node.end);
    }
    if (type === 'TSModuleDeclaration' && (node.kind === 'global' || isWithoutCode(node))) return this.drop(node.start, node.end);
    if (type === 'TSImportEqualsDeclaration' && node.importKind === 'type') return this.drop(node.start, node.end);
    if (type in kRefused) throw new Unsupported(kRefused[type], node);
    const own = this[type];
    if (own !== undefined && own.call(this, node, parent) === false) return;
    if (node.optional === true && type === 'Identifier') this.blankSign(node.start + node.name.length, '?');
    this.children(node);
    if (kEndedByLine.has(type) && !parent.type.startsWith('For')) this.end(node);
  }

  children(node) {
    for (const key in node) {
      if (key === 'loc' || key === 'extra' || key.endsWith('Comments')) continue;
      const value = node[key];
      if (Array.isArray(value)) {
        for (const each of value) if (isNode(each)) this.visit(each, node);
      } else if (isNode(value)) {
        this.visit(value, node);
      }
    }
  }

  // A statement that ended with its line may go on in the next one now.
  end(node) {
    const from = this.ends.get(node.end);
    if (from !== undefined && !isLineBreak(this.text[from])) this.out[from] = ';';
  }

  ImportDeclaration(node) {
    if (node.importKind === 'type') return this.drop(node.start, node.end), false;
    for (const each of node.specifiers) if (each.importKind === 'type') this.blankInList(each);
    return false;
  }

  ExportNamedDeclaration(node) {
    const { declaration } = node;
    if (node.exportKind === 'type' || declaration && isWithoutCode(declaration)) return this.drop(node.start, node.end), false;
    for (const each of node.specifiers) if (each.exportKind === 'type') this.blankInList(each);
    return declaration ? undefined : false;
  }

  ExportAllDeclaration(node) {
    if (node.exportKind === 'type') return this.drop(node.start, node.end), false;
    return false;
  }

  ExportDefaultDeclaration(node) {
    if (kTypeDeclarations.has(node.declaration.type)) return this.drop(node.start, node.end), false;
  }

  TSAsExpression(node) {
    this.visit(node.expression, node);
    this.blank(node.expression.end, node.end);
    return false;
  }

  TSSatisfiesExpression(node) {
    return this.TSAsExpression(node);
  }

  TSNonNullExpression(node) {
    this.visit(node.expression, node);
    this.blank(node.end - 1, node.end);
    return false;
  }

  TSTypeAssertion(node) {
    const { expression, start } = node;
    for (let i = start; i < expression.start; ++i) {
      if (isLineBreak(this.text[i])) throw new Unsupported('a type assertion has to stand on one line: write `x as T`', node);
    }
    this.blank(start, expression.start);
    this.visit(expression, node);
    return false;
  }

  VariableDeclarator(node) {
    if (node.definite === true) this.blankSign(node.id.start + node.id.name.length, '!');
  }

  parameters(node) {
    const first = node.params[0];
    if (first?.type === 'Identifier' && first.name === 'this') this.blankInList(first);
    for (const each of node.params) {
      if (each.optional === true && each.type !== 'Identifier') {
        this.blankSign(each.typeAnnotation ? this.before(each.typeAnnotation.start) : each.end, '?');
      }
    }
  }

  // The place of the last sign before `at`.
  before(at) {
    do --at; while (/\s/.test(this.text[at]));
    return at;
  }

  FunctionDeclaration(node) { this.parameters(node); }
  FunctionExpression(node) { this.parameters(node); }
  ObjectMethod(node) { this.parameters(node); }

  // The arrow has to stand on the line of the parenthesis before it.
  ArrowFunctionExpression(node) {
    const { returnType, typeParameters } = node;
    if (typeParameters && node.async) {
      const paren = this.skip(typeParameters.end);
      if (/[\n\r\u2028\u2029]/.test(this.text.slice(node.start, paren))) {
        throw new Unsupported('the type parameters of an asynchronous arrow function have to stand on its line', node);
      }
    }
    if (!returnType) return;
    const paren = this.before(returnType.start);
    if (this.text[paren] !== ')' || !/[\n\r\u2028\u2029]/.test(this.text.slice(paren, returnType.end))) return;
    this.visitWithin(node);
    this.blank(paren, returnType.end);
    this.out[returnType.end - 1] = ')';
    return false;
  }

  visitWithin(node) {
    this.parameters(node);
    this.children(node);
  }

  ClassDeclaration(node) { this.classHead(node); }
  ClassExpression(node) { this.classHead(node); }

  classHead(node) {
    if (node.abstract === true) {
      const at = this.find('abstract', node.start, node.body.start);
      if (at >= 0) this.blank(at, at + 'abstract'.length);
    }
    const list = node.implements;
    if (!list?.length) return;
    const from = Math.max(node.id?.end ?? 0, node.typeParameters?.end ?? 0, node.superClass?.end ?? 0,
                          node.superTypeArguments?.end ?? 0, node.start);
    const at = this.find('implements', from, list[0].start);
    this.blank(at, list[list.length - 1].end);
    node.implements = null;
  }

  member(node) {
    let first = true;
    for (let at = node.start; at < node.key.start;) {
      at = this.skip(at);
      const word = this.wordAt(at);
      if (word === '') break;
      if (at >= node.key.start) break;
      if (kModifiers.has(word)) {
        this.blank(at, at + word.length);
        if (first) this.out[at] = ';';
      }
      first = false;
      at += word.length;
    }
    let behind = node.key.end;
    if (node.computed) behind = this.skip(behind) + 1;
    if (node.optional === true) this.blankSign(behind, '?');
    if (node.definite === true) this.blankSign(behind, '!');
  }

  ClassProperty(node) { this.member(node); }
  ClassPrivateProperty(node) { this.member(node); }
  ClassAccessorProperty(node) { this.member(node); }
  ClassMethod(node) { this.member(node); this.parameters(node); }
  ClassPrivateMethod(node) { this.member(node); this.parameters(node); }
}

function strip(text, isCommonJs) {
  const file = parse(text, {
    sourceType: isCommonJs ? 'script' : 'module',
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: !isCommonJs,
    createParenthesizedExpressions: true,
    attachComment: false,
    plugins: ['typescript', 'decorators'],
  });
  const stripper = new Stripper(text, file.comments);
  stripper.visit(file.program, file);
  return stripper.out.join('');
}

// { text } or { message, line, column }; the place counts from one.
export function handler({ text, isCommonJs }) {
  try {
    return { text: strip(text, isCommonJs) };
  } catch (thrown) {
    const at = thrown.at ?? thrown.loc;
    if (at === undefined) throw thrown;
    return { message: thrown.message.replace(/ \(\d+:\d+\)$/, ''), line: at.line, column: at.column + 1 };
  }
}
