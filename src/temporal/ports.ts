import { createServer } from 'node:net';
import { MainspringError } from '../base/errors';
import { hasCode } from '../base/durable-file';

/** Number of ports after a taken one that are tried before the system picks any. */
const NEIGHBOURS_TRIED = 100;
const MAX_PORT = 65_535;

/** Returns `preferred` if it is free, otherwise the next free port; with 0 any free port. */
export async function choosePort(preferred: number, ip: string): Promise<number> {
  const last = Math.min(preferred + NEIGHBOURS_TRIED, MAX_PORT);
  for (let port = preferred; port > 0 && port <= last; port++) {
    if ((await listen(port, ip)) !== undefined) return port;
  }
  const free = await listen(0, ip);
  if (free === undefined) throw new MainspringError('PORT_TAKEN', `no port of ${ip} is free`);
  return free;
}

/** Binds and releases a port; resolves with its number, or with undefined if it is taken. */
function listen(port: number, ip: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (hasCode(error, 'EADDRINUSE')) resolve(undefined);
      else reject(unusable(port, ip, error));
    });
    server.listen({ port, host: ip, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function unusable(port: number, ip: string, cause: Error): MainspringError {
  return new MainspringError('PORT_TAKEN', `cannot listen on ${ip}:${port}: ${cause.message}`, {
    fix: 'Choose an address of this machine and a port that you may use.',
    cause,
  });
}
