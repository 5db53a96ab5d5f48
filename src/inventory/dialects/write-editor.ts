import { mapTexts } from '../../base/map-texts';
import { type ServerEntry } from '../config/config-schema';
import { variableNameOf } from '../references/references';
import {
  type DialectName,
  extraOf,
  type NamedEntry,
  writtenName,
  type WriteResult,
} from './dialect';
import { bundleLeftOut, droppedMembers } from './dropped-members';
import { lostMarks, withoutMarks } from './without-marks';
import { type Json, type JsonObject } from '../../base/json';

const REFERENCE = /\$\{(?:input:([^}]+)|(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}/g;

/** Format of a program with a table of servers. */
export interface Editor {
  /** Name shown to people. */
  title: string;
  /** Dialect whose additional members are written back. */
  dialect: DialectName;
  /** Member of the document that holds the servers. */
  table: string;
  /** Whether the servers are a list of entries with names. */
  isList?: boolean;
  supported: readonly string[];
  /** Names of our members in its format. */
  names?: Readonly<Record<string, string>>;
  /** Syntax of its references: `${env:NAME}`, `{env:NAME}`, `${NAME}` or none. */
  references: 'env' | 'braced' | 'plain' | 'none';
  /** Whether it supports `${input:id}`. */
  hasInputs?: boolean;
  type: (entry: ServerEntry) => string | undefined;
  /** Converts members that differ in more than their names. */
  shape?: (members: JsonObject, name: string) => JsonObject;
}

/** Writes these servers; warns of everything that the program does not support. */
export function writeEditor(editor: Editor, servers: readonly NamedEntry[]): WriteResult {
  const inputs = new Map<string, Json>();
  const warnings: string[] = [];
  const table: JsonObject = {};
  for (const server of servers) {
    if (server.entry.mcpb !== undefined) {
      warnings.push(bundleLeftOut(server.name, editor.title));
      continue;
    }
    const plain = { ...server, entry: withoutMarks(server.entry) };
    const name = writtenName(server, table);
    const members = entryFor(editor, plain);
    table[name] = editor.shape ? editor.shape(members, name) : members;
    warnings.push(...warningsOf(editor, plain), ...lostMarks(server, editor.title));
    for (const input of server.entry.inputs ?? []) {
      inputs.set(input.id, Object.fromEntries(Object.entries(input)) as JsonObject);
    }
  }
  const document = {
    ...(editor.hasInputs && inputs.size > 0 && { inputs: [...inputs.values()] }),
    [editor.table]: editor.isList
      ? Object.entries(table).map(([name, members]) => ({ name, ...(members as JsonObject) }))
      : table,
  };
  return { document, warnings };
}

function entryFor(editor: Editor, { entry }: NamedEntry): JsonObject {
  const { supported, names = {}, dialect } = editor;
  const type = editor.type(entry);
  const members: JsonObject = { ...(type !== undefined && { type }) };
  for (const [member, value] of Object.entries(entry)) {
    if (
      member === 'type' ||
      member === 'extra' ||
      !supported.includes(member) ||
      value === undefined
    ) {
      continue;
    }
    members[names[member] ?? member] = mapTexts(value as Json, (text) =>
      writtenReferences(text, editor),
    );
  }
  if (entry.enabled === false && !supported.includes('enabled') && supported.includes('disabled')) {
    members['disabled'] = true;
  }
  if (entry.disabled && !supported.includes('disabled') && supported.includes('enabled')) {
    members['enabled'] = false;
  }
  return { ...members, ...extraOf(entry, dialect) };
}

function warningsOf(editor: Editor, { name, entry }: NamedEntry): string[] {
  const { title, references } = editor;
  const { enabled, inputs, ...rest } = entry;
  const hasFlag = editor.supported.includes('disabled') || editor.supported.includes('enabled');
  const { disabled, ...others } = rest;
  const isSupported = enabled !== false || hasFlag;
  const warnings = droppedMembers(
    {
      name,
      entry: {
        ...others,
        ...(!isSupported && { enabled }),
        ...(disabled && !hasFlag && { disabled }),
        ...(!editor.hasInputs && inputs && { inputs }),
      },
    },
    [...editor.supported, 'type', 'inputs'],
    title,
  );
  if (inputs && !editor.hasInputs) {
    warnings.push(`${name}: ${title} does not support inputs; they were converted to variables`);
  }
  const texts: string[] = [];
  mapTexts(Object.fromEntries(Object.entries(entry)) as JsonObject, (text) => {
    texts.push(text);
    return text;
  });
  const all = texts.join('\n');
  if (all.includes('${file:')) {
    warnings.push(`${name}: ${title} does not support \${file:…}; the text is exported unchanged`);
  }
  if ((references === 'env' || references === 'braced') && /\$\{[A-Za-z_]\w*:-/.test(all)) {
    warnings.push(
      `${name}: ${title} does not support default values of variables; they were omitted`,
    );
  }
  if (references === 'none' && /\$\{[A-Za-z_]/.test(all)) {
    warnings.push(`${name}: ${title} does not resolve references; the text is exported unchanged`);
  }
  if (entry.command !== undefined && entry.url !== undefined) {
    warnings.push(`${name}: ${title} does not start the program of a server with a URL`);
  }
  return warnings;
}

function writtenReferences(text: string, { references, hasInputs }: Editor): string {
  return text.replace(
    REFERENCE,
    (whole: string, input?: string, name?: string, fallback?: string) => {
      if (input !== undefined && hasInputs) return whole;
      const variable = name ?? variableNameOf(input ?? '');
      if (references === 'braced') return `{env:${variable}}`;
      if (references === 'env')
        return EDITOR_VARIABLES.has(variable) ? whole : `\${env:${variable}}`;
      return fallback === undefined ? `\${${variable}}` : `\${${variable}:-${fallback}}`;
    },
  );
}

/** Names that editors resolve without `env:`. */
const EDITOR_VARIABLES = new Set([
  'workspaceFolder',
  'workspaceFolderBasename',
  'userHome',
  'pathSeparator',
]);
