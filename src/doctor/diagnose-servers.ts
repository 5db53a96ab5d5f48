import { isSecretName, type NoSecret, MIN_SECRET_LENGTH } from '../domain/trust/secret-values';
import { type ServerSpec } from '../domain/spec';
import { type UnmaskedValue } from '../inventory/references/judged-values';
import { memberOf } from '../inventory/references/references';
import { type Facts, type ServerFacts, type ValueState, type VariableFact } from './facts';
import { type Finding } from './finding';
import { installCommand } from './fix-commands';
import { needOfCommand, runnerOf } from './needs';

/** Findings about single servers: missing variables, files and commands, and advice about their entries. */
export function diagnoseServers(facts: Facts, servers: readonly ServerFacts[]): Finding[] {
  return [
    ...variableFindings(facts, servers),
    ...fileFindings(servers),
    ...servers.flatMap((server) => [
      ...problemFindings(server),
      ...commandFindings(facts, server),
      ...adviceFindings(server),
      ...unmaskedFindings(server),
    ]),
  ];
}

interface Mention {
  server: string;
  variable: VariableFact;
}

/** Returns one finding per variable with a problem, and one that covers all others. */
function variableFindings(facts: Facts, servers: readonly ServerFacts[]): Finding[] {
  const mentions = servers.flatMap(({ name, variables }) =>
    variables.map((variable) => ({ server: name, variable })),
  );
  const groups = new Map<string, Mention[]>();
  for (const mention of mentions) {
    const { name, state, isLiteral, onlyIn } = mention.variable;
    const isFine = state === 'set' && onlyIn === undefined;
    const key = isFine ? '' : [name, state, isLiteral, onlyIn].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), mention]);
  }
  const fine = groups.get('') ?? [];
  groups.delete('');
  const wrong = [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [variableFinding(facts, first, more)],
  );
  return [...(fine.length > 0 ? [fineVariables(fine)] : []), ...wrong];
}

function fineVariables(mentions: readonly Mention[]): Finding {
  const count = new Set(mentions.map(({ variable }) => variable.name)).size;
  return {
    id: 'variables',
    title: 'Variables',
    status: 'ok',
    found: count === 1 ? '1 is set' : `${count} are set`,
    affects: serversOf(mentions),
    fixable: false,
  };
}

const STATE_TEXTS: Record<ValueState, string> = {
  set: 'set',
  unset: 'not set',
  empty: 'empty',
  placeholder: 'set to a placeholder',
};

const ONLY_TEXTS = {
  here: 'set here, but not in the running Mainspring',
  host: 'set in the running Mainspring, but not here: it will be missing after a restart',
};

function variableFinding(facts: Facts, first: Mention, more: readonly Mention[]): Finding {
  const { name, field, state, isLiteral, onlyIn, mayBeUnset, description } = first.variable;
  const prompt = description === undefined ? '' : `: ${description}`;
  const where = isLiteral ? ` in ${field} of the entry` : '';
  return {
    id: `variable:${name}`,
    title: name,
    status: onlyIn || mayBeUnset ? 'warning' : 'missing',
    found: onlyIn ? ONLY_TEXTS[onlyIn] : `${STATE_TEXTS[state]}${where}`,
    needed: `a value for ${field}${prompt}`,
    affects: serversOf([first, ...more]),
    fix: variableFix(facts, first.variable),
    fixable: false,
  };
}

function variableFix({ home }: Facts, { name, field, onlyIn, isLiteral }: VariableFact): string {
  if (isLiteral) {
    return `Write a reference such as \${${name}} into ${field} of the entry, and set that variable`;
  }
  if (onlyIn === 'here') return 'mainspring down && mainspring up --detach';
  const line = `a line ${name}=<value> in ${home.folder}/secrets.env`;
  return `export ${name}=<value> before mainspring up, or ${line}`;
}

function fileFindings(servers: readonly ServerFacts[]): Finding[] {
  const servedBy = new Map<string, { field: string; names: string[] }>();
  for (const { name, unreadableFiles } of servers) {
    for (const { field, file } of unreadableFiles) {
      const existing = servedBy.get(file);
      servedBy.set(file, { field, names: [...new Set([...(existing?.names ?? []), name])] });
    }
  }
  return [...servedBy].map(([file, { field, names }]) => ({
    id: `file:${file}`,
    title: `File for ${field}`,
    status: 'missing',
    found: `${file} cannot be read`,
    affects: names,
    fix: `Create ${file} and make it readable, or correct ${field}`,
    fixable: false,
  }));
}

function problemFindings({ name, problem, absentPath }: ServerFacts): Finding[] {
  const finding = { title: name, status: 'missing' as const, affects: [name], fixable: false };
  return [
    ...(problem === undefined
      ? []
      : [{ ...finding, id: `entry:${name}`, found: problem, fix: 'Correct the named field' }]),
    ...(absentPath === undefined
      ? []
      : [
          {
            ...finding,
            id: `program:${name}`,
            found: `${absentPath} does not exist`,
            fix: 'Correct the path in the entry, or restore what was there',
          },
        ]),
  ];
}

function commandFindings(facts: Facts, { name, spec, commandProblem }: ServerFacts): Finding[] {
  if (commandProblem === undefined) return [];
  const { code, message, fix } = commandProblem;
  const finding = {
    status: 'missing' as const,
    found: message,
    affects: [name],
    fixable: false,
    id: `command:${name}`,
    title: `Command of ${name}`,
    fix,
  };
  // The folder is checked before the command is looked up.
  if (code === 'DIRECTORY_NOT_FOUND') return [{ ...finding, title: `Folder of ${name}` }];
  // A missing tool has its own finding.
  if (isReportedByTool(facts, spec?.process?.command ?? '')) return [];
  const isNodeMissing = code === 'COMMAND_NOT_FOUND' && isNode(spec);
  return [{ ...finding, fix: isNodeMissing ? installCommand('node', facts.platform) : fix }];
}

/** Mainspring's own Node.js need not be on PATH. */
function isNode(spec: ServerSpec | undefined): boolean {
  return spec?.process?.command === 'node';
}

function isReportedByTool(facts: Facts, command: string): boolean {
  if (command.includes('/')) return false;
  const need = needOfCommand(command);
  if (need === undefined) return false;
  const { npm, git, uv, python, docker, podman } = facts;
  const tools = { npm, git, uv, python, interpreter: python, docker };
  if (need === 'docker' && podman.state === 'running') return false;
  return tools[need].state === 'absent';
}

/** Lists values that are not masked: usually ports, flags and folders, which is correct. */
function unmaskedFindings({ name, unmasked }: ServerFacts): Finding[] {
  const doubtful = unmasked.filter(isDoubtful);
  const [first] = [...doubtful, ...unmasked];
  if (first === undefined) return [];
  const descriptions = unmasked.map(({ reference, field, reason }) => {
    const what = reference === undefined ? field : `${reference} in ${field}`;
    return `${what} (${NO_SECRET_TEXTS[reason]})`;
  });
  return [
    {
      id: `unmasked:${name}`,
      title: `Unmasked values of ${name}`,
      status: doubtful.length > 0 ? 'warning' : 'ok',
      found: descriptions.join(', '),
      affects: [name],
      fix: `If one of them is a secret, mark it: ${markFor(first)}`,
      fixable: false,
    },
  ];
}

const NO_SECRET_TEXTS: Record<NoSecret, string> = {
  empty: 'empty',
  boolean: 'a boolean',
  number: 'a number',
  path: 'a path',
  short: `shorter than ${MIN_SECRET_LENGTH} characters`,
};

/** Whether the field is named like a secret: a PIN or a short password may be one. */
function isDoubtful({ reference, field, reason }: UnmaskedValue): boolean {
  if (reason !== 'number' && reason !== 'short') return false;
  return [memberOf(field), ...(reference?.match(/[\w-]+/g) ?? [])].some(isSecretName);
}

/** Member to write into the entry so that the value is masked. */
function markFor({ reference = '…', field }: UnmaskedValue): string {
  const [, member, name] = /^(env|headers)\.(.+)$/s.exec(field) ?? [];
  return member === undefined || name === undefined
    ? 'pass it as ${input:name}, with { "id": "name", "password": true } in "inputs"'
    : `"${member}": { "${name}": { "value": "${reference}", "secret": true } }`;
}

const WITHOUT_AS_IS =
  'Remove "asIs" from the entry, so that Mainspring installs the program once, or run the program directly';
const PLAIN_COMMAND =
  'Use npx, uvx or a similar runner itself as the command, followed by the package, so that Mainspring installs it once';

function adviceFindings(server: ServerFacts): Finding[] {
  const { name, spec, isAsIs, secretFields, variables } = server;
  const runner = spec && runnerOf(spec);
  const reportedFields = variables.flatMap(({ isLiteral, field, state }) =>
    isLiteral && state !== 'set' ? [field] : [],
  );
  const fields = secretFields.filter((field) => !reportedFields.includes(field));
  const finding = { title: name, status: 'warning' as const, affects: [name], fixable: false };
  return [
    ...(runner === undefined
      ? []
      : [
          {
            ...finding,
            id: `runner:${name}`,
            title: `Command of ${name}`,
            found: `${runner} downloads the program at every start, in whichever version is current`,
            fix: isAsIs ? WITHOUT_AS_IS : PLAIN_COMMAND,
          },
        ]),
    ...(fields.length === 0
      ? []
      : [
          {
            ...finding,
            id: `secret:${name}`,
            title: `Secrets of ${name}`,
            found: `in plain text: ${fields.join(', ')}`,
            fix: 'Move each one into a variable and refer to it as ${NAME}',
          },
        ]),
  ];
}

function serversOf(mentions: readonly Mention[]): string[] {
  return [...new Set(mentions.map(({ server }) => server))];
}
