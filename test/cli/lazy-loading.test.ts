import { runCli } from '../../src/cli/cli';
import { COMMANDS } from '../../src/cli/commands';

/** What takes longest to load. A factory runs only when somebody asks for the package. */
const mockLoaded: string[] = [];
jest.mock('zod', () => mockLoaded.push('zod'));
jest.mock('ajv', () => mockLoaded.push('ajv'));
jest.mock('yaml', () => mockLoaded.push('yaml'));
jest.mock('libsql', () => mockLoaded.push('libsql'));
jest.mock('kysely', () => mockLoaded.push('kysely'));
jest.mock('pino', () => mockLoaded.push('pino'));
jest.mock('undici', () => mockLoaded.push('undici'));
jest.mock('@temporalio/client', () => mockLoaded.push('@temporalio/client'));
jest.mock('@temporalio/worker', () => mockLoaded.push('@temporalio/worker'));
jest.mock('@temporalio/workflow', () => mockLoaded.push('@temporalio/workflow'));
jest.mock('@modelcontextprotocol/client', () => mockLoaded.push('@modelcontextprotocol/client'));

describe('nothing that only an action needs is loaded by', () => {
  beforeEach(() => {
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['the version', ['--version'], 0],
    ['the list of commands', ['--help'], 0],
    ['a command that there is not', ['lst'], 2],
    ...Object.keys(COMMANDS).map((name): [string, string[], number] => [
      `the help of ${name}`,
      [name, '--help'],
      0,
    ]),
  ])('%s', async (_what, argv, code) => {
    expect(await runCli(argv)).toBe(code);
    expect(mockLoaded).toEqual([]);
  });
});
