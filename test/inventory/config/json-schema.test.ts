import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Ajv from 'ajv/dist/2020';
import { configJsonSchema } from '../../../src/inventory/config/json-schema';

const ROOT = path.resolve(__dirname, '../../..');
const published = async (file: string) =>
  JSON.parse(await readFile(path.join(ROOT, file), 'utf8')) as object;

it('matches the published schema (npm run schema)', async () => {
  expect(await published('schema/mainspring.schema.json')).toEqual(configJsonSchema());
});

it('accepts the examples, and reports a misspelt member', async () => {
  const check = new Ajv({ strict: false }).compile(
    await published('schema/mainspring.schema.json'),
  );
  expect(check(await published('examples/quickstart.json'))).toBe(true);
  expect(check(await published('examples/profiles.json'))).toBe(true);
  expect(check({ mcpServers: { a: { comand: 'x' } } })).toBe(false);
});
