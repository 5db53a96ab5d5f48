import {
  argumentsWith,
  overridden,
  type ProfileRules,
  whyLeftOut,
} from '../../../src/domain/endpoint/profiles';

const names = { server: 'git', tool: 'diff.all', exposed: 'git__diff_all' };

test.each<[rules: Partial<ProfileRules>, isLeftOut: boolean]>([
  [{}, false],
  [{ tools: [] }, true],
  [{ tools: ['diff.all'] }, false],
  [{ tools: ['git/diff*'] }, false],
  [{ tools: ['git__diff_*'] }, false],
  [{ tools: ['diff?all'] }, false],
  [{ tools: ['DIFF.ALL'] }, true],
  [{ tools: ['diff'] }, true],
  [{ exclude: ['*all'] }, true],
  [{ tools: ['*'], exclude: ['git/*'] }, true],
  [{ exclude: ['other/*'] }, false],
])('%j leaves it out: %s', (rules, isLeftOut) => {
  expect(whyLeftOut({ servers: ['*'], ...rules }, names) !== undefined).toBe(isLeftOut);
});

const definition = {
  name: 'find',
  description: 'Finds',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' }, limit: { type: 'number' }, q: { type: 'string' } },
    required: ['path', 'q', 'limit'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true },
};

it('takes pinned and hidden arguments out of the schema, and sets them on each call', () => {
  const { definition: shown, ...set } = overridden(definition, {
    description: 'Finds in /srv',
    arguments: {
      path: { value: '/srv', hide: true },
      limit: { hide: true, default: 10 },
      q: { description: 'What to find', default: 'all' },
      gone: { hide: true },
    },
  });
  expect(shown).toEqual({
    ...definition,
    description: 'Finds in /srv',
    inputSchema: {
      type: 'object',
      properties: { q: { type: 'string', description: 'What to find', default: 'all' } },
      additionalProperties: false,
    },
  });
  expect(argumentsWith(set, {})).toEqual({ path: '/srv', limit: 10, q: 'all' });
  const sent = { path: '/etc', limit: 1_000, q: 'x', gone: 1, more: true };
  expect(argumentsWith(set, sent)).toEqual({ path: '/srv', limit: 10, q: 'x', more: true });
});

it('leaves everything else exactly as it is', () => {
  expect(overridden(definition, {})).toEqual({ definition });
  const { definition: shown } = overridden(definition, { arguments: { q: { description: 'x' } } });
  expect(shown['inputSchema']).toMatchObject({ required: ['path', 'q', 'limit'] });
  const sent = { a: 1 };
  expect(argumentsWith({}, sent)).toBe(sent);
});

it('survives a schema that is none, and names that objects have anyway', () => {
  const told = { arguments: { x: { value: 1 }, constructor: { hide: true } } };
  const { definition: shown } = overridden({ name: 'odd', inputSchema: [] }, told);
  expect(shown['inputSchema']).toEqual({ type: 'object', properties: {} });
  const proto = JSON.parse('{"__proto__": {"x": 1}, "y": 2}') as Record<string, never>;
  expect(Object.keys(argumentsWith({ hidden: ['z'] }, proto))).toEqual(['__proto__', 'y']);
});
