import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureHome, loadSettings } from '../src/config';
import { useTemporaryFolder } from './temporary-folder';

describe('settings', () => {
  it('have defaults below the XDG folders of the user', () => {
    expect(loadSettings({ HOME: '/home/me' })).toMatchObject({
      home: '/home/me/.local/share/mainspring',
      cacheDir: '/home/me/.cache/mainspring',
      temporalPort: 7233,
      uiPort: 8233,
      hostCapacity: 200,
      logLevel: 'info',
      debug: false,
    });
    const env = { HOME: '/home/me', XDG_DATA_HOME: '/data', XDG_CACHE_HOME: 'relative' };
    expect(loadSettings(env)).toMatchObject({
      home: '/data/mainspring',
      cacheDir: '/home/me/.cache/mainspring',
    });
  });

  it('come from flags before variables, and cannot be changed', () => {
    const env = {
      MAINSPRING_HOME: 'relative',
      MAINSPRING_TEMPORAL_PORT: '0',
      MAINSPRING_UI_PORT: '9000',
      MAINSPRING_HOST_ID: 'h-1',
      MAINSPRING_DEBUG: '1',
      MAINSPRING_LOG_LEVEL: '',
    };
    const settings = loadSettings(env, { uiPort: 9001, temporalPort: undefined });
    expect(settings).toMatchObject({
      home: path.resolve('relative'),
      temporalPort: 0,
      uiPort: 9001,
      hostId: 'h-1',
      debug: true,
      logLevel: 'info',
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('take labels from a flag or from a variable, each once', () => {
    const env = { MAINSPRING_HOST_LABELS: 'gpu, eu,gpu', MAINSPRING_HOST_EXCLUSIVE: 'true' };
    expect(loadSettings(env)).toMatchObject({ hostLabels: ['eu', 'gpu'], hostExclusive: true });
    const settings = loadSettings(env, { hostLabels: ['big'], hostExclusive: false });
    expect(settings).toMatchObject({ hostLabels: ['big'], hostExclusive: false });
    expect(loadSettings({}).hostId).toBeUndefined();
  });

  it.each([
    [
      { MAINSPRING_HOST_LABELS: 'GPU' },
      'MAINSPRING_HOST_LABELS: expected labels of lowercase letters, digits, ".", "_" or "-", got "GPU"',
    ],
    [
      { MAINSPRING_HOST_LABELS: 'a,b,c,d,e,f' },
      'MAINSPRING_HOST_LABELS: expected at most 5 labels, got "a,b,c,d,e,f"',
    ],
    [
      { MAINSPRING_HOST_EXCLUSIVE: 'true' },
      'MAINSPRING_HOST_EXCLUSIVE: expected at least one label, because an exclusive host accepts only servers that require one, got "true"',
    ],
    [
      { MAINSPRING_TEMPORAL_PORT: '70000' },
      'MAINSPRING_TEMPORAL_PORT: expected a whole number from 0 to 65535, got "70000"',
    ],
    [
      { MAINSPRING_UI_PORT: 'http' },
      'MAINSPRING_UI_PORT: expected a whole number from 0 to 65535, got "http"',
    ],
    [
      { MAINSPRING_HOST_CAPACITY: '0' },
      'MAINSPRING_HOST_CAPACITY: expected a whole number from 1 to 10000, got "0"',
    ],
    [
      { MAINSPRING_LOG_LEVEL: 'loud' },
      'MAINSPRING_LOG_LEVEL: expected one of trace, debug, info, warn, error, silent, got "loud"',
    ],
    [{ MAINSPRING_DEBUG: 'maybe' }, 'MAINSPRING_DEBUG: expected true or false, got "maybe"'],
    [{ MAINSPRING_HOST_ID: 'a b' }, 'MAINSPRING_HOST_ID: expected 1 to 64 letters'],
  ])('name the variable and what is expected: %j', (env, message) => {
    expect(() => loadSettings(env)).toThrow(message);
  });

  it('name the flag when that is what is wrong', () => {
    expect(() => loadSettings({}, { temporalPort: '-1' })).toThrow(
      '--temporal-port: expected a whole number from 0 to 65535, got "-1"',
    );
    expect(() => loadSettings({}, { hostLabels: ['GPU'] })).toThrow('--label: expected labels');
  });
});

describe('the data directory', () => {
  const folder = useTemporaryFolder();

  it('is created private, with the folders around it', async () => {
    const home = path.join(folder(), 'a', 'b');
    await ensureHome(home);
    await ensureHome(home);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  });

  it('is closed when it is empty, and refused when it is open and has content', async () => {
    const home = path.join(folder(), 'open');
    await mkdir(home);
    await chmod(home, 0o755);
    await ensureHome(home);
    expect((await stat(home)).mode & 0o777).toBe(0o700);

    await chmod(home, 0o755);
    await writeFile(path.join(home, 'letter.txt'), '');
    await expect(ensureHome(home)).rejects.toMatchObject({
      code: 'HOME_UNUSABLE',
      message: `The data directory ${home} is open to other users (mode 755).`,
      fix: expect.stringContaining(`chmod 700 ${home}`) as string,
    });
    expect(await readdir(home)).toEqual(['letter.txt']);
  });

  it('is refused when it is a file, lies below one, or is not absolute', async () => {
    const file = path.join(folder(), 'file');
    await writeFile(file, '');
    for (const home of [file, path.join(file, 'below'), 'relative']) {
      await expect(ensureHome(home)).rejects.toMatchObject({ code: 'HOME_UNUSABLE' });
    }
  });
});
