import os from 'node:os';
import { fillTemplate, missingParameters } from '../../src/templates/fill-template';
import { type ParameterInput } from '../../src/templates/parameter-value';
import { templateSchema } from '../../src/templates/template-schema';
import { reportOf } from '../../src/base/errors';

const parameter = (name: string, type: string, more: object = {}) => ({
  ...{ name, type, help: `The ${name}.` },
  ...more,
});

const template = templateSchema.parse({
  name: 'db',
  title: 'Database',
  description: 'A database.',
  parameters: [
    parameter('url', 'url', { required: true, secret: true, pattern: 'db://.+', env: 'DB_URL' }),
    parameter('mode', 'enum', { options: ['ro', 'rw'], default: 'ro' }),
    parameter('port', 'number'),
    parameter('verbose', 'boolean'),
    parameter('dirs', 'list', { items: 'path' }),
    parameter('cert', 'path'),
    parameter('label', 'string', { pattern: '[a-z]+' }),
  ],
  entry: {
    command: 'db',
    args: [
      '--mode=${param:mode}',
      { when: 'port', args: ['--port', '${param:port}'] },
      { when: 'verbose', args: ['-v'] },
      '${param:dirs}',
      '--last',
    ],
    env: { URL: 'x:${param:url}', CERT: '${param:cert}', LABEL: '${param:label}', FIXED: '1' },
  },
  validation: {
    calls: [
      { tool: 'ping', arguments: {} },
      { tool: 'look', arguments: { at: ['${param:label}'] } },
    ],
  },
});

const fill = (values: Record<string, ParameterInput>, server = 'db') =>
  fillTemplate(template, { server, values, baseDir: '/base' });

function problems(values: Record<string, ParameterInput>): string {
  try {
    fill(values);
  } catch (error) {
    const { code, message } = reportOf(error);
    expect(code).toBe('INVALID_PARAMETER');
    return message;
  }
  throw new Error('it was filled');
}

describe('fillTemplate', () => {
  it('omits parameters without a value, and their flags', () => {
    expect(fill({ url: 'db://h' })).toEqual({
      entry: {
        command: 'db',
        args: ['--mode=ro', '--last'],
        env: { URL: 'x:${MCP_DB_URL}', FIXED: '1' },
        validation: { calls: [{ tool: 'ping', arguments: {} }] },
      },
      secrets: { MCP_DB_URL: 'db://h' },
    });
  });

  it('fills in all given values', () => {
    const { entry } = fill({
      ...{ url: 'db://h', mode: 'rw', port: '5', verbose: 'yes', label: 'abc', cert: '~/c.pem' },
      dirs: ['a', '/b,c'],
    });
    expect(entry.args).toEqual([
      ...['--mode=rw', '--port', '5', '-v', '/base/a', '/b', '/base/c', '--last'],
    ]);
    expect(entry.env).toMatchObject({ CERT: `${os.homedir()}/c.pem`, LABEL: 'abc' });
    expect(entry.validation?.calls).toHaveLength(2);
  });

  it.each<[string, ParameterInput, string[]]>([
    ['a comma', 'a,b', ['/base/a', '/base/b']],
    ['a JSON array', '["a,b"]', ['/base/a,b']],
    ['one value', '/a', ['/a']],
  ])('accepts a list with %s', (_how, dirs, expected) => {
    expect(fill({ url: 'db://h', dirs }).entry.args).toEqual(['--mode=ro', ...expected, '--last']);
  });

  it('omits the flag of a boolean that is false', () => {
    expect(fill({ url: 'db://h', verbose: false }).entry.args).not.toContain('-v');
  });

  it('keeps a secret that is a reference, and names other secrets by their server', () => {
    const kept = fill({ url: '${DB_URL}' });
    expect(kept.secrets).toEqual({});
    expect(kept.entry.env?.['URL']).toBe('x:${DB_URL}');
    expect(Object.keys(fill({ url: 'db://h' }, 'my-shop').secrets)).toEqual(['MCP_MY_SHOP_URL']);
  });

  it('reports all problems at once, with help', () => {
    const message = problems({ mode: 'wr', port: 'x', lable: 'a', verbose: 'maybe' });
    expect(message.split('\n')).toEqual([
      'lable: the template "db" has no such parameter. Did you mean "label"?',
      "url: missing; The url. (--set url='${DB_URL}')",
      'mode: expected "ro" or "rw", got "wr"',
      'port: expected a number, got "x"',
      'verbose: expected true or false, got "maybe"',
    ]);
  });

  it.each([
    [{ url: 'hunter2' }, 'url: expected a URL such as https://example.com, got a string'],
    [{ url: 'hunter2://x' }, 'url: expected something like /db://.+/, got a string'],
    [{ url: 'db://u:hunter2@${HOST}' }, 'url: expected a value or a single reference'],
    [{ url: ['db://a', 'db://b'] }, 'url: expected one value, got 2'],
    [{ url: 'db://a', label: 'A1' }, 'label: expected something like /[a-z]+/, got "A1"'],
    [{ url: 'db://a', label: '' }, 'label: expected a string, got nothing'],
    [{ url: 'db://a', constructor: 'x' }, 'constructor: the template "db" has no such parameter'],
  ])('refuses %j and shows no secret', (values, expected) => {
    const message = problems(values);
    expect(message).toContain(expected);
    expect(message).not.toContain('hunter2');
  });

  it('accepts references for values of any type', () => {
    expect(fill({ url: 'db://h', port: '${PORT}' }).entry.args).toContain('${PORT}');
  });
});

describe('missingParameters', () => {
  it('are the required ones without a value, and groups of which none is given', () => {
    expect(missingParameters(template)).toEqual(['url']);
    expect(missingParameters(template, { url: 'x' })).toEqual([]);
    const group = { ...template, requiresOneOf: [['port', 'label']] };
    expect(missingParameters(group, { url: 'x' })).toEqual(['port or label']);
    expect(missingParameters(group, { url: 'x', port: 1 })).toEqual([]);
  });
});
