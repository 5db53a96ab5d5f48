import { type ErrorReport } from '../domain/errors';

/** Where a command writes: its answer to stdout, everything else to stderr. */
export interface Output {
  readonly json: boolean;
  /** Colour, icons and spinners: only on a terminal, and not with NO_COLOR. */
  readonly fancy: boolean;
  /** The answer: the value with --json, the text for a person otherwise. */
  answer: (value: unknown, text: string) => void;
  /** A line of a stream that has no end, such as `events --follow`; with --json a document per line. */
  line: (value: unknown, text: string) => void;
  /** What is going on, for a person. */
  progress: (text: string) => void;
  /** Shows that something takes time, until `stop` is called. */
  spin: (text: string) => { stop: () => void };
  error: (report: ErrorReport, stack: string | undefined) => void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\x1b[2K';

export function createOutput({ json }: { json: boolean }): Output {
  const fancy = process.stdout.isTTY && !process.env['NO_COLOR'] && !json;
  const err = (text: string) => process.stderr.write(`${text}\n`);
  return {
    json,
    fancy,
    answer(value, text) {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      else if (text) process.stdout.write(`${text}\n`);
    },
    line(value, text) {
      process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    },
    progress: err,
    spin(text) {
      if (!process.stderr.isTTY || json) return { stop: () => undefined };
      let frame = 0;
      const draw = () => {
        process.stderr.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${text}`);
      };
      draw();
      const timer = setInterval(draw, FRAME_MS);
      return {
        stop() {
          clearInterval(timer);
          process.stderr.write(CLEAR_LINE);
        },
      };
    },
    error(report, stack) {
      if (json) {
        process.stdout.write(`${JSON.stringify({ error: report }, null, 2)}\n`);
        if (stack) err(stack);
      } else {
        err(`Error [${report.code}] ${report.message}`);
        if (report.fix) err(`Try: ${report.fix}`);
        if (stack) err(stack);
      }
    },
  };
}
