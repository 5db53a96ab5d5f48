import { pipSettings, readPipSettings } from '../../../src/programs/python/pip-settings';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();

it('reads the output of pip; variables take precedence', () => {
  const list = [
    "global.index-url='https://mirror/simple'",
    "global.extra-index-url='https://a\\nhttps://b'",
    "global.cert='/global'",
    "install.cert='/install'",
    ":env:.index-url='https://shown'",
    'nonsense',
  ].join('\n');
  const settings = readPipSettings(list, { PIP_INDEX_URL: 'https://own', PIP_NO_INDEX: '0' });
  expect(Object.fromEntries(settings)).toEqual({
    'index-url': ['https://own'],
    'extra-index-url': ['https://a', 'https://b'],
    cert: ['/install'],
  });
});

it('sets the variables of uv, unless they are already set', async () => {
  const env = {
    PIP_INDEX_URL: 'https://u:p@mirror/simple',
    PIP_EXTRA_INDEX_URL: 'https://a https://b',
    PIP_FIND_LINKS: `${folder()} /no/such/folder https://h/links`,
    PIP_TRUSTED_HOST: 'h',
    PIP_CERT: '/cert',
    PIP_NO_INDEX: '1',
    UV_EXTRA_INDEX_URL: 'https://other',
  };
  expect(await pipSettings(undefined, { env })).toEqual({
    env: {
      UV_DEFAULT_INDEX: 'https://u:p@mirror/simple',
      UV_FIND_LINKS: `${folder()},https://h/links`,
      UV_INSECURE_HOST: 'h',
      SSL_CERT_FILE: '/cert',
    },
    flags: ['--no-index'],
  });
  expect(await pipSettings(undefined, { env: {} })).toEqual({ env: {}, flags: [] });
});
