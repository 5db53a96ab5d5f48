import { installCommand, startDockerCommand } from '../../src/doctor/fix-commands';

it.each([
  ['git', 'apt-get', 'sudo apt-get update && sudo apt-get install -y git'],
  ['python', 'apt-get', expect.stringContaining('python3-venv')],
  [
    'node',
    'apt-get',
    expect.stringContaining('| sudo -E bash - && sudo apt-get install -y nodejs'),
  ],
  ['npm', 'brew', 'brew install node'],
  ['docker', 'dnf', 'sudo dnf install -y moby-engine'],
  ['uv', 'pacman', 'sudo pacman -S --noconfirm uv'],
  ['git', 'apk', 'sudo apk add git'],
  ['temporal', 'brew', 'brew install temporal'],
  ['temporal', 'winget', 'Install it: https://docs.temporal.io/cli/setup-cli'],
  ['uv', undefined, expect.stringContaining('https://')],
  ['git', undefined, expect.stringContaining('https://')],
] as const)('%s with %s', (what, packageTool, expected) => {
  expect(installCommand(what, { isRoot: false, ...(packageTool && { packageTool }) })).toEqual(
    expected,
  );
});

it.each(['git', 'node', 'python', 'docker'] as const)('root needs no sudo for %s', (what) => {
  const command = installCommand(what, { isRoot: true, packageTool: 'apt-get' });
  expect(command).toContain('apt-get install -y');
  expect(command).not.toContain('sudo');
});

it('starts the engine with the service manager of the machine', () => {
  const platform = { os: 'linux', arch: 'x64', isRoot: false, services: 'systemd' } as const;
  expect(startDockerCommand(platform)).toBe('sudo systemctl enable --now docker');
  expect(startDockerCommand({ ...platform, services: 'openrc' })).toContain('rc-service docker');
  expect(startDockerCommand({ ...platform, services: 'none', isRoot: true })).toMatch(/^dockerd /);
  expect(startDockerCommand({ ...platform, os: 'darwin' })).toBe('open -a Docker');
});
