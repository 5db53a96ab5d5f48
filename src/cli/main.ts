import { runCli } from './cli';

// A reader that has seen enough (`mainspring list | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// Nobody hears what is going on any more; the answer and the exit code count.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

void runCli(process.argv.slice(2)).then((exitCode) => {
  // Connections that are still closing must not keep the terminal waiting, but a slow reader gets everything.
  process.stdout.write('', () => process.exit(exitCode));
});
