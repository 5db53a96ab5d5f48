// Runs the health check of a module: calls its default export with what it is about, and exits with 1 and the reason when
// that throws. Argument: the file.
import { pathToFileURL } from 'node:url';

const { MAINSPRING_SERVER, MAINSPRING_SERVER_PID, MAINSPRING_SERVER_URL } = process.env;
const context = {
  server: MAINSPRING_SERVER,
  ...(MAINSPRING_SERVER_PID && { pid: Number(MAINSPRING_SERVER_PID) }),
  ...(MAINSPRING_SERVER_URL && { url: MAINSPRING_SERVER_URL }),
};

try {
  const file = process.argv[2];
  const loaded = await import(pathToFileURL(file).href);
  const check = loaded.default?.default ?? loaded.default; // compiled to CommonJS, it is one level deeper
  if (typeof check !== 'function')
    throw new Error(`The default export of ${file} is not a function`);
  await check(context);
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
