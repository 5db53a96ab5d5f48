import { fitLine, fitLines } from '../text/fit-line';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[0J';
const CTRL_C = '\u0003';
/** Size of pseudo terminals that have none and report 0. */
const DEFAULT_SIZE = { rows: 24, columns: 80 };

/** Full-screen view of the terminal, redrawn again and again; the previous content is restored in the end. */
export interface Screen {
  /** Fires when the user quits: q or Ctrl-C. */
  readonly left: AbortSignal;
  /** Width in columns. */
  readonly columns: number;
  draw(lines: readonly string[]): void;
  close(): void;
}

/** Takes over the terminal; undefined when stdout is not one. */
export function openScreen(interrupted: AbortSignal): Screen | undefined {
  const { stdin, stdout, env } = process;
  if (!stdout.isTTY || env['TERM'] === 'dumb') return undefined;
  const leave = new AbortController();
  const onKeys = (keys: Buffer) => {
    const text = keys.toString();
    if (text.includes('q') || text.includes(CTRL_C)) leave.abort();
  };
  let shown: readonly string[] = [];
  const draw = (lines: readonly string[]) => {
    shown = lines;
    const columns = stdout.columns || DEFAULT_SIZE.columns;
    const fitting = fitLines(lines, stdout.rows || DEFAULT_SIZE.rows).map(
      (line) => fitLine(line, columns) + CLEAR_LINE,
    );
    stdout.write(`${HOME}${fitting.join('\r\n')}${CLEAR_BELOW}`);
  };
  const redraw = () => draw(shown);
  stdout.write(ENTER);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', onKeys).resume();
  }
  stdout.on('resize', redraw);
  return {
    left: AbortSignal.any([leave.signal, interrupted]),
    get columns() {
      return stdout.columns || DEFAULT_SIZE.columns;
    },
    draw,
    close() {
      stdout.off('resize', redraw);
      stdin.off('data', onKeys).pause();
      if (stdin.isTTY) stdin.setRawMode(false);
      stdout.write(LEAVE);
    },
  };
}
