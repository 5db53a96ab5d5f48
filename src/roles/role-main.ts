import { loadSettings } from '../config';
import { reportOf } from '../base/errors';
import { OWN_ROLES } from './role-names';
import { runUnderUp } from './run-under-up';

/** Program of the processes that `up` starts. Arguments: the roles to run. */
async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.stderr.on('error', () => undefined); // a log on a full disk must not end a role
  const names = process.argv.slice(2);
  const settings = loadSettings(process.env);
  try {
    await runUnderUp(
      OWN_ROLES.filter((role) => names.includes(role)),
      settings,
      stop.signal,
    );
    process.exit(0);
  } catch (error) {
    const { code, message, fix } = reportOf(error);
    const stack = settings.debug && error instanceof Error ? `${error.stack}\n` : '';
    process.stderr.write(`Error [${code}] ${message}\nTry: ${fix}\n${stack}`);
    process.exit(1);
  }
}

void main();
