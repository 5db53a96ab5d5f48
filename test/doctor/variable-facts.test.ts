import { variableFacts } from '../../src/doctor/variable-facts';
import { specOf } from '../../src/inventory/normalise';
import { type ServerEntry } from '../../src/inventory/config/config-schema';

const SECRET = 'sk-the-value-itself';

const facts = (entry: ServerEntry, variables: Record<string, string>) => {
  const spec = specOf('a', { entry, baseDir: '/srv' });
  const found = variableFacts(spec, variables);
  expect(JSON.stringify(found)).not.toContain(SECRET);
  return found.map(({ name, field, state }) => `${name} ${field} ${state}`);
};

it('reports the state of each reference', () => {
  const env = { A_TOKEN: '${A_TOKEN}', B: '${B}', KEY: '${SHORT}', D: '${D:-x}', E_KEY: '${E:-}' };
  const values = { A_TOKEN: SECRET, SHORT: '' };
  expect(facts({ command: 'x', args: ['--dir', '${DIR}'], env }, values)).toEqual([
    ...['DIR args[1] unset', 'A_TOKEN env.A_TOKEN set', 'B env.B unset', 'SHORT env.KEY set'],
  ]);
});

it('checks the names of the reference and of its field', () => {
  const env = { PLAIN: '${MY_TOKEN}', MY_API_KEY: '${PLAIN}' };
  expect(facts({ command: 'x', env }, { MY_TOKEN: '', PLAIN: 'your-key-here' })).toEqual([
    ...['MY_TOKEN env.PLAIN empty', 'PLAIN env.MY_API_KEY placeholder'],
  ]);
});

it('reports only secrets that the entry sets to an unusable value', () => {
  const env = { A_TOKEN: '', B_API_KEY: '<key>', C_SECRET: SECRET, D: '' };
  expect(facts({ command: 'x', env }, {})).toEqual([
    ...['A_TOKEN env.A_TOKEN empty', 'B_API_KEY env.B_API_KEY placeholder'],
  ]);
  const headers = { Authorization: 'Bearer <token>', Accept: '' };
  expect(facts({ url: 'https://x.example', headers }, {})).toEqual([
    'Authorization headers.Authorization placeholder',
  ]);
});

it.each([
  [{ A: '1' }, false, { state: 'set', onlyIn: 'here' }],
  [{}, true, { state: 'unset', onlyIn: 'host' }],
  [{ A: '1' }, true, { state: 'set' }],
  [{}, false, { state: 'unset' }],
  [{ A: '1' }, undefined, { state: 'set' }],
] as const)('with %j, in the host: %s', (variables, isInHost, expected) => {
  const spec = specOf('a', { entry: { command: 'x', args: ['${A}'] }, baseDir: '/srv' });
  const fact = { name: 'A', field: 'args[0]', isLiteral: false, ...expected };
  expect(variableFacts(spec, variables, () => isInHost)).toEqual([fact]);
});

it('reports variables that a container receives by name, which may be unset', () => {
  const args = ['run', '-e', 'GITHUB_TOKEN', '-e', 'SET', '-e', 'GIVEN', 'image'];
  const entry: ServerEntry = { command: 'docker', args, env: { GIVEN: 'x' }, asIs: true };
  const spec = specOf('box', { entry, baseDir: '/srv' });
  expect(variableFacts(spec, { SET: 'yes' })).toEqual([
    ...[
      { name: 'GITHUB_TOKEN', state: 'unset' },
      { name: 'SET', state: 'set' },
    ].map((fact) => ({
      ...{ ...fact, field: `-e ${fact.name}`, isLiteral: false, mayBeUnset: true },
    })),
  ]);
});
