import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import pino from 'pino';
import { type PolicyWatch, watchPolicy } from '../../../src/gateway/http/watch-policy';
import { updateInventory } from '../../../src/inventory/inventory';
import { type WrittenGateway } from '../../../src/inventory/gateway-field';
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

it('does not begin without a key that it needs', async () => {
  await record({ keys: { a: '${NOT_SET}' } });
  await expect(watchPolicy(home(), logger, {})).rejects.toMatchObject({ code: 'VARIABLE_UNSET' });
  watch = await watchPolicy(home(), logger, { NOT_SET: 'now it is set, and long' });
  expect(digests()).toEqual([sha256('now it is set, and long')]);
});
