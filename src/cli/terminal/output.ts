import { type ErrorReport } from '../../base/errors';
import { type Spinner, startSpinner } from './spinner';
import { type Trace } from '../trace';

/** Command that was refused, or failed: on a wrong command line nothing but the error is known. */
interface Refused extends Partial<Trace> {
  error: ErrorReport;
  server?: string;
}

/** Output of a command: its answer to stdout, everything else to stderr. */
export interface Output {
  readonly json: boolean;
  /** Whether to use colour and icons: only on a terminal, and not with NO_COLOR. */
  readonly fancy: boolean;
  /** Prints the answer: the value with --json, the text for a person otherwise. */
  answer: (value: unknown, text: string) => void;
  /** Prints a line of an endless stream, such as `events --follow`; with --json a document per line. */
  line: (value: unknown, text: string) => void;
  /** Shows the progress to a person. */
  progress: (text: string) => void;
  /** Shows that something takes time, until the next output. */
  spin: (text: string) => void;
  /** Prints an error; to stdout with --json, unless the one document there has been written. */
  error: (refused: Refused, stack: string | undefined) => void;
}

export function createOutput({ json }: { json: boolean }): Output {
  const isTerminal = Boolean(process.stdout.isTTY);
  const fancy = isTerminal && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb' && !json;
  let spinner: Spinner | undefined;
  let hasAnswered = false;
  const stopSpinner = () => {
    spinner?.stop();
    spinner = undefined;
  };
  const err = (text: string) => {
    stopSpinner();
    process.stderr.write(`${text}\n`);
  };
  const out = (text: string) => {
    stopSpinner();
    hasAnswered = true;
    process.stdout.write(`${text}\n`);
  };
  return {
    json,
    fancy,
    answer(value, text) {
      if (json || text) out(json ? JSON.stringify(value, null, 2) : text);
    },
    line(value, text) {
      out(json ? JSON.stringify(value) : text);
    },
    progress: err,
    spin(text) {
      stopSpinner();
      if (!json) spinner = startSpinner(text);
    },
    error(refused, stack) {
      if (json && !hasAnswered) out(JSON.stringify(refused, null, 2));
      else err(errorText(refused.error));
      if (stack) err(stack);
    },
  };
}

function errorText({ code, message, fix }: ErrorReport): string {
  return `Error [${code}] ${message}${fix ? `\nTry: ${fix}` : ''}`;
}
