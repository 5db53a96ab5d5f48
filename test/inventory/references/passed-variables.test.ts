import { withPassedVariables } from '../../../src/inventory/references/passed-variables';
import { stdioSpec } from '../../domain/samples';

const spec = (args: string[], env: Record<string, string> = {}) =>
  stdioSpec({ process: { command: 'docker', args, env, cwd: '/' } });
const envOf = (args: string[], variables: Record<string, string>, env = {}) =>
  withPassedVariables(spec(args, env), variables).process?.env;

test('a container client receives the variables it passes on and those of its engine, if they are set', () => {
  const args = ['run', '-i', '-e', 'TOKEN', '-e', 'UNSET', 'image'];
  const variables = { TOKEN: 'tok', DOCKER_HOST: 'tcp://h', OTHER: 'x' };
  expect(envOf(args, variables)).toEqual({ TOKEN: '${TOKEN}', DOCKER_HOST: '${DOCKER_HOST}' });
});

test('variables of the entry take precedence', () => {
  expect(envOf(['run', '-e', 'TOKEN', 'image'], { TOKEN: 'a' }, { TOKEN: '${MINE}' })).toEqual({
    TOKEN: '${MINE}',
  });
});

test('other programs receive no additional variables', () => {
  expect(envOf(['ps', '-e', 'TOKEN'], { TOKEN: 'a' })).toEqual({});
});
