import { runCli } from './cli';
import { EXIT } from './exit-codes';

// A reader that closes the pipe early (`mainspring list | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`Cannot write to stdout: ${error.message}\n`);
  process.exit(EXIT.failed);
});
// Nobody reads the progress anymore, or a log is on a full disk; the answer and the exit code count.
process.stderr.on('error', () => undefined);

void runCli(process.argv.slice(2)).then((exitCode) => {
  // Connections that are still closing must not keep the terminal waiting, but a slow reader gets everything.
  process.stdout.write('', (error) => {
    if (!error) process.exit(exitCode); // else 'error' follows
  });
});
