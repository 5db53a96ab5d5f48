import { type Output } from './output';

const CLEAR_BELOW = '\x1b[0J';
const up = (lines: number) => (lines > 0 ? `\x1b[${lines}A` : '');

/** Text that is redrawn in place on a terminal; elsewhere nothing is drawn. */
export interface LiveText {
  draw(text: string): void;
  /** Removes the drawn text. */
  clear(): void;
}

/** Creates a live text on stderr, where everything goes that is not the answer. */
export function liveText({ json }: Pick<Output, 'json'>): LiveText {
  const { stderr, env } = process;
  if (json || !stderr.isTTY || env['TERM'] === 'dumb') {
    return { draw: () => undefined, clear: () => undefined };
  }
  let drawn = 0;
  const write = (text: string) => stderr.write(`${up(drawn)}\r${CLEAR_BELOW}${text}`);
  return {
    draw(text) {
      // Cut to the terminal: a wrapped line could not be counted.
      const lines = text.split('\n').slice(0, room(stderr.rows));
      write(lines.map((line) => line.slice(0, room(stderr.columns))).join('\n') + '\n');
      drawn = lines.length;
    },
    clear() {
      write('');
      drawn = 0;
    },
  };
}

/** Returns a usable size: some pseudo terminals have none and report 0. */
function room(size: number): number {
  return size > 0 ? size - 1 : Infinity;
}
