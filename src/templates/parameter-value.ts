import os from 'node:os';
import path from 'node:path';
import { withinBudget } from '../domain/schemas/budget';
import { LinearPattern } from '../domain/schemas/linear-pattern';
import { type TemplateParameter } from './template-members';
import { kindOf, shownValue } from '../inventory/config/shown-value';

/** Value given for a parameter; a string is parsed according to the parameter's type. */
export type ParameterInput = string | number | boolean | readonly string[];

/** One text per value; only a list has more than one. */
export type CheckedParameter = { texts: string[] } | { problem: string };

/** A text that is exactly one reference, which the host resolves when the server starts. */
const REFERENCE = /^\$\{[^}]+\}$/;
const MIXED = /\$\{(?:file:[^}]+|[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?)\}/;
const TRUE = ['true', 'yes', 'on', '1'];
const FALSE = ['false', 'no', 'off', '0'];

export function isReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** Checks the value of a parameter. Relative paths start at `baseDir`. No problem shows a secret. */
export function checkParameter(
  parameter: TemplateParameter,
  input: ParameterInput,
  baseDir: string,
): CheckedParameter {
  const given = textsOf(parameter, input);
  if (parameter.type !== 'list' && given.length !== 1) {
    return { problem: `expected one value, got ${given.length}` };
  }
  if (given.length === 0) return { problem: 'expected one or more values, got none' };
  const texts: string[] = [];
  for (const text of given) {
    const problem = isReference(text) ? undefined : problemOf(parameter, text);
    if (problem !== undefined) return { problem };
    texts.push(isReference(text) ? text : canonical(parameter, text, baseDir));
  }
  return { texts };
}

/** Splits a list, which may also be `a,b` or `["a,b"]`. */
function textsOf({ type }: TemplateParameter, input: ParameterInput): string[] {
  if (typeof input === 'object') return type === 'list' ? input.flatMap(splitList) : [...input];
  return type === 'list' ? splitList(String(input)) : [String(input)];
}

function splitList(text: string): string[] {
  if (text.startsWith('[')) {
    try {
      const value: unknown = JSON.parse(text);
      if (Array.isArray(value)) return value.map(String);
    } catch {
      // It only begins like a JSON array.
    }
  }
  return text.split(',').map((item) => item.trim());
}

function problemOf(parameter: TemplateParameter, text: string): string | undefined {
  const { type, secret, pattern, options = [] } = parameter;
  const got = secret ? kindOf(text) : shownValue(text);
  if (text.trim() === '') return `expected ${nounOf(parameter)}, got nothing`;
  if (text.includes('\0')) return 'expected a string without NUL characters';
  if (secret && MIXED.test(text)) {
    return 'expected a value or a single reference such as ${NAME}, got a mixture, the rest of which would be readable by anyone';
  }
  if (!fits(type, text, options)) return `expected ${nounOf(parameter)}, got ${got}`;
  if (pattern === undefined || isMatch(pattern, text)) return undefined;
  const example = parameter.example === undefined ? `/${pattern}/` : parameter.example;
  return `expected something like ${example}, got ${got}`;
}

function isMatch(pattern: string, text: string): boolean {
  const matcher = new LinearPattern(`^(?:${pattern})$`);
  return withinBudget((value) => matcher.test(value), text);
}

function fits(type: TemplateParameter['type'], text: string, options: string[]): boolean {
  switch (type) {
    case 'number':
      return Number.isFinite(Number(text));
    case 'boolean':
      return [...TRUE, ...FALSE].includes(text.toLowerCase());
    case 'url':
      return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text);
    case 'enum':
      return options.includes(text);
    case 'string':
    case 'path':
    case 'list':
      return true;
  }
}

function nounOf({ type, options = [] }: TemplateParameter): string {
  switch (type) {
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'url':
      return 'a URL such as https://example.com';
    case 'enum':
      return options.map((option) => JSON.stringify(option)).join(' or ');
    case 'path':
      return 'a path';
    case 'list':
      return 'one or more values';
    case 'string':
      return 'a string';
  }
}

function canonical({ type, items }: TemplateParameter, text: string, baseDir: string): string {
  if (type === 'boolean') return String(TRUE.includes(text.toLowerCase()));
  const isPath = type === 'path' || (type === 'list' && items === 'path');
  if (!isPath || text.startsWith('${')) return text;
  const expanded = /^~(?=\/|$)/.test(text) ? path.join(os.homedir(), text.slice(1)) : text;
  return path.resolve(baseDir, expanded);
}
