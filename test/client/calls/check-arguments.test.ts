import { checkArguments } from '../../../src/client/calls/check-arguments';
import { newEntity } from '../../../src/domain/entity/entity';
import { snapshotOf } from '../../../src/domain/messages';
import { type StdioSpec } from '../../../src/domain/spec';
import { type ToolCatalogue } from '../../../src/domain/catalogue/tools';
import { signedSpec } from '../../domain/samples';

const inputSchema = { type: 'object', properties: { id: { type: 'integer' } } };
const catalogue: ToolCatalogue = {
  ...{ server: 'files', toolsHash: 'a', listedAtMs: 0 },
  tools: [{ name: 'get', inputSchema }],
};
const check = (over: Partial<StdioSpec> = {}) => {
  const server = snapshotOf(newEntity('files', signedSpec(over), 'run', 0));
  return checkArguments({ catalogue: async () => catalogue }, server, 'get', { id: '5' });
};

test('a text for a number is refused, and the switch for it is named', async () => {
  await expect(check()).rejects.toMatchObject({
    ...{ code: 'INVALID_ARGUMENTS', message: '"id" must be of type integer, got "5"' },
    fix: expect.stringContaining('"checkArguments": false') as string,
  });
});

test('it is passed on where the entry of the server says so', async () => {
  expect(await check({ checkArguments: false })).toMatchObject({ definition: { name: 'get' } });
});
