import {
  callId,
  callQueue,
  controlQueue,
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

test('the id of a call has no suffix at first', () => {
  expect(callId('files', DIGEST)).toBe(`call/files/${DIGEST}`);
  expect(callId('files', DIGEST, 2)).toBe(`call/files/${DIGEST}~2`);
});
