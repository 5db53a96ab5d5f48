import { withPassedVariables } from '../../../src/inventory/references/passed-variables';
import { stdioSpec } from '../../domain/samples';

const spec = (args: string[], env: Record<string, string> = {}) =>
  stdioSpec({ process: { command: 'docker', args, env, cwd: '/' } });
const envOf = (args: string[], variables: Record<string, string>, env = {}) =>
  withPassedVariables(spec(args, env), variables).process?.env;

test('a client has what it passes on, and what it finds its engine by, as far as that is set', () => {
  const args = ['run', '-i', '-e', 'TOKEN', '-e', 'UNSET', 'image'];
  const variables = { TOKEN: 'tok', DOCKER_HOST: 'tcp://h', OTHER: 'x' };
  expect(envOf(args, variables)).toEqual({ TOKEN: '${TOKEN}', DOCKER_HOST: '${DOCKER_HOST}' });
});

test('what the entry says goes before', () => {
  expect(envOf(['run', '-e', 'TOKEN', 'image'], { TOKEN: 'a' }, { TOKEN: '${MINE}' })).toEqual({
    TOKEN: '${MINE}',
  });
});

test('any other program gets nothing of it', () => {
  expect(envOf(['ps', '-e', 'TOKEN'], { TOKEN: 'a' })).toEqual({});
});
