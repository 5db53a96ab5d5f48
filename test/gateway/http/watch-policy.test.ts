import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pino from 'pino';
import { type PolicyWatch, watchPolicy } from '../../../src/gateway/http/watch-policy';
import { updateInventory } from '../../../src/inventory/inventory';
import { type WrittenGateway } from '../../../src/inventory/fields/gateway-field';
import { useTemporaryFolder } from '../../temporary-folder';
import { sha256, until } from './front-harness';

const home = useTemporaryFolder();
const logger = pino({ level: 'silent' });
let watch: PolicyWatch | undefined;
afterEach(() => watch?.close());

const record = (gateway: WrittenGateway) =>
  updateInventory(home(), (inventory) => ({
    ...inventory,
    gateway: [{ ...gateway, origin: '/x', baseDir: home() }],
  }));
const digests = () => watch?.current().keys.map((key) => key.sha256);

it('follows the inventory and the files of keys, and keeps what it has when they are broken', async () => {
  const file = path.join(home(), 'a.key');
  watch = await watchPolicy(home(), logger, {});
  expect(watch.current().keys).toEqual([]);
  await writeFile(file, 'the first key of all');
  await record({ keys: { a: '${file:a.key}' }, limits: { calls: 5 } });
  await until(() => digests()?.[0] === sha256('the first key of all'));
  expect(watch.current().limits.calls).toBe(5);
  await writeFile(file, 'short');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(digests()).toEqual([sha256('the first key of all')]);
  await writeFile(file, 'the second key of all');
  await until(() => digests()?.[0] === sha256('the second key of all'));
});

it('lets nobody in with a key whose file has gone, tells of the change, and keeps the others', async () => {
  const file = path.join(home(), 'a.key');
  await writeFile(file, 'the key that will go');
  await record({ keys: { a: '${file:a.key}', b: '${B}' } });
  watch = await watchPolicy(home(), logger, { B: 'the key that will stay' });
  let changes = 0;
  watch.onChange(() => (changes += 1));
  await rm(file);
  await until(() => changes === 1);
  expect(digests()).toEqual(['0'.repeat(64), sha256('the key that will stay')]);
  expect(watch.current().keys.map(({ name }) => name)).toEqual(['a', 'b']); // not open to everybody
  await writeFile(file, 'the key that is back again');
  await until(() => changes === 2);
  expect(digests()?.[0]).toBe(sha256('the key that is back again'));
});

it('does not begin without a key that it needs', async () => {
  await record({ keys: { a: '${NOT_SET}' } });
  await expect(watchPolicy(home(), logger, {})).rejects.toMatchObject({ code: 'VARIABLE_UNSET' });
  watch = await watchPolicy(home(), logger, { NOT_SET: 'now it is set, and long' });
  expect(digests()).toEqual([sha256('now it is set, and long')]);
});
