import {
  callId,
  callQueue,
  controlQueue,
  parseCallId,
  SERVER_NAME,
  serverWorkflowId,
  sessionWorkflowId,
} from '../../src/domain/names';

const DIGEST = 'a1'.repeat(32);

test.each([
  ['a', true],
  ['files', true],
  ['My-Server_2', true],
  ['9lives', true],
  ['x'.repeat(64), true],
  ['', false],
  ['x'.repeat(65), false],
  ['-files', false],
  ['_files', false],
  ['my files', false],
  ['files/etc', false],
  ['../etc', false],
  ['files\n', false],
  ['grün', false],
  ['files~2', false],
  ["files' OR '1'='1", false],
])('%j is a server name: %s', (name, expected) => {
  expect(SERVER_NAME.test(name)).toBe(expected);
});

test('ids and queues are what other processes expect', () => {
  expect(serverWorkflowId('files')).toBe('mcp-server/files');
  expect(sessionWorkflowId('files', 3)).toBe('mcp-session/files/3');
  expect(callQueue('files')).toBe('mcp:srv:files');
  expect(controlQueue('files')).toBe('mcp:ctl:files');
});

describe('the id of a call', () => {
  test.each([1, 2, 100])('gives its parts back for submission %d', (submission) => {
    const id = callId('files', DIGEST, submission);
    expect(parseCallId(id)).toEqual({ server: 'files', keyDigest: DIGEST, submission });
  });

  test('has no suffix at first', () => {
    expect(callId('files', DIGEST)).toBe(`call/files/${DIGEST}`);
    expect(callId('files', DIGEST, 2)).toBe(`call/files/${DIGEST}~2`);
  });

  test.each([
    'files',
    `call/files`,
    `call//${DIGEST}`,
    `call/files/${DIGEST.slice(1)}`,
    `call/files/${DIGEST}~`,
    `call/files/${DIGEST}~x`,
    `call/files/more/${DIGEST}`,
    `x call/files/${DIGEST}`,
  ])('is not %j', (id) => {
    expect(parseCallId(id)).toBeUndefined();
  });
});
