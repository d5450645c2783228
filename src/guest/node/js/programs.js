// Programs: text that is evaluated whole, with `await` and `return` at its top level, and whose value is that of its last
// expression.
//
// A program becomes the body of an async function, in which each statement that is an expression leaves its value in a
// variable. What is put into its lines for that is told to positions.js, so that stacks show the places of the user's text.
// The text's first line is line 0: imports, as the host makes them of the declarations at the top.
'use strict';

const {
  ArrayPrototypePush,
  ArrayPrototypeSort,
  ObjectDefineProperty,
  SafeMap,
  SafeSet,
  StringPrototypeCharCodeAt,
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  SyntaxError,
} = node.primordials;
const { Script } = node.require('vm');
const { parse } = node.require('internal/deps/acorn/acorn/dist/acorn');
const positions = use('positions.js');
const modules = use('modules.js');

const kOptions = {
  __proto__: null,
  ecmaVersion: 'latest',
  sourceType: 'script',
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
};

const kBefore = "'use strict';";

// The text with what is put into it. Insertions at the same place stay in the order in which they were made.
class Edits {
  constructor(text) {
    this.text = text;
    this.list = [];
  }

  insert(at, text) {
    ArrayPrototypePush(this.list, { at, text, order: this.list.length });
  }

  // Puts as many characters in the place of others, which moves nothing.
  replace(at, text) {
    ArrayPrototypePush(this.list, { at, text, replaces: text.length, order: this.list.length });
  }

  apply(insertions) {
    const list = ArrayPrototypeSort(this.list, (a, b) => a.at - b.at || a.order - b.order);
    let result = '';
    let from = 0;
    let line = 0;
    let lineStart = 0;
    for (let i = 0; i < list.length; ++i) {
      const { at, text, replaces = 0 } = list[i];
      for (let end; (end = StringPrototypeIndexOf(this.text, '\n', lineStart)) >= 0 && end < at;) {
        ++line;
        lineStart = end + 1;
      }
      if (replaces === 0) positions.add(insertions, line, at - lineStart, text.length);
      result += StringPrototypeSlice(this.text, from, at) + text;
      from = at + replaces;
    }
    return result + StringPrototypeSlice(this.text, from);
  }
}

const endsWith = (text, node, c) => StringPrototypeCharCodeAt(text, node.end - 1) === StringPrototypeCharCodeAt(c, 0);

class Rewriter {
  constructor(text, variable) {
    this.edits = new Edits(text);
    this.text = text;
    this.variable = variable;
  }

  expression(statement) {
    const ended = endsWith(this.text, statement, ';');
    this.edits.insert(statement.start, `${this.variable}=(`);
    this.edits.insert(ended ? statement.end - 1 : statement.end, ended ? ')' : ');');
  }

  all(statements) {
    for (let i = 0; i < statements.length; ++i) this.statement(statements[i], true);
  }

  // `inList`: something may be put before it.
  statement(statement, inList) {
    if (statement === null) return;
    const { type } = statement;
    const compound = type === 'IfStatement' || type === 'SwitchStatement' || type === 'TryStatement' ||
      type === 'WhileStatement' || type === 'DoWhileStatement' || type === 'ForStatement' || type === 'ForInStatement' ||
      type === 'ForOfStatement';
    if (compound && inList) this.edits.insert(statement.start, `${this.variable}=void 0;`);
    switch (type) {
      case 'ExpressionStatement': return this.expression(statement);
      case 'BlockStatement': return this.all(statement.body);
      case 'IfStatement':
        this.statement(statement.consequent, false);
        return this.statement(statement.alternate, false);
      case 'TryStatement':
        this.all(statement.block.body);
        if (statement.handler !== null) this.all(statement.handler.body.body);
        return;
      case 'SwitchStatement':
        for (let i = 0; i < statement.cases.length; ++i) this.all(statement.cases[i].consequent);
        return;
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'LabeledStatement':
        return this.statement(statement.body, false);
      default:
    }
  }
}

function namesOf(pattern, names) {
  switch (pattern?.type) {
    case 'Identifier': names.add(pattern.name); break;
    case 'ObjectPattern':
      for (let i = 0; i < pattern.properties.length; ++i) {
        const property = pattern.properties[i];
        namesOf(property.type === 'RestElement' ? property.argument : property.value, names);
      }
      break;
    case 'ArrayPattern':
      for (let i = 0; i < pattern.elements.length; ++i) namesOf(pattern.elements[i], names);
      break;
    case 'AssignmentPattern': namesOf(pattern.left, names); break;
    case 'RestElement': namesOf(pattern.argument, names); break;
    default:
  }
}

// Makes properties of the global object of what a program declares at its top level: declarations become assignments.
// Gives the names, and which of them are functions and constants.
function keepNames(rewriter, statements) {
  const { edits, text } = rewriter;
  const kept = { names: new SafeSet(), functions: [], constants: new SafeSet() };
  for (let i = 0; i < statements.length; ++i) {
    const statement = statements[i];
    const { type, kind } = statement;
    if (type === 'FunctionDeclaration') {
      kept.names.add(statement.id.name);
      ArrayPrototypePush(kept.functions, statement.id.name);
    } else if (type === 'ClassDeclaration') {
      kept.names.add(statement.id.name);
      edits.insert(statement.start, `${statement.id.name}=`);
      edits.insert(statement.end, ';');
    } else if (type === 'VariableDeclaration' && (kind === 'const' || kind === 'let' || kind === 'var')) {
      edits.replace(statement.start, `${StringPrototypeRepeat(' ', kind.length - 1)}(`);
      const { declarations } = statement;
      for (let k = 0; k < declarations.length; ++k) {
        const { id, init, end } = declarations[k];
        namesOf(id, kept.names);
        if (kind === 'const') namesOf(id, kept.constants);
        if (init === null && kind === 'let') edits.insert(end, '=void 0');
      }
      edits.insert(declarations[declarations.length - 1].end, ');');
    } else if (!endsWith(text, statement, ';') && !endsWith(text, statement, '}') && type !== 'ExpressionStatement') {
      edits.insert(statement.end, ';');  // a parenthesis may follow now
    }
  }
  return kept;
}

function variableNotIn(text) {
  let name = '$value';
  while (StringPrototypeIncludes(text, name)) name += '$';
  return name;
}

function compileBody(name, before, body, after) {
  return new Script(`(async () => {${before}${body}\n${after}})`, {
    filename: name,
    lineOffset: -1,
    importModuleDynamically: (specifier, referrer, attributes) => modules.importFrom(name, specifier, attributes),
  });
}

// What is said beside the engine's own words.
function withHint(thrown) {
  const { message } = thrown;
  if (StringPrototypeIncludes(message, 'export')) {
    thrown.message += "; a program exports nothing: its result is what it returns, or its last expression's value";
  } else if (StringPrototypeIncludes(message, 'import statement')) {
    thrown.message += '; static imports stand at the top of a program, before all else: use await import() elsewhere';
  }
  return thrown;
}

function parsed(name, text) {
  try {
    return parse(text, kOptions);
  } catch (thrown) {
    try {
      compileBody(name, kBefore, text, '');  // the engine's own error names the place as all others
    } catch (own) {
      throw withHint(own);
    }
    throw new SyntaxError(thrown.message);
  }
}

// A program as a function that runs it, and gives a promise of its value. `keepsNames`: what it declares is there for what
// runs after it, as properties of the global object.
function compile(name, text, keepsNames) {
  const { body } = parsed(name, text);
  const variable = variableNotIn(text);
  const rewriter = new Rewriter(text, variable);
  rewriter.all(body);
  const kept = keepsNames ? keepNames(rewriter, body) : undefined;
  const insertions = new SafeMap();
  const rewritten = rewriter.edits.apply(insertions);
  let before = `${kBefore}let ${variable};`;
  for (let i = 0; i < (kept?.functions.length ?? 0); ++i) {
    before += `globalThis.${kept.functions[i]}=${kept.functions[i]};`;
  }
  let run;
  try {
    run = compileBody(name, before, rewritten, `;return ${variable};`).runInThisContext();
  } catch (thrown) {
    // What the parser lets pass.
    compileBody(name, kBefore, text, '');
    throw thrown;
  }
  positions.note(name, insertions);
  if (kept === undefined) return run;
  return async () => {
    for (const key of kept.names) define(key, undefined, true);
    try {
      return await run();
    } finally {
      for (const key of kept.constants) define(key, globalThis[key], false);
    }
  };
}

function define(key, value, writable) {
  ObjectDefineProperty(globalThis, key, { __proto__: null, value, writable, enumerable: true, configurable: true });
}

exports.compile = compile;
exports.showEvent = (event) => ObjectDefineProperty(globalThis, 'event', {
  __proto__: null, value: event, writable: true, enumerable: false, configurable: true,
});
exports.hideEvent = () => delete globalThis.event;
