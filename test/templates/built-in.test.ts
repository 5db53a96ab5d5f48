import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fillTemplate } from '../../src/templates/fill-template';
import { loadTemplates, type LoadedTemplate } from '../../src/templates/load-templates';
import { type TemplateParameter } from '../../src/templates/template-schema';
import { packageRoot } from '../../src/base/package-root';
import { warningsOf } from '../../src/inventory/config/warnings';

let templates: LoadedTemplate[];

beforeAll(async () => {
  const loaded = await loadTemplates('/nonexistent');
  expect(loaded.problems).toEqual([]);
  ({ templates } = loaded);
});

const SAMPLES: Record<TemplateParameter['type'], string> = {
  string: 'text',
  number: '7',
  boolean: 'true',
  path: '/tmp',
  url: 'https://example.com',
  enum: '',
  list: '/tmp',
};

function sampleOf({ type, options, example, secret, pattern }: TemplateParameter): string {
  if (pattern === 'xoxp-.+') return 'xoxp-1';
  if (pattern === 'xoxb-.+') return 'xoxb-1';
  if (secret && !example) return 'planted-secret';
  return example ?? options?.[0] ?? SAMPLES[type];
}

const fill = (template: LoadedTemplate, parameters: TemplateParameter[]) =>
  fillTemplate(template, {
    server: template.name,
    values: Object.fromEntries(
      parameters.map((parameter) => [parameter.name, sampleOf(parameter)] as const),
    ),
    baseDir: '/work',
  });

describe('the built-in templates', () => {
  it('number at least 22, each in the file of its name', async () => {
    expect(templates.length).toBeGreaterThanOrEqual(22);
    const files = await readdir(path.join(packageRoot(), 'templates'));
    expect(files.sort()).toEqual(templates.map(({ name }) => `${name}.json`).sort());
  });

  it('name the documentation they were checked against', () => {
    for (const { name, source } of templates) {
      expect([name, source?.documentation]).toEqual([
        name,
        expect.stringMatching(/^https:\/\//) as string,
      ]);
    }
  });

  it('build valid entries without warnings, with required and with all parameters', () => {
    for (const template of templates) {
      const { parameters, requiresOneOf } = template;
      const groups = requiresOneOf.map(([first]) => first);
      const required = parameters.filter(
        (parameter) => parameter.required || groups.includes(parameter.name),
      );
      for (const given of [required, parameters]) {
        const { entry } = fill(template, given);
        expect([template.name, warningsOf(entry)]).toEqual([template.name, []]);
        expect(JSON.stringify(entry)).not.toContain('${param:');
      }
    }
  });

  it('put no secret into the entry', () => {
    for (const template of templates) {
      const secret = template.parameters.filter((parameter) => parameter.secret);
      const { entry, secrets } = fill(template, template.parameters);
      expect(Object.keys(secrets)).toHaveLength(secret.length);
      for (const [name, value] of Object.entries(secrets)) {
        expect(JSON.stringify(entry)).toContain(`\${${name}}`);
        expect(JSON.stringify(entry)).not.toContain(value);
      }
    }
  });

  it('name existing successors', () => {
    const names = templates.map(({ name }) => name);
    for (const { deprecated } of templates) {
      if (deprecated?.successor !== undefined) expect(names).toContain(deprecated.successor);
    }
  });

  it('validate only with read-only tools', () => {
    const calls = templates.flatMap(({ validation }) => validation?.calls ?? []);
    const tools = calls.map(({ tool }) => tool).sort();
    expect([...new Set(tools)]).toEqual([
      ...[
        'API-get-self',
        'dbsize',
        'echo',
        'find_organizations',
        'get_current_time',
        'get_me',
        'git_status',
      ],
      ...['list-databases', 'list_allowed_directories', 'list_datasources', 'list_tables', 'ping'],
      ...['read_graph', 'search_objects'],
    ]);
  });
});
