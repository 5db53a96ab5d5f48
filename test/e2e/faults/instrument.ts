import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A place at which something is awaited, or the store or a journal is used. */
export interface Site {
  id: number;
  /** `file:line text`, for people. */
  where: string;
}

export interface Instrumented {
  sites: Site[];
  /** JavaScript in place of what the build has made of each file. */
  programs: { file: string; code: string }[];
}

/** What stores and journals, and those who are told beside the caller, are called where they are used. */
const STORES = /^#?(results|store|callLog|calls|sent|log|index|db|notices|isolation)$/;

/** They look into a map, and wait for nothing. */
const LOOKS = /^(get|has|set|delete|keys|values|entries)$/;

/**
 * Lets a hook throw before or after each site of these files: `__fault(id, when)`, and tells it when the first byte of a call goes
 * out: `__sent()`. See fixtures/fault-hook.js.
 */
export function instrument(root: string, files: readonly string[]): Instrumented {
  const sites: Site[] = [];
  const programs = files.map((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
    const add = (node: ts.Node) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const [first = ''] = node.getText().split('\n');
      sites.push({ id: sites.length, where: `${file}:${line + 1} ${first}` });
      return sites.length - 1;
    };
    const { outputText } = ts.transpileModule(text, {
      fileName: file,
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS },
      transformers: { before: [faultsAt(add)] },
    });
    return { file: file.replace(/\.ts$/, '.js'), code: outputText };
  });
  return { sites, programs };
}

/** `x` becomes `__fault(id, 'after', (__fault(id, 'before'), x))`, and the call of `onSent` becomes `__sent(onSent())`. */
function faultsAt(add: (node: ts.Node) => number): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const hook = (name: string, ...args: ts.Expression[]) =>
      factory.createCallExpression(factory.createIdentifier(name), undefined, args);
    const fault = (id: number, when: string, ...value: ts.Expression[]) =>
      hook(
        '__fault',
        factory.createNumericLiteral(id),
        factory.createStringLiteral(when),
        ...value,
      );
    const visit = (node: ts.Node): ts.Node => {
      if (isFirstByte(node)) return hook('__sent', node);
      if (!isSite(node)) return ts.visitEachChild(node, visit, context);
      const id = add(node);
      const visited = ts.visitEachChild(node, visit, context);
      if (!ts.isExpression(visited)) return visited;
      if (isWaitOnly(node)) return fault(id, 'after', visited);
      const value = factory.createComma(fault(id, 'before'), visited);
      return fault(id, 'after', factory.createParenthesizedExpression(value));
    };
    return (source) => ts.visitEachChild(source, visit, context);
  };
}

/** What it waits for is under way already: nothing can throw before it does. */
function isWaitOnly(node: ts.Node): boolean {
  return ts.isAwaitExpression(node) && ts.isIdentifier(node.expression);
}

/** Where those are told who have to know that a call is sent. */
function isFirstByte(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  return node.expression.name.text === 'onSent';
}

function isSite(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node)) return true;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression: receiver, name: method } = node.expression;
  if (LOOKS.test(method.text)) return false;
  const name = ts.isPropertyAccessExpression(receiver) ? receiver.name : receiver;
  const isStore = (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) && STORES.test(name.text);
  return isStore && !ts.isAwaitExpression(node.parent);
}
