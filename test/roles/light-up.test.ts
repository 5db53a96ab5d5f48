/** What takes most memory. A factory runs only when somebody asks for the package. */
const mockLoaded: string[] = [];
jest.mock('@temporalio/client', () => mockLoaded.push('@temporalio/client'));
jest.mock('@temporalio/common', () => mockLoaded.push('@temporalio/common'));
jest.mock('@temporalio/envconfig', () => mockLoaded.push('@temporalio/envconfig'));
jest.mock('@temporalio/worker', () => mockLoaded.push('@temporalio/worker'));
jest.mock('kysely', () => mockLoaded.push('kysely'));
jest.mock('pino', () => mockLoaded.push('pino'));
jest.mock('undici', () => mockLoaded.push('undici'));
jest.mock('ajv', () => mockLoaded.push('ajv'));

test('`up`, which lives as long as the instance, loads nothing that only its roles need', async () => {
  await import('../../src/roles/up.js');
  await import('../../src/cli/commands/up.js');
  expect(mockLoaded).toEqual([]);
});
