import { createConnection, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { jsonLines } from '../../src/process/json-lines';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const open: { close(): unknown }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));

/** Two ends of a real socket. */
async function pair(): Promise<[Socket, Socket]> {
  const file = path.join(folder(), 's.sock');
  let accept: (socket: Socket) => void = () => undefined;
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const server = createServer((socket) => accept(socket)).listen(file);
  const client = createConnection(file);
  const other = await accepted;
  open.push(server, { close: () => client.destroy() }, { close: () => other.destroy() });
  return [client, other];
}

function received(socket: Socket, maxBytes = 1_000) {
  const values: unknown[] = [];
  let settle: (end: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => (settle = resolve));
  const lines = jsonLines(socket, {
    maxBytes,
    onValue: (value) => {
      values.push(value);
      if (value === 'end') settle('');
    },
    onBroken: settle,
  });
  return { values, broken, lines };
}

it('hands on one document per line, however they are cut and whatever characters they have', async () => {
  const [from, to] = await pair();
  const { values, broken } = received(to);
  const { lines } = received(from);
  lines.send(JSON.stringify({ text: 'Grüße\n' }));
  lines.send('[1,2]');
  lines.send('"end"');
  expect(await broken).toBe('');
  expect(values).toEqual([{ text: 'Grüße\n' }, [1, 2], 'end']);
});

it.each([
  ['{"half":', 'a line is not valid JSON'],
  [`"${'x'.repeat(1_000)}"`, 'a line has more than 1000 bytes'],
])('reads nothing more after what is broken', async (text, why) => {
  const [from, to] = await pair();
  const { values, broken } = received(to);
  from.write(`1\n${text}\n2\n`);
  expect(await broken).toBe(why);
  expect(values).toEqual([1]);
});

it('counts what the other side has not taken', async () => {
  const [from, to] = await pair();
  to.pause();
  const { lines } = received(from);
  const document = JSON.stringify('x'.repeat(1_000_000));
  for (let sent = 0; sent < 5; sent++) lines.send(document);
  expect(lines.backlog).toBeGreaterThan(4_000_000);
  to.resume();
  await new Promise((resolve) => from.once('drain', resolve));
  expect(lines.backlog).toBe(0);
});
