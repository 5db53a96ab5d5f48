import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { specOf } from '../../src/inventory/normalise';
import { signingKey, signSpec, verifySpec } from '../../src/inventory/signature';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
const spec = specOf('a', { entry: { command: 'node', args: ['x'] }, baseDir: '/' });

it('creates one private key per data directory, even for concurrent callers', async () => {
  const keys = await Promise.all(Array.from({ length: 10 }, () => signingKey(home())));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  expect((await stat(path.join(home(), 'signing.key'))).mode & 0o777).toBe(0o600);
});

it('refuses a key of the wrong size', async () => {
  await writeFile(path.join(home(), 'signing.key'), 'short');
  await expect(signingKey(home())).rejects.toMatchObject({ code: 'HOME_UNUSABLE' });
});

it('accepts its own specs, even as JSON with members in another order', async () => {
  const key = await signingKey(home());
  const signed = signSpec(key, spec);
  const reversed = Object.fromEntries(Object.entries(spec).reverse());
  const journey: unknown = JSON.parse(JSON.stringify(reversed));
  expect(verifySpec(key, { spec: journey as typeof spec, signature: signed.signature })).toEqual(
    spec,
  );
});

it('refuses a changed spec, a changed signature and another key', async () => {
  const key = await signingKey(home());
  const signed = signSpec(key, spec);
  const untrusted = [
    { ...signed, spec: { ...spec, name: 'b' } },
    { ...signed, spec: { ...spec, extra: 1 } },
    { ...signed, signature: '' },
    { ...signed, signature: 'zz' },
    {
      ...signed,
      signature: signed.signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    },
    { ...signed, signature: `${signed.signature}00` },
    signSpec(Buffer.alloc(32), spec),
  ];
  for (const bad of untrusted) {
    expect(() => verifySpec(key, bad)).toThrow('was not signed with the key');
  }
});
