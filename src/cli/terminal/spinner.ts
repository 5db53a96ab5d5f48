const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\x1b[2K';

export interface Spinner {
  stop(): void;
}

/** Shows on a terminal that something takes time; nothing elsewhere. */
export function startSpinner(text: string): Spinner | undefined {
  const { stderr, env } = process;
  if (!stderr.isTTY || env['NO_COLOR'] || env['TERM'] === 'dumb') return undefined;
  let frame = 0;
  const draw = () => {
    // Cut to one line: a wrapped one could not be cleared.
    const line = `${FRAMES[frame++ % FRAMES.length]} ${text}`.slice(0, stderr.columns - 1);
    stderr.write(CLEAR_LINE + line);
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      stderr.write(CLEAR_LINE);
    },
  };
}
