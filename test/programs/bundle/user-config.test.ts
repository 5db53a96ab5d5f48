import { type RunCommand } from '../../../src/domain/programs/programs';
import { fillUserConfig } from '../../../src/programs/bundle/user-config';

const run: RunCommand = {
  command: 'node',
  args: ['/b/index.js', '${user_config.dirs}', '--level=${user_config.level}'],
  env: { KEY: '${user_config.key}', DIRS: '${user_config.dirs}', FIXED: 'x', EMPTY: '' },
  questions: {
    dirs: { title: 'Directories', required: true, default: ['/home/a', '/home/b'] },
    level: { title: 'Level', required: false, default: '3' },
    key: { title: 'API key', required: false },
  },
};

it('uses the defaults of the bundle, and omits variables without a value', () => {
  expect(fillUserConfig(run, {})).toEqual({
    command: 'node',
    args: ['/b/index.js', '/home/a', '/home/b', '--level=3'],
    env: { DIRS: '/home/a,/home/b', FIXED: 'x', EMPTY: '' },
  });
});

it('uses the values of the user unchanged', () => {
  expect(
    fillUserConfig(run, { dirs: '/only', level: '9', key: '$& ${user_config.level}' }),
  ).toEqual({
    command: 'node',
    args: ['/b/index.js', '/only', '--level=9'],
    env: { KEY: '$& ${user_config.level}', DIRS: '/only', FIXED: 'x', EMPTY: '' },
  });
});

it('does not change a command without settings', () => {
  const plain = { command: 'node', args: ['x'], env: {} };
  expect(fillUserConfig(plain, {})).toEqual(plain);
});

it.each([
  [{ dirs: [] }, '"userConfig.dirs" is missing: Directories'],
  [{ dirs: '' }, '"userConfig.dirs" is missing: Directories'],
  [
    { dir: '/x' },
    '"userConfig.dir" is unknown; the bundle expects: dirs, level, key; did you mean "dirs"?',
  ],
])('refuses %j', (answers, message) => {
  expect(() => fillUserConfig(run, answers)).toThrow(message);
});
